/** Where the things of a swap are, may be or were, and the folders around them. */
import {PrintkeepError} from '../../errors.js';
import type {Disk} from '../disk.js';
import {type BytePath, joinPath, lookAt, parentPath, pathBelow, toBytePath, toDiskPath} from './byte-path.js';
import type {Move, SwapRecord} from './journal.js';
import {syncFolders} from './sync-batch.js';
import {diskFor} from './work-folder.js';

export type SwapPaths = {
	readonly live: BytePath;
	readonly staged: BytePath;
	readonly old: BytePath;
	readonly aside: BytePath;
};

/** True when anything is at the path, a dead link too. */
export const exists = (path: BytePath): boolean => lookAt(path) !== undefined;

/** Where the thing of a move is, may be or was. */
export const pathsOf = (record: SwapRecord, move: Move): SwapPaths => {
	const place = record.places[move.place];
	if (place === undefined) {
		throw new PrintkeepError('bug', 'A move of the journal belongs to no place.');
	}

	return {
		live: joinPath(place.live, move.path),
		staged: joinPath(joinPath(place.work, record.stageName), move.path),
		old: joinPath(joinPath(place.work, record.rollbackName), move.path),
		aside: joinPath(place.work, toBytePath(`aside-${record.id}`)),
	};
};

/** Makes the folders of a private tree down to a path, 0700. */
const makeParents = (disk: Disk, root: BytePath, relative: BytePath): void => {
	const parent = parentPath(relative);
	let current = root;
	for (const name of ['', ...parent.split('/')]) {
		current = name === '' ? current : joinPath(current, name as BytePath);
		if (!exists(current)) {
			disk.makeDirectory(toDiskPath(current), 0o700);
		}
	}
};

/** Makes the folders that a thing lies in once it is in the rollback copy. */
export const makeRollbackParents = (disk: Disk, record: SwapRecord, move: Move): void => {
	const place = record.places[move.place];
	if (place) {
		makeParents(diskFor(disk, place.work), joinPath(place.work, record.rollbackName), move.path);
	}
};

export type PlacedMove = {readonly move: Move; readonly paths: SwapPaths};

/** The folders a path lies in, up to and with a folder above it. */
export const foldersUpTo = (top: BytePath | undefined, path: BytePath): readonly BytePath[] => {
	const parent = parentPath(path);
	return top === undefined || parent === '' || pathBelow(top, parent) === undefined
		? []
		: [parent, ...foldersUpTo(top, parent)];
};

/** Syncs folders, each once, that are still there; their order does not matter. */
export const syncAll = async (disk: Disk, folders: Iterable<BytePath>): Promise<void> => {
	await syncFolders(disk, [...new Set(folders)].filter(exists));
};

/** The moves of a swap with their paths, which are put together anew each time they are gone through: a hundred thousand moves are a lot of text. */
export const placedMoves = (record: SwapRecord, order: 'forward' | 'back' = 'forward'): Iterable<PlacedMove> => ({
	*[Symbol.iterator]() {
		const {length} = record.moves;
		for (let index = 0; index < length; index++) {
			const move = record.moves[order === 'forward' ? index : length - 1 - index];
			if (move) {
				yield {move, paths: pathsOf(record, move)};
			}
		}
	},
});

/** The folders that something has been moved out of or into, each once. */
export const foldersOf = (
	moves: Iterable<PlacedMove>,
	foldersFor: (placed: PlacedMove) => readonly BytePath[],
): ReadonlySet<BytePath> => {
	const folders = new Set<BytePath>();
	for (const placed of moves) {
		for (const folder of foldersFor(placed)) {
			folders.add(folder);
		}
	}

	return folders;
};
