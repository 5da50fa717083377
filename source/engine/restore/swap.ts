/**
 * The swap of the old tree for the new one. Everything out, names synced, everything in, names synced: a rename is atomic, and the sync between keeps
 * a new thing from arriving on the medium before the old thing it replaces is safe there. Every step looks at what is there first, so that it can be
 * repeated from any point.
 */
import {PrintkeepError} from '../../errors.js';
import type {Disk} from '../disk.js';
import {type BytePath, joinPath, lookAt, parentPath, showPath, toBytePath, toDiskPath} from './byte-path.js';
import {exchangeMarked, settleExchanged} from './exchange-marks.js';
import {applyAttributes} from './folder-attributes.js';
import type {Move, SwapRecord} from './journal.js';
import {authorOf} from './record-trust.js';
import {
	exists,
	foldersOf,
	foldersUpTo,
	makeRollbackParents,
	placedMoves,
	type SwapPaths,
	syncAll,
} from './swap-paths.js';
import {diskFor} from './work-folder.js';

/** Whatever another program put into the place of something that was on its way is kept, out of the way. */
const putAside = (disk: Disk, {live, aside}: SwapPaths): void => {
	if (!exists(aside)) {
		diskFor(disk, parentPath(aside)).makeDirectory(toDiskPath(aside), 0o700);
	}

	for (let number = 1; ; number++) {
		const free = joinPath(aside, toBytePath(String(number)));
		if (!exists(free)) {
			disk.rename(toDiskPath(live), toDiskPath(free));
			return;
		}
	}
};

/**
 * Moves a thing. A folder that its owner may not write cannot be given another parent (rename(2) changes the entry `..` in it), so it is made writable
 * for the moment; being moved already only leaves that to be put right again.
 */
const relocate = (disk: Disk, from: BytePath, to: BytePath, mode: number | undefined): void => {
	if (mode !== undefined) {
		disk.changeMode(toDiskPath(from), mode | 0o700);
	}

	disk.rename(toDiskPath(from), toDiskPath(to));
	settleMode(disk, to, mode);
};

const settleMode = (disk: Disk, path: BytePath, mode: number | undefined): void => {
	if (mode !== undefined && lookAt(path)?.isDirectory()) {
		disk.changeMode(toDiskPath(path), mode);
	}
};

/** Permission bits of a folder that its owner may not write; undefined for everything else. */
const unwritableMode = (path: BytePath): number | undefined => {
	const stats = lookAt(path);
	return stats?.isDirectory() && (stats.mode & 0o200n) === 0n ? Number(stats.mode & 0o7777n) : undefined;
};

/**
 * The live folder whose disk is missing, if one is: its private folder cannot be reached. Where nothing is moved the private folder is empty and may
 * have been removed; then something of what only gets other attributes there has to be.
 */
export const missingPlace = ({places, moves, folders}: SwapRecord): BytePath | undefined => {
	const moving = new Set(moves.map(({place}) => place));
	return places.find(({live, work}, index) => {
		if (moving.has(index)) {
			return !lookAt(work)?.isDirectory();
		}

		const inside = folders.filter(({place, path}) => place === index && path !== '');
		return inside.length > 0 && !inside.some(({path}) => lookAt(joinPath(live, path)));
	})?.live;
};

const finishFolders = async (disk: Disk, record: SwapRecord, direction: 'before' | 'after'): Promise<void> => {
	const touched: BytePath[] = [];
	const author = authorOf(record);
	// Deepest first: changing a folder's content would change the date of the one above, changing its date does not.
	for (const folder of [...record.folders].reverse()) {
		const attributes = folder[direction];
		const place = record.places[folder.place];
		if (attributes && place) {
			const path = joinPath(place.live, folder.path);
			applyAttributes(disk, path, attributes, author);
			touched.push(path);
		}
	}

	await syncAll(disk, touched);
};

/**
 * Moves the old things out and the new things in. Can be repeated from any point, also after `swapBack` was begun.
 * @throws the system error of a step that failed, or io-error when something is neither staged nor live.
 */
export const swapForward = async (disk: Disk, record: SwapRecord): Promise<void> => {
	const moves = placedMoves(record);
	await exchangeMarked(disk, record);
	for (const {move, paths} of moves) {
		if (!move.out) {
			continue;
		}

		if (exists(paths.old)) {
			settleMode(disk, paths.old, move.outMode);
		} else if (exists(paths.live) && !(move.in && !exists(paths.staged))) {
			// Without the last condition something that vanished before it could leave would be followed by what came into its place.
			makeRollbackParents(disk, record, move);
			relocate(disk, paths.live, paths.old, move.outMode);
		}
	}

	await syncAll(disk, [
		...foldersOf(moves, ({move, paths}) =>
			move.out ? [...foldersUpTo(record.places[move.place]?.work, paths.old), parentPath(paths.live)] : [],
		),
		...record.places.map(({work}) => work),
	]);

	const made = record.places.filter(place => place.made);
	for (const {live} of made) {
		if (!exists(live)) {
			disk.makeDirectory(toDiskPath(live), 0o755);
		}
	}

	for (const {move, paths} of moves) {
		if (!move.in) {
			continue;
		}

		if (!exists(paths.staged)) {
			if (exists(paths.live)) {
				settleMode(disk, paths.live, move.inMode);
				continue;
			}

			throw new PrintkeepError('io-error', `${showPath(paths.live)} is neither staged nor in place.`, {
				hint: 'Something outside printkeep removed it.',
			});
		}

		if (exists(paths.live)) {
			putAside(disk, paths);
		}

		relocate(disk, paths.staged, paths.live, move.inMode);
	}

	await syncAll(disk, [
		...foldersOf(moves, ({move, paths}) => (move.in ? [parentPath(paths.live), parentPath(paths.staged)] : [])),
		...made.map(({live}) => parentPath(live)),
	]);
	await finishFolders(disk, record, 'after');
};

/**
 * Moves the new things back to the stage and the old things back in. Can be repeated from any point, as long as the stage is whole: what is not in it
 * is taken to be live.
 * @throws the system error of a step that failed.
 */
export const swapBack = async (disk: Disk, record: SwapRecord): Promise<void> => {
	const moves = placedMoves(record, 'back');
	await settleExchanged(disk, record);
	for (const {move, paths} of moves) {
		if (!move.in) {
			continue;
		}

		if (exists(paths.staged)) {
			settleMode(disk, paths.staged, move.inMode);
		} else if (exists(paths.live)) {
			relocate(disk, paths.live, paths.staged, move.inMode);
		}
	}

	await syncAll(
		disk,
		foldersOf(moves, ({move, paths}) => (move.in ? [parentPath(paths.staged), parentPath(paths.live)] : [])),
	);

	for (const {move, paths} of moves) {
		if (!move.out) {
			continue;
		}

		if (exists(paths.old)) {
			if (exists(paths.live)) {
				putAside(disk, paths);
			}

			relocate(disk, paths.old, paths.live, move.outMode);
		} else {
			settleMode(disk, paths.live, move.outMode);
		}
	}

	for (const {live, made} of record.places) {
		if (made && exists(live)) {
			try {
				disk.removeDirectory(toDiskPath(live));
			} catch {
				// Another program has put something into it meanwhile; an empty folder more does no harm.
			}
		}
	}

	await syncAll(disk, [
		...foldersOf(moves, ({move, paths}) => (move.out ? [parentPath(paths.live), parentPath(paths.old)] : [])),
		...record.places.filter(place => place.made).map(({live}) => parentPath(live)),
	]);
	await finishFolders(disk, record, 'before');
};

/** A move with what is known of its folders' modes now. */
export const withModes = (move: Move, {live, staged}: Pick<SwapPaths, 'live' | 'staged'>): Move => {
	const outMode = move.out ? unwritableMode(live) : undefined;
	const inMode = move.in ? unwritableMode(staged) : undefined;
	return {
		place: move.place,
		path: move.path,
		out: move.out,
		in: move.in,
		...(outMode === undefined ? {} : {outMode}),
		...(inMode === undefined ? {} : {inMode}),
	};
};

/** Things other programs put in the way during the swap, kept in the private folder. */
export const putAsideFolders = (record: SwapRecord): readonly BytePath[] =>
	record.places.map(({work}) => joinPath(work, toBytePath(`aside-${record.id}`))).filter(exists);
