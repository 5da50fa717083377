/** What a plugin's answer about its own data means for a backup. Pure: the one place where that is decided, for the plugins of print servers and printkeep's own. */
import {Buffer} from 'node:buffer';
import type {InstanceRef} from '../../client/protocol.js';
import type {Layout} from '../../servers/adapter.js';
import {escapeName} from '../scan/names.js';

/** Names under which the folders and files of a layout can be meant by an absolute path, and where they stand inside the data folder. */
export type KnownPlaces = readonly {readonly path: string; readonly target: string}[];

export type MeantByAnswer = {
	/** What the plugins asked after it are told beside what they are told anyway. */
	readonly told: readonly string[];
	/** Paths inside the data folder that stay out: no doubles, no trailing slash. */
	readonly paths: readonly string[];
};

/** Joins as Python's `os.path.join` does: what starts with `/` stands for itself. */
const join = (...parts: readonly string[]): string =>
	parts.reduce((all, part) =>
		part.startsWith('/') ? part : all === '' || all.endsWith('/') ? all + part : `${all}/${part}`,
	);

/** The bytes of a name that came from Python, where bytes that are no UTF-8 stand as lone surrogates. */
const bytesOf = (name: string): Buffer =>
	Buffer.concat(
		[...name].map(character => {
			const point = character.codePointAt(0) ?? 0;
			return point >= 0xdc80 && point <= 0xdcff ? Buffer.of(point - 0xdc00) : Buffer.from(character);
		}),
	);

/** The path as a walk calls it; undefined for one that no walk comes by, and that therefore has no effect. */
const walked = (path: string): string | undefined => {
	const names = path.split('/');
	return names.some(name => name === '' || name === '.' || name === '..' || name.includes('\0'))
		? undefined
		: names.map(name => escapeName(bytesOf(name))).join('/');
};

/** The places of an instance by the absolute paths a plugin may know them under: as they are called in the data folder, and as they really are. */
export const knownPlaces = (
	{parts}: Pick<Layout, 'parts'>,
	{dataFolder}: Pick<InstanceRef, 'dataFolder'>,
): KnownPlaces =>
	parts
		.flatMap(({roots}) => roots)
		.flatMap(({source, target, external, link}) => [
			{path: source, target},
			// What is configured to lie elsewhere is not what lies under its usual name.
			...(external && link === undefined ? [] : [{path: `${dataFolder}/${target}`, target}]),
		]);

const placeOf = (path: string, places: KnownPlaces): string | undefined => {
	for (const {path: known, target} of places) {
		if (path === known) {
			return target;
		}

		const below = path.startsWith(`${known}/`) ? walked(path.slice(known.length + 1)) : undefined;
		if (below !== undefined) {
			return `${target}/${below}`;
		}
	}

	return undefined;
};

/**
 * What an answer means: each item is joined to `data/<plugin>` and stands for exactly that path and all below it; `.` among the items stands for the whole
 * folder; an absolute path counts where it lies in a place of the instance. Patterns, `..`, `./x` and trailing slashes have no effect, and neither has an
 * answer that is no list of strings.
 * Source: `_create_backup` in OctoPrint's Backup plugin, 1.5 to 2.0.
 */
export const meantByAnswer = (plugin: string, answer: unknown, places: KnownPlaces): MeantByAnswer => {
	if (!Array.isArray(answer)) {
		return {told: [], paths: []};
	}

	const items: readonly unknown[] = answer;
	const told: string[] = [];
	for (const item of items.includes('.') ? [] : items) {
		if (typeof item !== 'string') {
			// The server gives up here: nothing of it counts, but what came before has been told to the others.
			return {told, paths: []};
		}

		told.push(join('data', plugin, item));
	}

	if (items.includes('.')) {
		told.push(join('data', plugin));
	}

	const paths = told.flatMap(path => (path.startsWith('/') ? placeOf(path, places) : walked(path)) ?? []);
	return {told, paths: [...new Set(paths)]};
};
