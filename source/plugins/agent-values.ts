/** What a plugin's agents answer, read with care. Texts stay as they are; whoever shows them makes them safe. */
import * as v from 'valibot';
import {readAnswer} from './answer.js';
import type {AgentBackup, PluginRecordData} from './api.js';

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The last moment a date can stand for. */
const latestTime = 8.64e15;

const shortText = v.pipe(
	v.string(),
	v.transform(text => text.slice(0, 200)),
);

const agents = v.pipe(
	v.array(
		v.object({
			id: v.pipe(v.string(), v.regex(/^[a-z0-9_-]{1,64}$/u)),
			name: v.optional(shortText, ''),
		}),
	),
	v.maxLength(100),
);

const backup = v.object({
	// A control character in the name of an archive is nobody's name for one.
	id: v.pipe(v.string(), v.minLength(1), v.maxLength(1024), v.regex(/^\P{Cc}+$/u)),
	name: v.optional(shortText, ''),
	bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
	createdAt: v.pipe(v.number(), v.minValue(0), v.maxValue(latestTime)),
	instance: v.optional(shortText),
	sha256: v.optional(
		v.pipe(
			v.string(),
			v.regex(/^[0-9a-f]{64}$/iu),
			v.transform(text => text.toLowerCase()),
		),
	),
	extra: v.optional(v.custom<PluginRecordData>(isRecord)),
});

const backups = v.pipe(v.array(backup), v.maxLength(10_000));

/** @throws TypeError for what is no list of agents, or has two of the same id */
export const readAgentList = (answer: unknown): readonly {readonly id: string; readonly name: string}[] => {
	const found = readAnswer(agents, answer);
	if (new Set(found.map(({id}) => id)).size !== found.length) {
		throw new TypeError('it has two agents of the same id.');
	}

	return found;
};

/** @throws TypeError */
export const readAgentBackup = (answer: unknown): AgentBackup => readAnswer(backup, answer) as AgentBackup;

/** @throws TypeError */
export const readAgentBackups = (answer: unknown): readonly AgentBackup[] =>
	readAnswer(backups, answer) as readonly AgentBackup[];
