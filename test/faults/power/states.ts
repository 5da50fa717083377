/**
 * The states a power cut can leave, made from a record of what was done. For the moment after each step:
 *
 * - `killed`: everything done so far is there, as after kill -9.
 * - `strict`: only what a sync covered is there. A rename between two folders is one thing, and there as soon as either was synced.
 * - `folder by folder`: the same, but each folder has its names as of its own last sync, as the letter of POSIX allows: a rename into a folder that was
 *   synced out of one that was not shows in both, the other way round in neither. No file system with a journal does that. printkeep promises less here:
 *   nothing is lost, since it syncs where a thing arrives before where it leaves; but things may be there twice.
 * - `names first`: names and attributes are there, bytes that were not synced are missing, zero or half there; or all but attributes is there.
 * - `torn`: the last write stopped at 1, 512 or 4096 bytes.
 * - `reordered`: of the folders with names that were not synced, some lost them and others did not. A rename between two folders is one thing here: it
 *   happened or it did not, as in the journals of ext4, XFS, Btrfs and F2FS; and what has a journal knows a folder before it knows what is in it. Without
 *   that no program could move anything: a folder that wrote down the loss of a name by itself, before the other one its arrival, would lose the data
 *   whatever is synced afterwards. That is what printkeep relies on, and all it relies on besides syncs that tell the truth.
 */
import {copyFileSystem, type FileSystem, top} from './file-system.js';
import {applyChange, type Change, type Recording, type Step} from './recorder.js';

export type CrashState = {
	/** Number of steps that were done. */
	readonly steps: number;
	/** Which of the states above, and how. */
	readonly kind: string;
	readonly inodes: FileSystem;
	/** True where things may be there twice afterwards, as long as nothing is lost. */
	readonly mayDouble: boolean;
};

type DataRule = 'kept' | 'lost' | 'zero' | 'half';

type Rules = {
	readonly data: DataRule;
	/** Whether attributes that were not synced are there. */
	readonly attributes: boolean;
	/** Whether names that were not synced are there. */
	readonly names: (directory: number) => boolean;
	/** Both halves of a rename or none. */
	readonly wholeRenames: boolean;
	/** Bytes of the last write that are there; all when missing. */
	readonly tornAt?: number;
};

/** How many of the first steps each inode's syncs cover, after a number of steps. */
const coverage = (steps: readonly Step[], count: number): ReadonlyMap<number, number> => {
	const covered = new Map<number, number>();
	for (const {changes} of steps.slice(0, count)) {
		for (const change of changes) {
			if (change.type === 'synced') {
				covered.set(change.inode, Math.max(covered.get(change.inode) ?? 0, change.steps));
			}
		}
	}

	return covered;
};

/** A write of which not everything arrived. */
const damaged = (change: Extract<Change, {type: 'data'}>, rule: DataRule): Change | undefined => {
	switch (rule) {
		case 'kept':
			return change;
		case 'lost':
			return undefined;
		case 'zero':
			return {...change, bytes: Buffer.alloc(change.bytes.length)};
		case 'half':
			return {...change, bytes: change.bytes.subarray(0, change.bytes.length >> 1)};
	}
};

/** New folders that were synced, and the new folders they were made in. */
const neededFolders = (
	steps: readonly Step[],
	count: number,
	covered: ReadonlyMap<number, number>,
): ReadonlySet<number> => {
	const parents = new Map<number, number>();
	for (const {changes} of steps.slice(0, count)) {
		const [born, entry] = changes;
		if (born?.type === 'born' && born.as.type === 'directory' && entry?.type === 'entry') {
			parents.set(born.inode, entry.directory);
		}
	}

	const needed = new Set<number>();
	for (const inode of covered.keys()) {
		for (let folder: number | undefined = inode; folder !== undefined && parents.has(folder); ) {
			needed.add(folder);
			folder = parents.get(folder);
		}
	}

	return needed;
};

const build = ({initial, steps}: Pick<Recording, 'initial' | 'steps'>, count: number, rules: Rules): FileSystem => {
	const inodes = copyFileSystem(initial);
	const covered = coverage(steps, count);
	const isSynced = (inode: number, step: number): boolean => step < (covered.get(inode) ?? 0);
	const needed = rules.wholeRenames ? neededFolders(steps, count, covered) : new Set<number>();
	/** New folders whose own name is there: what is in the others cannot be there before them. */
	const reachable = new Map<number, boolean>();

	const hasNames = (directory: number, step: number): boolean =>
		isSynced(directory, step) || (rules.names(directory) && (reachable.get(directory) ?? true));

	const keepsEntry = ({directory, rename}: Extract<Change, {type: 'entry'}>, step: number): boolean =>
		rename === undefined || !rules.wholeRenames
			? hasNames(directory, step)
			: isSynced(directory, step) ||
				isSynced(rename.other, step) ||
				(hasNames(directory, step) && hasNames(rename.other, step));

	for (const [step, {changes}] of steps.slice(0, count).entries()) {
		for (const change of changes) {
			switch (change.type) {
				case 'born':
					applyChange(inodes, change);
					break;
				case 'entry': {
					const isBirth = changes[0]?.type === 'born' && change.inode !== null;
					const isKept = keepsEntry(change, step) || (isBirth && needed.has(change.inode ?? top));
					if (isBirth && rules.wholeRenames) {
						reachable.set(change.inode ?? top, isKept);
					}

					if (isKept) {
						applyChange(inodes, change);
					}

					break;
				}

				case 'data': {
					const isTorn = rules.tornAt !== undefined && step === count - 1;
					const whole = isTorn ? {...change, bytes: change.bytes.subarray(0, rules.tornAt)} : change;
					const kept = isSynced(change.inode, step) ? whole : damaged(whole, rules.data);
					if (kept) {
						applyChange(inodes, kept);
					}

					break;
				}

				case 'size':
					if (isSynced(change.inode, step) || rules.data !== 'lost') {
						applyChange(inodes, change);
					}

					break;
				case 'attributes':
					if (isSynced(change.inode, step) || rules.attributes) {
						applyChange(inodes, change);
					}

					break;
				case 'synced':
					break;
			}
		}
	}

	return inodes;
};

/** Folders with names that were not synced. */
const unsyncedFolders = (steps: readonly Step[], count: number): readonly number[] => {
	const covered = coverage(steps, count);
	const folders = new Set<number>();
	for (const [step, {changes}] of steps.slice(0, count).entries()) {
		for (const change of changes) {
			if (change.type === 'entry' && step >= (covered.get(change.directory) ?? 0)) {
				folders.add(change.directory);
			}
		}
	}

	return [...folders];
};

/** Sets of folders that keep their names: all there are of a few, each alone and all but each of many. */
const keptSets = (folders: readonly number[]): readonly ReadonlySet<number>[] =>
	folders.length <= 4
		? Array.from({length: 2 ** folders.length}, (_, bits) => new Set(folders.filter((_folder, at) => (bits >> at) & 1)))
		: folders.flatMap(folder => [new Set([folder]), new Set(folders.filter(other => other !== folder))]);

const everything: Rules = {data: 'kept', attributes: true, names: () => true, wholeRenames: true};

/** Every state the power can leave when it goes after a number of steps. */
export const statesAfter = (recording: Pick<Recording, 'initial' | 'steps'>, count: number): readonly CrashState[] => {
	const {steps} = recording;
	const state = (kind: string, rules: Partial<Rules>): CrashState => ({
		steps: count,
		kind,
		inodes: build(recording, count, {...everything, ...rules}),
		mayDouble: rules.wholeRenames === false,
	});
	const lastWrite = steps[count - 1]?.changes.find(change => change.type === 'data');
	return [
		state('killed', {}),
		state('strict', {data: 'lost', attributes: false, names: () => false}),
		state('folder by folder', {data: 'lost', attributes: false, names: () => false, wholeRenames: false}),
		state('names first, bytes missing', {data: 'lost'}),
		state('names first, bytes zero', {data: 'zero'}),
		state('names first, bytes half there', {data: 'half'}),
		state('attributes lost', {attributes: false}),
		...[1, 512, 4096]
			.filter(bytes => lastWrite?.type === 'data' && bytes < lastWrite.bytes.length)
			.map(bytes => state(`torn at ${bytes}`, {tornAt: bytes})),
		...keptSets(unsyncedFolders(steps, count)).flatMap(kept => [
			state('reordered', {names: directory => kept.has(directory)}),
			state('reordered, bytes missing', {names: directory => kept.has(directory), data: 'lost', attributes: false}),
		]),
	];
};
