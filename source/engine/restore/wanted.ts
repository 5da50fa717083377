/** The tree a restore is to bring about, built from a backup's manifest or, in archives of other programs, from its entries alone. */
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {ServerAdapter} from '../../servers/adapter.js';
import type {ManifestFolder} from '../archive/types.js';
import {escapeName} from '../scan/names.js';
import {createArchivedFiles} from './archived-file.js';
import {type BytePath, toBytePath} from './byte-path.js';
import type {ListedBackup, OpenedBackup} from './opened-backup.js';
import type {Owner} from './owners.js';
import type {Scope} from './scope.js';
import {type Appearance, createTree, type Wanted, type WantedFile, type WantedLink} from './wanted-tree.js';

/** Permission bits as recorded, without set-id and sticky bits; readable, writable and searchable for the owner. */
const folderMode = (mode: number): number => ((mode & 0o777) === 0 ? 0o755 : (mode & 0o777) | 0o700);

/** What folders look like, with one object for all of an owner: there are tens of thousands of folders. */
const createAppearanceOf = (): ((folder: ManifestFolder) => Appearance) => {
	const owners = new Map<string, Owner>();
	return ({mode, modified, uid, gid}) => {
		const key = `${uid}:${gid}`;
		const owner = owners.get(key) ?? {uid, gid};
		owners.set(key, owner);
		return {mode: folderMode(mode), modifiedSeconds: Number(modified), owner};
	};
};

/**
 * The true bytes of a path whose entry name had to be changed.
 * @throws archive-refused when they are no path inside the data folder, or not what the entry's name stands for.
 */
export const decodeRawPath = (rawPath: string, target: string): BytePath => {
	const bytes = Buffer.from(rawPath, 'base64').toString('latin1');
	const names = bytes.split('/');
	const stored = target.split('/');
	const isSafe = names.every(name => name !== '' && name !== '.' && name !== '..' && !name.includes('\0'));
	// What may be restored was judged by the entry's name: the bytes have to be those that name stands for, and no other path.
	const isSame = names.every((name, index) => {
		const escaped = escapeName(Buffer.from(name, 'latin1'));
		const given = stored[index] ?? '';
		return given === escaped || (given.startsWith(`${escaped}~`) && /^\d+$/.test(given.slice(escaped.length + 1)));
	});
	if (!isSafe || !isSame || names.length !== stored.length) {
		throw new PrintkeepError('archive-refused', `The archive gives "${safeText(target)}" a name that cannot be used.`, {
			hint: 'Nothing was unpacked.',
		});
	}

	return bytes as BytePath;
};

const bytesOf = ({rawPath}: {readonly rawPath?: string | undefined}, target: string): BytePath =>
	rawPath === undefined ? toBytePath(target) : decodeRawPath(rawPath, target);

/** Parts a backup covers: those its manifest says are in it; of other programs' archives those that have something in them and were not left out. */
export const coveredParts = (
	{manifest, archive, prefix, excludes}: OpenedBackup,
	adapter: ServerAdapter,
): ReadonlySet<string> => {
	if (manifest) {
		return new Set(manifest.parts.filter(({state}) => state === 'included').map(({name}) => name));
	}

	const parts = new Set<string>();
	for (const number of archive.numbers()) {
		const name = archive.nameAt(number);
		if (
			name.startsWith(prefix) &&
			name !== prefix &&
			!adapter.neverRestored(name.slice(prefix.length).replace(/\/$/, ''))
		) {
			parts.add(adapter.partOf(name.slice(prefix.length)));
		}
	}

	for (const excluded of excludes ?? []) {
		parts.delete(excluded);
	}

	return parts;
};

const choose = (covered: ReadonlySet<string>, chosen: readonly string[] | null): ReadonlySet<string> => {
	const unknown = chosen?.find(name => !covered.has(name));
	if (unknown !== undefined) {
		throw new PrintkeepError('usage', `The backup has no part ${safeText(unknown)}.`, {
			hint: `It has: ${[...covered].join(', ')}.`,
		});
	}

	if (chosen?.length === 0) {
		throw new PrintkeepError('usage', 'No part was chosen.', {hint: `The backup has: ${[...covered].join(', ')}.`});
	}

	return chosen === null ? covered : new Set(chosen);
};

/** Tells which paths were chosen, and keeps account of the choices that found something. */
const createSelection = (
	files: readonly string[] | null,
): {readonly has: (name: string) => boolean; readonly unused: () => string | undefined} => {
	const chosen = new Set(files);
	const used = new Set<string>();
	return {
		has(name) {
			if (files === null) {
				return true;
			}

			let isChosen = false;
			for (let path = name; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
				if (chosen.has(path)) {
					used.add(path);
					isChosen = true;
				}
			}

			return isChosen;
		},
		unused: () => files?.find(path => !used.has(path)),
	};
};

/**
 * Builds the tree that a restore of some parts or files is to bring about.
 * @throws usage for parts and not-found for files that the backup does not have; archive-refused when its manifest contradicts itself.
 */
export const buildWanted = async (
	{backup, records}: ListedBackup,
	adapter: ServerAdapter,
	{scope, breathe}: {readonly scope: Pick<Scope, 'parts' | 'files'>; readonly breathe: () => Promise<void>},
): Promise<Wanted> => {
	const {archive, manifest, prefix} = backup;
	const parts = choose(coveredParts(backup, adapter), scope.parts);
	const selection = createSelection(scope.files);
	const {root, folders, builder} = createTree();
	const files: WantedFile[] = [];
	const links: WantedLink[] = [];
	let ignored = 0;
	const appearanceOf = createAppearanceOf();
	const targetOf = (entryName: string): string =>
		entryName.slice(prefix.length, entryName.endsWith('/') ? -1 : undefined);
	const isTaken = (entryName: string): boolean => {
		if (!entryName.startsWith(prefix) || entryName === prefix) {
			return false;
		}

		const target = targetOf(entryName);
		// Locks and private folders of printkeep's are never part of the data, wherever they lie.
		if (adapter.neverRestored(target) || /(^|\/)\.printkeep/.test(target)) {
			ignored++;
			return false;
		}

		return parts.has(adapter.partOf(entryName.slice(prefix.length))) && selection.has(target);
	};

	const secrets = new Set(
		adapter.secretFiles.map(name => (name.startsWith(prefix) ? name.slice(prefix.length) : name)),
	);
	const fileAt = createArchivedFiles({
		archive,
		recorded: records?.files ?? null,
		targetOf,
		bytesOf,
		partOf: adapter.partOf,
		// A followed link is recorded beside the file or folder that holds what it led to.
		linkTargets: new Map(records?.links.map(({path, target}) => [path, target])),
		secrets,
	});

	for (const folder of records?.folders ?? []) {
		await breathe();
		if (isTaken(folder.path)) {
			const name = targetOf(folder.path);
			builder.folder(bytesOf(folder, name), name, appearanceOf(folder));
		}
	}

	for (const number of archive.numbers()) {
		await breathe();
		const entryName = archive.nameAt(number);
		if (!isTaken(entryName)) {
			continue;
		}

		if (entryName.endsWith('/')) {
			if (!records) {
				const entry = archive.entryAt(number);
				const name = targetOf(entryName);
				builder.folder(toBytePath(name), name, {
					mode: folderMode(entry.mode),
					modifiedSeconds: entry.modifiedAt / 1000,
					owner: null,
				});
			}

			continue;
		}

		const file = fileAt(number);
		builder.add(file);
		files.push(file);
	}

	const folderNames = new Set(records?.links.length ? folders.map(({name}) => name) : []);
	for (const link of records?.links ?? []) {
		const name = targetOf(link.path);
		if (isTaken(link.path) && !archive.has(link.path) && !folderNames.has(name)) {
			const wanted: WantedLink = {
				type: 'link',
				target: bytesOf(link, name),
				name,
				part: adapter.partOf(name),
				linkTarget: link.target,
			};
			builder.add(wanted);
			links.push(wanted);
		}
	}

	builder.check();
	const missing = selection.unused();
	if (missing !== undefined) {
		throw new PrintkeepError('not-found', `The backup has nothing called ${safeText(missing)}.`, {
			hint: 'See what is in it with: printkeep show KEY --files',
		});
	}

	// Folders above what was chosen look as they did, should they have to be made.
	for (const folder of scope.files === null ? [] : (records?.folders ?? [])) {
		if (folder.path.startsWith(prefix) && folder.path !== prefix) {
			builder.dress(bytesOf(folder, targetOf(folder.path)), appearanceOf(folder));
		}
	}

	const usedParts = (): ReadonlySet<string> => {
		const chosenFolders = folders.filter(({name}) => selection.has(name)).map(({name}) => adapter.partOf(`${name}/`));
		return new Set([...chosenFolders, ...[...files, ...links].map(({part}) => part)]);
	};

	return {
		root,
		files,
		links,
		folders,
		parts: scope.files === null ? parts : usedParts(),
		ignored,
		uncovered: new Set((manifest?.skipped ?? []).map(({path}) => toBytePath(path))),
		leftOut: new Set((manifest?.leftOut ?? []).map(({path}) => toBytePath(path))),
	};
};
