import type {JobResult, Target} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {adapterFor} from '../adapter-for.js';
import type {JobContext} from '../jobs/context.js';
import {
	type BytePath,
	joinPath,
	listNames,
	lookAt,
	pathBelow,
	resolveLinks,
	showPath,
	toBytePath,
} from './byte-path.js';
import {markExchanges} from './exchange-marks.js';
import {commitSwap, goForward, takeBack} from './finish.js';
import {attributesOf} from './folder-attributes.js';
import {type Journal, type Move, type SwapRecord, writeJournal} from './journal.js';
import {createMounts, type Mounts} from './mounts.js';
import {dataRoot, recoverInterrupted, refuseWhilePending} from './recover.js';
import {nextSteps} from './restore-result.js';
import {pauseServer, type ServerChoice} from './server-pause.js';
import {missingPlace, withModes} from './swap.js';
import {pathsOf} from './swap-paths.js';
import {treeBytes} from './tree-bytes.js';
import {findRollback} from './undo-record.js';

type UndoResult = Extract<JobResult, {type: 'undo'}>;

type Split = Pick<SwapRecord, 'moves' | 'folders'>;

/**
 * Takes a move apart when something that has to stay lies in its folder now: the folder stays, and what else is in it is moved one by one. Without that,
 * backups the server has made since the restore would leave with the folder they lie in, and go for good with the next rollback copy.
 * @param staying real paths
 */
const splitAround = (record: SwapRecord, move: Move, staying: readonly BytePath[]): Split => {
	const {live, staged} = pathsOf(record, move);
	const inside = staying.filter(path => pathBelow(live, path) !== undefined && lookAt(path));
	if (!move.out || inside.length === 0) {
		return {moves: [move], folders: []};
	}

	const old = lookAt(staged);
	if (inside.includes(live) || (old && !old.isDirectory())) {
		if (!old) {
			return {moves: [], folders: []};
		}

		throw new PrintkeepError('unsafe-destination', `Backups have been put into ${showPath(live)} since the restore.`, {
			hint: 'Move them to another folder, then try again.',
		});
	}

	const now = attributesOf(live);
	const splits = [...new Set([...listNames(live), ...(old ? listNames(staged) : [])])].map(name => {
		const path = joinPath(move.path, name);
		const child = pathsOf(record, {...move, path});
		return splitAround(
			record,
			withModes(
				{place: move.place, path, out: lookAt(child.live) !== undefined, in: lookAt(child.staged) !== undefined},
				child,
			),
			staying,
		);
	});
	return {
		moves: splits.flatMap(({moves}) => moves),
		folders: [
			{place: move.place, path: move.path, before: now, after: attributesOf(staged) ?? now},
			...splits.flatMap(({folders}) => folders),
		],
	};
};

/** The same exchange the other way: what the restore moved out comes back, what is there now becomes the rollback copy. */
const reverse = (
	record: SwapRecord,
	{id, now, staying}: {readonly id: string; readonly now: number; readonly staying: readonly BytePath[]},
): Journal => {
	const reversed: Journal = {
		...record,
		id,
		job: 'undo',
		startedAt: now,
		stageName: record.rollbackName,
		rollbackName: `rollback-${id}` as BytePath,
		rollbackBytes: 0,
		phase: 'forward',
		replaced: record,
		moves: [],
		folders: record.folders.map(({place, path, before}) => {
			const folder = record.places[place];
			return {
				place,
				path,
				before: folder ? attributesOf(joinPath(folder.live, path)) : null,
				after: before,
			};
		}),
		places: record.places.map(place => ({...place, made: false})),
	};
	const splits = record.moves
		.map((move): Move => {
			const {live, staged} = pathsOf(reversed, move);
			if (move.out && !lookAt(staged)) {
				throw new PrintkeepError(
					'nothing-to-undo',
					`The old data of ${showPath(live)} is gone: something has deleted it.`,
					{
						hint: 'Restore another backup instead.',
					},
				);
			}

			return withModes(
				{place: move.place, path: move.path, out: lookAt(live) !== undefined, in: lookAt(staged) !== undefined},
				{live, staged},
			);
		})
		.filter(move => move.out || move.in)
		.map(move => splitAround(reversed, move, staying));
	const moves = splits.flatMap(split => split.moves);
	return {
		...reversed,
		moves,
		folders: [...reversed.folders, ...splits.flatMap(({folders}) => folders)],
		rollbackBytes: moves.reduce((sum, move) => sum + (move.out ? treeBytes(pathsOf(reversed, move).live) : 0), 0),
	};
};

/** Refuses to move a folder that holds what must not move along: another file system, the backups. */
const assertMovable = (journal: Journal, store: BytePath | undefined, mounts: Mounts): void => {
	for (const move of journal.moves.filter(({out}) => out)) {
		const {live} = pathsOf(journal, move);
		const isFolder = lookAt(live)?.isDirectory() === true;
		if (isFolder && (mounts.isMountPoint(live) || mounts.hasMountBelow(live))) {
			throw new PrintkeepError(
				'unsafe-destination',
				`Another disk has been mounted in ${showPath(live)} since the restore.`,
				{
					hint: 'Unmount it, then try again.',
				},
			);
		}

		if (store !== undefined && pathBelow(live, store) !== undefined) {
			throw new PrintkeepError(
				'unsafe-destination',
				`Backups have been put into ${showPath(live)} since the restore.`,
				{
					hint: 'Move them to another folder, then try again.',
				},
			);
		}
	}
};

/**
 * Brings back what the last restore replaced. Undoing twice brings the restored data back. The caller holds the instance's lock.
 * @throws printing, nothing-to-undo, needs-recovery, unsafe-destination, the disk's errors: the data is as it was then
 */
export const undoRestore = async (
	{ports, report, breathe}: JobContext,
	{target, mounts = createMounts(), ...choice}: {readonly target: Target; readonly mounts?: Mounts} & ServerChoice,
): Promise<UndoResult> => {
	const {instance, service} = target;
	refuseWhilePending(instance);
	await recoverInterrupted(ports, instance);
	const rollback = findRollback(dataRoot(instance));
	if (!rollback) {
		throw new PrintkeepError('nothing-to-undo', 'There is no restore of this instance that could be undone.', {
			hint: 'A restore in place keeps the old data until the next one.',
		});
	}

	const {work, record} = rollback;
	const missing = missingPlace(record);
	if (missing !== undefined) {
		throw new PrintkeepError('missing-folder', `The old data of ${showPath(missing)} cannot be reached.`, {
			hint: 'Connect and mount the disk it lies on, then try again.',
		});
	}

	report.phase('comparing');
	const adapter = await adapterFor(ports, instance.kind);
	const store = resolveLinks(toBytePath(target.store));
	const {offLimits} = await adapter.layout(instance, target.store);
	const pause = await pauseServer({ports, report}, {adapter, instance, service}, choice);
	const turned = (): Journal => {
		const journal = reverse(record, {
			id: ports.randomHex(8),
			now: ports.clock.now(),
			// Logs and the like, which only the mode `exact` takes out, come back like everything else.
			staying: offLimits
				.filter(({backups}) => backups)
				.map(({path}) => toBytePath(path))
				.filter(path => path !== store),
		});
		assertMovable(journal, store, mounts);
		return journal;
	};

	// What stands in the way is told before the server is stopped for nothing; what it has written until then counts.
	turned();
	try {
		await breathe();
		await pause.stop(work);
		const journal = markExchanges(ports.disk, turned());
		report.cancellable(false);
		report.phase('swapping');
		await exchange({ports, report}, work, journal);
	} catch (error) {
		await pause.resume();
		throw error;
	} finally {
		report.cancellable(true);
	}

	const {isRestarted, next} = await pause.resume();
	return {
		type: 'undo',
		destination: instance.dataFolder,
		restoredAt: record.startedAt,
		next: [...next, ...(isRestarted ? [] : await nextSteps({ports, report}, adapter, instance))],
	};
};

const exchange = async (
	{ports, report}: Pick<JobContext, 'ports' | 'report'>,
	work: BytePath,
	journal: Journal,
): Promise<void> => {
	const {disk, randomHex} = ports;
	let swapped: Journal;
	try {
		await writeJournal(disk, work, journal, randomHex(8));
		swapped = await goForward(disk, work, journal, randomHex(8));
	} catch (error) {
		try {
			await takeBack(disk, work, journal, randomHex(8));
		} catch (second) {
			throw new PrintkeepError(
				'needs-recovery',
				`The undo failed, and taking it back failed as well: ${toPrintkeepError(second, 'the data could not be moved').message}`,
				{hint: 'Put right what stands in the way, then run: printkeep recover', cause: error},
			);
		}

		throw toPrintkeepError(error, 'The undo failed; nothing has been changed');
	}

	for (const {path, reason} of await commitSwap(disk, work, swapped, randomHex(8))) {
		report.log('warning', 'Something of the restore could not be removed.', `${path}: ${reason}`);
	}
};
