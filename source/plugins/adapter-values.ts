/** What a plugin's server adapter answers, read with care: whatever it names, it names inside the data folder, and not without end. */
import {posix} from 'node:path';
import * as v from 'valibot';
import type {ServerActivity} from '../client/protocol.js';
import {readAnswer} from './answer.js';
import type {AdapterPart} from './api.js';

const line = v.pipe(
	v.string(),
	v.transform(text => text.slice(0, 200)),
);

const absolutePath = v.pipe(
	v.string(),
	v.maxLength(4096),
	v.check(path => path.startsWith('/') && !path.includes('\0')),
	v.transform(path => posix.normalize(path).replace(/(?<=.)\/+$/u, '')),
);

const found = v.pipe(v.array(v.object({dataFolder: absolutePath, name: v.optional(line)})), v.maxLength(100));

const inspected = v.nullable(
	v.object({
		version: v.nullable(line),
		name: v.optional(line),
		serviceUnit: v.optional(v.pipe(v.string(), v.regex(/^[\w@.:-]{1,200}\.service$/u))),
	}),
);

const activity = v.object({
	state: v.picklist(['stopped', 'idle', 'printing', 'paused', 'unknown']),
	detail: v.optional(line, ''),
});

/** True for a path that leads out of the data folder, is all of it, or belongs to printkeep. */
const isOutside = (path: string): boolean =>
	path === '.' ||
	path.startsWith('/') ||
	path === '..' ||
	path.startsWith('../') ||
	/[\0\\]/u.test(path) ||
	/(?:^|\/)\.printkeep/u.test(path);

const innerPath = v.pipe(
	v.string(),
	v.minLength(1),
	v.maxLength(1024),
	v.transform(path => posix.normalize(path).replace(/\/+$/u, '')),
	v.check(path => path !== '' && !isOutside(path), 'a path inside the data folder'),
);

const part = v.object({
	name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/u)),
	title: v.optional(line, ''),
	paths: v.pipe(v.array(innerPath), v.maxLength(200)),
	inclusion: v.optional(v.picklist(['required', 'included', 'excluded', 'never']), 'included'),
	reason: v.optional(line, ''),
});

const parts = v.pipe(v.array(part), v.maxLength(100));

/** Name of the part of what belongs to no other. */
export const restName = 'other';

/** A part with nothing left open. */
export type CheckedPart = Required<AdapterPart>;

/** @throws TypeError */
export const readFound = (
	answer: unknown,
): readonly {readonly dataFolder: string; readonly name?: string | undefined}[] => readAnswer(found, answer);

/** @throws TypeError */
export const readInspected = (
	answer: unknown,
): {
	readonly version: string | null;
	readonly name?: string | undefined;
	readonly serviceUnit?: string | undefined;
} | null => readAnswer(inspected, answer);

/** @throws TypeError */
export const readActivity = (answer: unknown): ServerActivity => readAnswer(activity, answer);

/** @throws TypeError for paths that lead out of the data folder, for a name or path that is there twice, and for more than there can be */
export const readParts = (answer: unknown): readonly CheckedPart[] => {
	const read = readAnswer(parts, answer);
	const names = read.map(({name}) => name);
	if (names.includes(restName)) {
		throw new TypeError(`a part cannot be called ${restName}: that is what belongs to no part.`);
	}

	const paths = read.flatMap(one => one.paths);
	const double =
		names.find((name, place) => names.indexOf(name) !== place) ??
		paths.find((path, place) => paths.indexOf(path) !== place);
	if (double !== undefined) {
		throw new TypeError(`${double} is there twice.`);
	}

	return read.map(one => ({...one, title: one.title || one.name}));
};
