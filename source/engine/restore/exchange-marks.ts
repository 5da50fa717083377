/**
 * Moves that are made by exchanging the live thing with the staged one in a single step, so that there is no moment in which the name is missing. What is
 * where after an interruption is told by the identity of the staged thing, which the journal keeps.
 */
import {statfsSync} from 'node:fs';
import {PrintkeepError} from '../../errors.js';
import type {Disk} from '../disk.js';
import {type BytePath, joinPath, lookAt, parentPath, showPath, toDiskPath} from './byte-path.js';
import type {Move, Place, SwapRecord} from './journal.js';
import {exists, makeRollbackParents, type PlacedMove, pathsOf, syncAll} from './swap-paths.js';

/** Each exchange starts a program. What is exchanged first is what there are few of: whole folders and the files at the top. */
const maximumExchanges = 32;

/**
 * File systems whose exchange is one entry of their own journal and whose inode numbers stay the same for the life of a file, as statfs(2) tells them:
 * ext2–4, XFS, Btrfs, F2FS and, for what need not outlive the machine, tmpfs. FAT and many that are mounted from elsewhere make numbers up anew.
 */
const lastingIdentities: ReadonlySet<number> = new Set([0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x0102_1994]);

/** The folder with what is staged in a place. */
const stageOf = ({stageName}: SwapRecord, {work}: Place): BytePath => joinPath(work, stageName);

/** The number of what is at a path, links not followed; undefined when there is nothing. */
const identityOf = (path: BytePath): string | undefined => lookAt(path)?.ino.toString();

const hasLastingIdentities = (folder: BytePath): boolean => {
	try {
		return lastingIdentities.has(statfsSync(toDiskPath(folder)).type);
	} catch {
		return false;
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

/**
 * The record with those of its moves marked that are going to be exchanged; unchanged where the system or the file system has no such thing. Everything is
 * staged by then.
 */
export const markExchanges = <Marked extends SwapRecord>(disk: Disk, record: Marked): Marked => {
	if (!disk.exchange) {
		return record;
	}

	const places = record.places.map((place): Place => {
		const anchor = hasLastingIdentities(place.work) ? identityOf(stageOf(record, place)) : undefined;
		return anchor === undefined ? place : {...place, anchor};
	});
	let marks = 0;
	const moves = record.moves.map((move): Move => {
		const isMarked =
			marks < maximumExchanges && places[move.place]?.anchor !== undefined && canBeExchanged(record, move);
		const staged = isMarked ? identityOf(pathsOf(record, move).staged) : undefined;
		marks += staged === undefined ? 0 : 1;
		return staged === undefined ? move : {...move, staged};
	});
	return marks === 0 ? record : {...record, format: 2, moves, places};
};

/** What is to be said of a move that may have been exchanged and not been settled yet. */
const stateOf = (record: SwapRecord, {move, paths}: PlacedMove): 'exchanged' | 'not' | 'unknown' => {
	if (move.staged === undefined || !exists(paths.staged) || !exists(paths.live) || exists(paths.old)) {
		return 'not';
	}

	// In a copy everything has a number of its own.
	const place = record.places[move.place];
	if (!place || place.anchor === undefined || identityOf(stageOf(record, place)) !== place.anchor) {
		return 'unknown';
	}

	// Nobody else writes where staged things lie, so that whatever is there and is not what was staged is what was live.
	return identityOf(paths.staged) === move.staged ? 'not' : 'exchanged';
};

/**
 * Makes sure that it can be told what was exchanged. Ask before an interrupted swap is gone on with, in either direction.
 * @throws needs-recovery when the folders were copied in the middle of a swap, to another disk for one.
 */
export const assertTold = (record: SwapRecord): void => {
	const move = record.moves.find(candidate => {
		const paths = pathsOf(record, candidate);
		return stateOf(record, {move: candidate, paths}) === 'unknown';
	});
	if (move) {
		const {live, staged} = pathsOf(record, move);
		throw new PrintkeepError(
			'needs-recovery',
			`The data folder was copied while a restore was interrupted, so that nothing tells any more which of ${showPath(live)} and ${showPath(staged)} is the old one.`,
			{hint: 'Recover on the disk it was copied from, and copy it after that. Nothing has been touched.'},
		);
	}
};

/** The moves that may have been exchanged; few. */
const markedOf = (record: SwapRecord): readonly PlacedMove[] =>
	record.moves.filter(({staged}) => staged !== undefined).map(move => ({move, paths: pathsOf(record, move)}));

/** Brings exchanged moves to where the others get in two steps: the old thing is in the rollback copy, and nothing is staged any more. */
export const settleExchanged = async (disk: Disk, record: SwapRecord): Promise<void> => {
	const exchanged = markedOf(record).filter(placed => stateOf(record, placed) === 'exchanged');
	// The exchange must be on the medium before the old thing gets the name that says it has been put away.
	await syncAll(
		disk,
		exchanged.flatMap(({paths}) => [parentPath(paths.live), parentPath(paths.staged)]),
	);
	for (const {move, paths} of exchanged) {
		makeRollbackParents(disk, record, move);
		disk.rename(toDiskPath(paths.staged), toDiskPath(paths.old));
	}
};

/** Exchanges what may be exchanged, so that there is no moment in which its name is missing; the first that fails leaves the rest to the two steps. */
export const exchangeMarked = async (disk: Disk, record: SwapRecord): Promise<void> => {
	for (const placed of markedOf(record)) {
		const {live, staged, old} = placed.paths;
		if (stateOf(record, placed) === 'exchanged' || exists(old) || !exists(live) || !exists(staged)) {
			continue;
		}

		disk.exchange?.(toDiskPath(live), toDiskPath(staged));
		if (stateOf(record, placed) !== 'exchanged') {
			break;
		}
	}

	await settleExchanged(disk, record);
};
