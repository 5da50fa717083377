/** Unpacks a backup into private folders beside what it will replace. Nothing live is touched. */
import type {SkippedFile} from '../../client/protocol.js';
import {safeText} from '../../format/safe-text.js';
import {cancelledError} from '../breathe.js';
import type {Disk} from '../disk.js';
import type {JobContext} from '../jobs/context.js';
import {type BytePath, joinPath, lookAt, parentPath, toDiskPath, toText} from './byte-path.js';
import {attributesOf} from './folder-attributes.js';
import type {OpenedBackup} from './opened-backup.js';
import type {OwnerOf} from './owners.js';
import {placeOf, type SwapPlace} from './places.js';
import {resolveInside} from './resolve-inside.js';
import {createSyncer} from './sync-whole.js';
import {createUnpackAhead} from './unpack-ahead.js';
import {dress} from './unpack-files.js';
import type {Appearance, Wanted, WantedFile, WantedLink} from './wanted-tree.js';
import {diskFor} from './work-folder.js';

export type StageOptions = {
	readonly backup: OpenedBackup;
	/** What is unpacked. */
	readonly wanted: Pick<Wanted, 'files' | 'links' | 'folders'>;
	/** Files that will be in place after the exchange; those unpacked when missing. */
	readonly present?: readonly WantedFile[];
	/** True to unpack more into a stage that is there. */
	readonly isResumed?: boolean;
	readonly places: readonly SwapPlace[];
	/** Folder to unpack into, per place. */
	readonly roots: readonly BytePath[];
	/** Links that are there now as they were, and may be made again whatever they point to. */
	readonly sameLinks: ReadonlySet<WantedFile | WantedLink>;
	/** Paths left alone. */
	readonly avoided: ReadonlySet<BytePath>;
	readonly ownerOf: OwnerOf;
};

/** Each is a few system calls at most, since most are unpacked by helper threads. */
const filesBetweenPauses = 16;

export type Staged = {
	/** Links that were not made, and why. */
	readonly skipped: readonly SkippedFile[];
	readonly skippedLinks: ReadonlySet<WantedFile | WantedLink>;
};

/** Makes things in the stage as they are to be. A class because its caches belong to one stage. */
class Stage {
	readonly #disk: Disk;
	/** Makes folders for the user whose private folder it is, who may have to end an interrupted restore. */
	readonly #folderDisk: Disk;
	readonly #options: StageOptions;
	readonly #made = new Set<BytePath>();
	#byTarget: ReadonlyMap<BytePath, WantedFile> | null = null;

	constructor(disk: Disk, options: StageOptions) {
		this.#disk = disk;
		this.#folderDisk = diskFor(disk, parentPath(options.roots[0] ?? ('/' as BytePath)));
		this.#options = options;
	}

	get folders(): readonly BytePath[] {
		return [...this.#made];
	}

	/** Path of a thing in the stage; undefined when it is left alone. */
	pathOf(target: BytePath): BytePath | undefined {
		const {places, roots, avoided} = this.#options;
		for (let path = target; avoided.size > 0 && path !== ''; path = parentPath(path)) {
			if (avoided.has(path)) {
				return undefined;
			}
		}

		const found = placeOf(places, target);
		const root = found && roots[found.index];
		return root === undefined || found === undefined || found.relative === ''
			? undefined
			: joinPath(root, found.relative);
	}

	makeFolder(path: BytePath): void {
		if (this.#made.has(path)) {
			return;
		}

		if (!this.#options.roots.includes(path)) {
			this.makeFolder(parentPath(path));
		}

		if (!(this.#options.isResumed && lookAt(path))) {
			this.#folderDisk.makeDirectory(toDiskPath(path), 0o700);
		}

		this.#made.add(path);
	}

	/** A link is made again only where it is as it is now, or stays inside and leads to what it led to: archives are not to say what lies elsewhere. */
	linkFor(wanted: WantedFile | WantedLink): string | undefined {
		const {linkTarget} = wanted;
		if (linkTarget === null) {
			return undefined;
		}

		if (this.#options.sameLinks.has(wanted)) {
			return linkTarget;
		}

		const leadsTo = resolveInside(wanted.target, linkTarget);
		if (leadsTo === undefined) {
			return undefined;
		}

		const {places} = this.#options;
		if (placeOf(places, leadsTo)?.index !== placeOf(places, wanted.target)?.index) {
			return undefined;
		}

		if (wanted.type === 'link') {
			return linkTarget;
		}

		const file = this.#fileAt(leadsTo);
		const isSame =
			file !== undefined &&
			file !== wanted &&
			file.linkTarget === null &&
			file.sha256 === wanted.sha256 &&
			file.sha256 !== null;
		return isSame ? linkTarget : undefined;
	}

	/** Looked up in a map that is made only where there are links at all. */
	#fileAt(target: BytePath): WantedFile | undefined {
		const {present, wanted} = this.#options;
		this.#byTarget ??= new Map((present ?? wanted.files).map(file => [file.target, file]));
		return this.#byTarget.get(target);
	}

	/** Gives a folder the owner and the bits it has now, or the usual ones when it is new. */
	dressAsNow(target: BytePath, path: BytePath): void {
		const found = placeOf(this.#options.places, target);
		const live = found && joinPath(found.place.live, found.relative);
		const now = live !== undefined && lookAt(live)?.isDirectory() ? attributesOf(live) : null;
		const owner = this.#options.ownerOf({mode: 0o755, modifiedSeconds: 0, owner: null});
		if (owner) {
			this.#disk.changeOwner(toDiskPath(path), now?.uid ?? owner.uid, now?.gid ?? owner.gid);
		}

		this.#disk.changeMode(toDiskPath(path), ((now?.mode ?? 0o755) & 0o777) | 0o700);
	}

	dress(path: BytePath, {mode, modifiedSeconds}: Appearance, owner: ReturnType<OwnerOf>): void {
		dress(this.#disk, toDiskPath(path), {mode, modifiedSeconds, owner});
	}
}

/** The folders without those that lie on the same file system as another one. */
const onePerDisk = (folders: readonly BytePath[]): readonly string[] => [
	...new Map(folders.map(folder => [lookAt(folder)?.dev, toText(folder)])).values(),
];

/**
 * Unpacks everything wanted, with modes, times and owners, and waits until all of it is on the medium.
 * @throws the disk's system errors, archive-damaged, cancelled; the stage is left for the caller to remove.
 */
export const stage = async (context: JobContext, options: StageOptions): Promise<Staged> => {
	const {ports, report, breathe} = context;
	const {disk} = ports;
	const {wanted, ownerOf, roots} = options;
	const made = new Stage(disk, options);
	const skipped: SkippedFile[] = [];
	const skippedLinks = new Set<WantedFile | WantedLink>();
	for (const root of roots) {
		made.makeFolder(root);
	}

	report.total(
		wanted.files.reduce((sum, {bytes}) => sum + bytes, 0),
		wanted.files.length,
	);
	const syncer = await createSyncer(disk, onePerDisk(roots), wanted.files.length);
	const ahead = createUnpackAhead(context, {backup: options.backup, syncer});
	try {
		for (const [index, file] of wanted.files.entries()) {
			if (index % filesBetweenPauses === 0) {
				await breathe();
			}

			const {target, name, bytes, linkTarget} = file;
			const path = made.pathOf(target);
			report.currentFile(name);
			const link = path === undefined ? undefined : made.linkFor(file);
			if (path === undefined) {
				report.advance(0, 1);
				continue;
			}

			made.makeFolder(parentPath(path));
			if (link !== undefined) {
				disk.symlink(link, toDiskPath(path));
				report.advance(bytes, 1);
				continue;
			}

			if (linkTarget !== null) {
				report.log('info', `${safeText(name)} was a link to ${safeText(linkTarget)}; it is restored as a file.`);
			}

			const {appearance} = file;
			const added = ahead.add({file, path, appearance, owner: ownerOf(appearance)});
			// A promise for each of many files costs as much as making it ready for a thread.
			if (added) {
				await added;
			}
		}

		// The others were made for what is in them, while the helper threads had something to do.
		for (const folder of wanted.folders) {
			await breathe();
			const path = made.pathOf(folder.target);
			if (path !== undefined) {
				made.makeFolder(path);
			}
		}

		await ahead.flush();
		report.phase('syncing');
		await syncer.flush();
	} catch (error) {
		// Nothing may be written any more when the stage is removed.
		await ahead.settle();
		await syncer.abandon();
		if (context.signal.aborted) {
			throw cancelledError();
		}

		throw error;
	}

	for (const link of wanted.links) {
		const path = made.pathOf(link.target);
		if (path === undefined) {
			continue;
		}

		const target = made.linkFor(link);
		if (target === undefined) {
			skippedLinks.add(link);
			skipped.push({
				path: link.name,
				reason: `It is a link to ${link.linkTarget}, which lies outside of the data folder; links like that are not made from archives.`,
			});
		} else {
			made.makeFolder(parentPath(path));
			disk.symlink(target, toDiskPath(path));
		}
	}

	// Deepest first, so that what is made in a folder does not change its date again. A folder nothing is known of stays as it is now.
	for (const folder of [...wanted.folders].reverse()) {
		await breathe();
		const path = made.pathOf(folder.target);
		if (path !== undefined) {
			if (folder.appearance) {
				made.dress(path, folder.appearance, ownerOf(folder.appearance));
			} else {
				made.dressAsNow(folder.target, path);
			}
		}
	}

	await syncer.syncFolders([...new Set([...made.folders.toReversed(), ...roots.map(parentPath)])]);
	return {skipped, skippedLinks};
};

/** True when something of a path was unpacked. */
export const isStaged = (root: BytePath, relative: BytePath): boolean => lookAt(joinPath(root, relative)) !== undefined;
