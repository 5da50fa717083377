/** How the data of a server that a plugin knows is laid out: its parts, and one more for what belongs to none of them. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type {InstanceRef} from '../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {Layout, PartDefinition, PartRoot, RestoreTarget} from '../servers/adapter.js';
import {lookAtLink} from '../servers/look.js';
import {pathInside, realPathOf} from '../servers/real-path.js';
import {isSystemFolder} from '../servers/system-folders.js';
import {type CheckedPart, restName} from './adapter-values.js';

/** What entry names of the data begin with: `printkeep.json` and a file of that name in the data folder are two things. */
export const pluginPrefix = 'data/';

export const restTitle = 'Everything else';

type Paths = readonly {readonly name: string; readonly paths?: readonly string[]}[];

/** The part a path belongs to: the one with the longest path that leads to it. @param target folders may end with `/` */
export const partOfPath = (parts: Paths, target: string): string => {
	const wanted = target.replace(/\/$/u, '');
	let best = {name: restName, length: 0};
	for (const {name, paths = []} of parts) {
		for (const each of paths) {
			if (each.length > best.length && (wanted === each || wanted.startsWith(`${each}/`))) {
				best = {name, length: each.length};
			}
		}
	}

	return best.name;
};

/** One path of a part as a root; undefined when nothing is there, or nothing that can be one. */
const rootAt = (base: string, target: string, warn: (text: string) => void): PartRoot | undefined => {
	const place = path.join(base, target);
	const own = lookAtLink(place);
	if (!own) {
		return undefined;
	}

	const real = realPathOf(place);
	const stats = fs.statSync(place, {throwIfNoEntry: false});
	if (real === base || pathInside(real, base) !== undefined || !(stats?.isDirectory() || stats?.isFile())) {
		if (own.isSymbolicLink()) {
			warn(`${safeText(target)} is a link that leads nowhere, or to the data folder itself: only the link is stored.`);
		}

		return undefined;
	}

	return {
		source: real,
		target,
		type: stats.isDirectory() ? 'directory' : 'file',
		external: real !== place,
		...(own.isSymbolicLink() ? {link: fs.readlinkSync(place)} : {}),
	};
};

/** Real path of a folder outside the data folder that a link in it leads to; undefined for every other link. */
const linkedFolder = (base: string, link: string): string | undefined => {
	const real = realPathOf(link);
	const isApart = real !== base && pathInside(base, real) === undefined && pathInside(real, base) === undefined;
	return isApart && fs.statSync(real, {throwIfNoEntry: false})?.isDirectory() ? real : undefined;
};

/** What lies directly in the data folder and is no part's root. @param isOurs tells folders of backups, which are none of the data, by their real paths */
const restRoots = (
	base: string,
	taken: ReadonlySet<string>,
	isOurs: (source: string) => boolean,
): readonly PartRoot[] => {
	let names: readonly Buffer[];
	try {
		names = fs.readdirSync(base, {encoding: 'buffer'}).sort(Buffer.compare);
	} catch (error) {
		const {message, hint} = toPrintkeepError(error, `The data folder ${safeText(base)} cannot be read`);
		throw new PrintkeepError('source-unreadable', message, {hint, cause: error});
	}

	return names.flatMap((bytes): readonly PartRoot[] => {
		const target = bytes.toString();
		const source = path.join(base, target);
		const fullBytes = Buffer.concat([Buffer.from(`${base}/`), bytes]);
		const stats = lookAtLink(fullBytes);
		if (!stats || taken.has(target) || target.startsWith('.printkeep') || isOurs(source)) {
			return [];
		}

		const raw = Buffer.from(target).equals(bytes) ? {} : {sourceBytes: fullBytes};
		const linked = stats.isSymbolicLink() ? linkedFolder(base, source) : undefined;
		if (linked !== undefined && isOurs(linked)) {
			return [];
		}

		if (linked !== undefined) {
			const link = fs.readlinkSync(fullBytes);
			return [{source: linked, target, type: 'directory', external: true, link, ...raw}];
		}

		// A link to a file, or one that is not followed: the walk tells them apart.
		const type = stats.isDirectory() ? 'directory' : 'file';
		return [{source, target, type, external: false, ...raw}];
	});
};

/**
 * The layout as it is now.
 * @throws missing-folder, source-unreadable
 */
export const layoutOfParts = (instance: InstanceRef, store: string, parts: readonly CheckedPart[]): Layout => {
	const base = realPathOf(instance.dataFolder);
	const warnings: string[] = [];
	if (!fs.statSync(base, {throwIfNoEntry: false})?.isDirectory()) {
		throw new PrintkeepError('missing-folder', `The data folder ${safeText(instance.dataFolder)} does not exist.`, {
			hint: 'Is its disk mounted? Otherwise choose the instance with --instance or --basedir.',
		});
	}

	const realStore = realPathOf(store);
	// What holds the data as well is no folder of backups alone.
	const isApart = realStore !== base && pathInside(realStore, base) === undefined;
	const isInStore = (source: string): boolean =>
		isApart && (source === realStore || pathInside(realStore, source) !== undefined);
	const sources = new Set<string>();
	const definitions = parts.map(
		({name, title, inclusion, reason, paths}): PartDefinition => ({
			name,
			title,
			inclusion,
			reason,
			paths,
			roots: paths.flatMap(target => {
				const root = rootAt(base, target, text => warnings.push(text));
				if (!root || sources.has(root.source) || isInStore(root.source)) {
					return [];
				}

				sources.add(root.source);
				return [root];
			}),
		}),
	);
	const targets = new Set(definitions.flatMap(({roots}) => roots.map(({target}) => target)));
	const rest = restRoots(base, targets, isInStore);
	/** Where the backups are by the names of the data: in the data folder, or in what a link of it leads to. */
	const backups = [{source: base, target: ''}, ...definitions.flatMap(({roots}) => roots), ...rest].flatMap(
		({source, target}) => {
			const inner = pathInside(source, realStore);
			return inner === undefined ? [] : [target === '' ? inner : `${target}/${inner}`];
		},
	);
	const isOurs = (target: string): boolean => backups.some(each => target === each || target.startsWith(`${each}/`));
	return {
		prefix: pluginPrefix,
		parts: [
			...definitions,
			{
				name: restName,
				title: restTitle,
				inclusion: 'required',
				reason: '',
				paths: [],
				roots: rest,
			},
		],
		leftOut: target =>
			/(?:^|\/)\.printkeep/u.test(target)
				? "printkeep's own working files."
				: isOurs(target)
					? "printkeep's backups are kept here."
					: undefined,
		isOtherRoot: target => targets.has(target),
		leftOutPaths: [...new Set(backups)].map(each => ({
			part: partOfPath(parts, each),
			path: each,
			reason: "printkeep's backups are kept here.",
		})),
		offLimits: [{path: realStore, reason: "printkeep's backups are kept here.", backups: true}],
		holdsBackups: isOurs,
		warnings,
		backupNotes: [],
	};
};

/**
 * Where the parts of a restore in place go: what a link of the data folder leads to stays there.
 * @throws unsafe-destination when one leads into the system
 */
export const restoreTargetsOf = (instance: InstanceRef, parts: readonly CheckedPart[]): readonly RestoreTarget[] => {
	const base = realPathOf(instance.dataFolder);
	const own = parts.flatMap(({name, paths}) =>
		paths.flatMap((target): readonly RestoreTarget[] => {
			const root = rootAt(base, target, () => undefined);
			if (!root) {
				return [];
			}

			if (root.external && isSystemFolder(root.source)) {
				throw new PrintkeepError(
					'unsafe-destination',
					`${safeText(target)} leads to ${safeText(root.source)}, which belongs to the system.`,
					{hint: 'Restore into another folder with --to, and take from it what you need.'},
				);
			}

			return [{part: name, target, destination: root.source, external: root.external, own: true}];
		}),
	);
	const taken = new Set(own.map(({target}) => target));
	const foreign = restRoots(base, taken, () => false)
		.filter(({external}) => external)
		.map(({target, source}) => ({part: restName, target, destination: source, external: true, own: false}));
	return [...own, ...foreign];
};
