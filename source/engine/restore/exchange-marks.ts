/**
 * Moves that are made by exchanging the live thing with the staged one in a single step, so that there is no moment in which the name is missing. What is
 * where after an interruption is told by the identity of the staged thing, which the journal keeps.
 */
import {statfsSync} from 'node:fs';
import type {Disk} from '../disk.js';
import {type BytePath, joinPath, lookAt, parentPath, toBytePath, toDiskPath} from './byte-path.js';
import type {Move, SwapRecord} from './journal.js';
import {exists, makeRollbackParents, type PlacedMove, pathsOf, syncAll} from './swap-paths.js';
import {diskFor} from './work-folder.js';

/** Each exchange starts a program. What is exchanged first is what there are few of: whole folders and the files at the top. */
const maximumExchanges = 32;

/**
 * File systems whose exchange is one entry of their own journal and whose inode numbers stay the same for the life of a file, as statfs(2) tells them:
 * ext2–4, XFS, Btrfs, F2FS and, for what need not outlive the machine, tmpfs. FAT and many that are mounted from elsewhere make numbers up anew.
 */
const lastingIdentities: ReadonlySet<number> = new Set([0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x0102_1994]);

/** The number of what is at a path, links not followed; undefined when there is nothing. */
const identityOf = (path: BytePath): string | undefined => lookAt(path)?.ino.toString();

const hasLastingIdentities = (folder: BytePath): boolean => {
	try {
		return lastingIdentities.has(statfsSync(toDiskPath(folder)).type);
	} catch {
		return false;
	}
};

/** Tries an exchange of two files in a private folder. Their names are those of leftovers, should it be interrupted. */
const canExchange = (disk: Disk, work: BytePath, id: string): boolean => {
	if (!disk.exchange || !hasLastingIdentities(work)) {
		return false;
	}

	const [first, second] = ['e1', 'e2'].map(end => joinPath(work, toBytePath(`stage-${id}${end}`))) as [
		BytePath,
		BytePath,
	];
	const made: BytePath[] = [];
	try {
		for (const path of [first, second]) {
			disk.close(diskFor(disk, work).create(toDiskPath(path), 0o600));
			made.push(path);
		}

		const before = [identityOf(first), identityOf(second)];
		disk.exchange(toDiskPath(first), toDiskPath(second));
		return identityOf(first) === before[1] && identityOf(second) === before[0];
	} catch {
		return false;
	} finally {
		for (const path of made.filter(exists)) {
			disk.unlink(toDiskPath(path));
		}
	}
};

const canBeExchanged = (record: SwapRecord, move: Move): boolean => {
	const {live, staged} = pathsOf(record, move);
	const [now, next] = [lookAt(live), lookAt(staged)];
	// A folder its owner may not write has to be made writable for the moment, which the two steps do.
	return (
		move.in &&
		move.out &&
		move.inMode === undefined &&
		move.outMode === undefined &&
		now !== undefined &&
		next !== undefined &&
		now.dev === next.dev &&
		now.ino !== next.ino
	);
};

/** The record with those of its moves marked that are going to be exchanged; unchanged where the system or the file system has no such thing. */
export const markExchanges = <Marked extends SwapRecord>(disk: Disk, record: Marked): Marked => {
	const places = record.places.map(({work}) => disk.exchange !== undefined && canExchange(disk, work, record.id));
	if (!places.includes(true)) {
		return record;
	}

	let marks = 0;
	const moves = record.moves.map((move): Move => {
		const isMarked = marks < maximumExchanges && places[move.place] === true && canBeExchanged(record, move);
		const staged = isMarked ? identityOf(pathsOf(record, move).staged) : undefined;
		marks += staged === undefined ? 0 : 1;
		return staged === undefined ? move : {...move, staged};
	});
	return marks === 0 ? record : {...record, format: 2, moves};
};

/**
 * True when an exchange of this move has been made and the old thing not been put away yet. Nobody else writes where staged things lie, so that whatever
 * is there and is not the thing that was staged is what was live.
 */
const isExchanged = ({move, paths}: PlacedMove): boolean =>
	move.staged !== undefined && exists(paths.staged) && identityOf(paths.staged) !== move.staged;

/** Brings exchanged moves to where the others get in two steps: the old thing is in the rollback copy, and nothing is staged any more. */
export const settleExchanged = (disk: Disk, record: SwapRecord, moves: readonly PlacedMove[]): void => {
	for (const placed of moves.filter(isExchanged)) {
		makeRollbackParents(disk, record, placed.move);
		disk.rename(toDiskPath(placed.paths.staged), toDiskPath(placed.paths.old));
	}
};

/** Exchanges what may be exchanged, so that there is no moment in which its name is missing; the first that fails leaves the rest to the two steps. */
export const exchangeMarked = async (disk: Disk, record: SwapRecord, moves: readonly PlacedMove[]): Promise<void> => {
	const marked = moves.filter(({move}) => move.staged !== undefined);
	for (const placed of marked) {
		const {live, staged, old} = placed.paths;
		if (isExchanged(placed) || exists(old) || !exists(live) || !exists(staged)) {
			continue;
		}

		disk.exchange?.(toDiskPath(live), toDiskPath(staged));
		if (!isExchanged(placed)) {
			break;
		}
	}

	const exchanged = marked.filter(isExchanged);
	// The exchange must be on the medium before the old thing gets the name that says it has been put away.
	await syncAll(
		disk,
		exchanged.flatMap(({paths}) => [parentPath(paths.live), parentPath(paths.staged)]),
	);
	settleExchanged(disk, record, exchanged);
};
