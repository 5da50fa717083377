/** Answers of a server's plugins, kept for a while: to ask them takes seconds, and they are wanted several times around a backup. */
import {createHash} from 'node:crypto';
import {readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import * as v from 'valibot';
import type {PluginAnswers} from '../../servers/adapter.js';
import {discard, makeLastingFolders, replaceFile} from '../durable-file.js';
import type {EnginePorts} from '../ports.js';

/**
 * Plugins may look at their files before they answer, which nothing tells: so answers are kept only as long as somebody goes from the screen to the backup.
 * One that did not come is kept for less, so that a plugin that hangs keeps nobody waiting several times in a row.
 */
export const keptMilliseconds = {answer: 3_600_000, 'no-answer': 600_000} as const satisfies Record<
	PluginAnswers['type'],
	number
>;

/** Of several instances, each with several choices of parts. */
const mostKept = 24;

const maximumBytes = 2_000_000;

const schema = v.object({
	at: v.number(),
	answers: v.variant('type', [
		v.object({
			type: v.literal('answer'),
			plugins: v.array(
				v.object({
					plugin: v.string(),
					name: v.string(),
					items: v.nullable(v.array(v.nullable(v.string()))),
					error: v.exactOptional(v.string()),
				}),
			),
		}),
		v.object({type: v.literal('no-answer'), reason: v.string(), detail: v.string()}),
	]),
});

type Ports = Pick<EnginePorts, 'disk' | 'clock' | 'stateFolder' | 'randomHex'>;

const folderOf = ({stateFolder}: Pick<Ports, 'stateFolder'>): string => join(stateFolder, 'plugin-answers');

const pathOf = (ports: Pick<Ports, 'stateFolder'>, question: string): string =>
	join(folderOf(ports), `${createHash('sha256').update(question).digest('hex').slice(0, 32)}.json`);

/**
 * The answer to a question, if it was given a short while ago.
 * @param question everything the answer depends on, as text.
 */
export const keptAnswers = (ports: Pick<Ports, 'clock' | 'stateFolder'>, question: string): PluginAnswers | null => {
	try {
		const path = pathOf(ports, question);
		if (statSync(path).size > maximumBytes) {
			return null;
		}

		const {at, answers} = v.parse(schema, JSON.parse(readFileSync(path, 'utf8')));
		const age = ports.clock.now() - at;
		return age >= 0 && age < keptMilliseconds[answers.type] ? answers : null;
	} catch {
		return null;
	}
};

/** Keeps an answer, and forgets the oldest ones. Never throws: without it they are asked again. */
export const keepAnswers = async (ports: Ports, question: string, answers: PluginAnswers): Promise<void> => {
	const {disk, clock} = ports;
	try {
		const folder = folderOf(ports);
		await makeLastingFolders(disk, folder);
		const bytes = Buffer.from(JSON.stringify({at: clock.now(), answers}));
		await replaceFile(disk, pathOf(ports, question), bytes, {randomHex: ports.randomHex(8)});
		const files = readdirSync(folder).map(name => {
			const path = join(folder, name);
			return {path, modified: statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? 0};
		});
		for (const {path} of files.sort((a, b) => b.modified - a.modified).slice(mostKept)) {
			discard(disk, path);
		}
	} catch {
		// The disk is full, or another printkeep tidies up at the same time.
	}
};
