/** Restoring into the instance itself: checked, unpacked beside it, exchanged under a journal, checked again. */
import type {RestoreMode, ServiceSettings, SkippedFile} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {plural} from '../../format/plural.js';
import {createBreathe} from '../breathe.js';
import type {JobContext} from '../jobs/context.js';
import {type BytePath, joinPath, showPath, toText} from './byte-path.js';
import {checkRestored} from './check.js';
import {compare} from './compare-backup.js';
import {markExchanges} from './exchange-marks.js';
import {commitSwap, discardSwap, endUntouched, goForward, takeBack} from './finish.js';
import {type Journal, type SwapRecord, writeJournal} from './journal.js';
import {countPlanned} from './plan-counts.js';
import type {Prepared} from './prepare.js';
import {recoverInterrupted, removeStrays} from './recover.js';
import {refuseRestore, refuseWay} from './refusals.js';
import {forgetDigests} from './remembered-digests.js';
import {type RestoreResult, resultOf} from './restore-result.js';
import {pauseServer, type ServerChoice} from './server-pause.js';
import {isStaged, type Staged, type StageOptions, stage} from './stage.js';
import type {Survey} from './survey-result.js';
import {putAsideFolders, withModes} from './swap.js';
import {pathsOf} from './swap-paths.js';
import {findRollback} from './undo-record.js';
import {verifyWholeBackup} from './verify-backup.js';
import {chooseWay, lastLook} from './way.js';
import {makeWorkFolder} from './work-folder.js';

const mainWork = ({places}: Pick<Survey, 'places'>): BytePath => {
	const [first] = places;
	if (!first) {
		throw new PrintkeepError('bug', 'A restore has no place to go to.');
	}

	return first.work;
};

const newJournal = ({ports}: JobContext, prepared: Prepared, found: Survey): Journal => {
	const id = ports.randomHex(8);
	return {
		format: 1,
		id,
		job: 'restore',
		startedAt: ports.clock.now(),
		key: prepared.key,
		places: found.places.map(({live, work, made}) => ({live, work, made})),
		moves: [],
		folders: [],
		stageName: `stage-${id}` as BytePath,
		rollbackName: `rollback-${id}` as BytePath,
		rollbackBytes: 0,
		phase: 'staging',
		replaced: findRollback(prepared.destination)?.record ?? null,
	};
};

const rootsOf = (record: SwapRecord): readonly BytePath[] =>
	record.places.map(({work}) => joinPath(work, record.stageName));

/** The moves as things are now, which a running server may have changed since they were planned. */
const finalMoves = (
	journal: Journal,
	first: Survey,
	{found, mode}: {readonly found: Survey; readonly mode: RestoreMode},
): Pick<Journal, 'moves' | 'folders' | 'rollbackBytes'> => {
	if (found.places.length !== journal.places.length) {
		throw new PrintkeepError('failed', 'The data folder was rearranged while the backup was unpacked.', {
			hint: 'Stop the server, then try again. Nothing has been changed.',
		});
	}

	const roots = rootsOf(journal);
	const moves = found.moves
		.map(move => ({
			...move,
			wasIn: move.in,
			in: move.in && isStaged(roots[move.place] ?? roots[0] ?? ('' as BytePath), move.path),
		}))
		// Where nothing is removed, a link that is not made from an archive takes nothing's place.
		.filter(move => move.in || (move.out && !(mode === 'merge' && move.wasIn)))
		.map(move => withModes(move, pathsOf(journal, move)));
	// A private folder inside a place's own folder changed that folder's date when it was made.
	const folders = found.folders.map(folder =>
		folder.path === ''
			? (first.folders.find(other => other.place === folder.place && other.path === '') ?? folder)
			: folder,
	);
	return {moves, folders, rollbackBytes: found.rollbackBytes};
};

const tell = (
	{report}: Pick<JobContext, 'report'>,
	untidied: readonly {readonly path: string; readonly reason: string}[],
): void => {
	for (const {path, reason} of untidied) {
		report.log('warning', 'Something of an earlier restore could not be removed.', `${path}: ${reason}`);
	}
};

const notBack = (error: unknown, cause: unknown): PrintkeepError =>
	new PrintkeepError(
		'needs-recovery',
		`${toPrintkeepError(cause, 'The restore failed').message} Taking it back failed as well: ${toPrintkeepError(error, 'the old data could not be moved').message}`,
		{hint: 'Put right what stands in the way, then run: printkeep recover', cause},
	);

/** The swap and what follows it. Nothing of this can be cancelled: it ends with the new tree or the old one. */
const exchange = async (
	context: JobContext,
	prepared: Prepared,
	{journal, work, staged}: {readonly journal: Journal; readonly work: BytePath; readonly staged: Staged},
): Promise<readonly SkippedFile[]> => {
	const {ports, report, pool} = context;
	const {disk} = ports;
	const breathe = createBreathe(ports.clock, new AbortController().signal);
	let swapped: Journal;
	let problems: readonly SkippedFile[];
	try {
		swapped = await goForward(disk, work, journal, ports.randomHex(8));
		const checked = await checkRestored({report, breathe, pool}, prepared, staged.skippedLinks);
		if (checked.corrupt.length > 0) {
			throw new PrintkeepError(
				'io-error',
				`${plural(checked.corrupt.length, 'restored file')} did not read back as written: the disk does not keep what it is given.`,
				{hint: 'The old data is back in its place. The disk may be dying: copy your backups to another one now.'},
			);
		}

		if (checked.unreadable.length > 0) {
			throw new PrintkeepError(
				'io-error',
				`${plural(checked.unreadable.length, 'restored file')} could not be read back: the disk reported an input/output error.`,
				{hint: 'The old data is back in its place. The disk may be dying: copy your backups to another one now.'},
			);
		}

		({problems} = checked);
	} catch (error) {
		try {
			await takeBack(disk, work, journal, ports.randomHex(8));
		} catch (second) {
			throw notBack(second, error);
		}

		throw toPrintkeepError(error, 'The restore failed and was taken back');
	}

	try {
		tell(context, await commitSwap(disk, work, swapped, ports.randomHex(8)));
	} catch (error) {
		throw new PrintkeepError(
			'needs-recovery',
			`The backup is restored, but tidying up afterwards failed: ${toPrintkeepError(error, 'a record could not be written').message}`,
			{hint: 'Put right what stands in the way, then run: printkeep recover', cause: error},
		);
	}

	return problems;
};

/** Removes what was unpacked after a failure that touched nothing live. Its own failure is not reported: the next start finds what is left. */
const abandon = async (
	{ports, report}: JobContext,
	work: BytePath,
	{staging, mayBeForward}: {readonly staging: Journal; readonly mayBeForward: boolean},
): Promise<void> => {
	try {
		// A journal that says "forward" must be gone before what it would move is.
		tell(
			{report},
			mayBeForward
				? await endUntouched(ports.disk, work, staging, ports.randomHex(8))
				: await discardSwap(ports.disk, work, staging),
		);
	} catch (error) {
		report.log(
			'warning',
			'What had been unpacked could not be removed.',
			error instanceof Error ? error.message : undefined,
		);
	}
};

/** What is said of things other programs wrote into the data folder meanwhile. */
const asideSteps = (journal: Journal): readonly string[] =>
	putAsideFolders(journal).map(
		folder => `Look at ${showPath(folder)}: another program wrote that into the data folder while it was exchanged.`,
	);

/**
 * Runs a restore in place. The caller holds the instance's lock. A running server is stopped right before the exchange and started again once the data
 * folder is whole, whichever way it ended.
 * @throws printing, the refusals of refuseRestore, archive errors, the disk's errors: the live data is as it was then; needs-recovery when it could not
 * be brought back.
 */
export const restoreInPlace = async (
	context: JobContext,
	prepared: Prepared,
	{
		allowNewer,
		service,
		...choice
	}: {readonly allowNewer: boolean; readonly service?: ServiceSettings | undefined} & ServerChoice,
): Promise<RestoreResult> => {
	const {ports, report, breathe} = context;
	const {disk} = ports;
	const {adapter, inPlace} = prepared;
	refuseRestore(prepared, {allowNewer});
	if (inPlace === null) {
		throw new PrintkeepError('bug', 'A restore in place needs an instance.');
	}

	const pause = await pauseServer(context, {adapter, instance: inPlace.instance, service}, choice);
	await verifyWholeBackup(context, prepared);
	const compared = await compare(context, prepared);
	const {counts} = countPlanned(compared.found, compared.comparison);
	const way = await chooseWay(context, prepared, compared);
	refuseWay(way);
	const {found, sameLinks} = way;
	report.phase('staging');
	// What an earlier restore unpacked and never used is in the way of nothing but space.
	await recoverInterrupted(ports, {dataFolder: toText(prepared.destination)});
	await removeStrays(disk, {dataFolder: toText(prepared.destination)});
	const work = mainWork(found);
	const staging = newJournal(context, prepared, found);
	let journal = staging;
	let staged: Staged;
	try {
		await makeWorkFolder(disk, work, prepared.destination);
		await writeJournal(disk, work, staging, ports.randomHex(8));
		for (const place of found.places) {
			await makeWorkFolder(disk, place.work, place.live);
		}

		const options: StageOptions = {
			backup: prepared.backup,
			wanted: way.unpacked,
			present: prepared.wanted.files,
			places: found.places,
			roots: rootsOf(staging),
			sameLinks,
			avoided: found.avoided,
			ownerOf: prepared.ownerOf,
		};
		staged = await stage(context, options);
		// Where nothing is going to change the server need not notice.
		if (found.moves.length > 0) {
			await pause.stop(work);
		}

		const seen = await lastLook(context, prepared, way, async files => {
			await stage(context, {...options, wanted: {files, links: [], folders: []}, isResumed: true});
		});
		journal = markExchanges(disk, {
			...staging,
			phase: 'forward',
			...finalMoves(staging, found, {found: seen, mode: prepared.scope.mode}),
		});
		await breathe();
		report.cancellable(false);
		report.phase('swapping');
		await writeJournal(disk, work, journal, ports.randomHex(8));
	} catch (error) {
		await abandon(context, work, {staging, mayBeForward: journal !== staging});
		await pause.resume();
		report.cancellable(true);
		throw toPrintkeepError(error, 'The backup could not be unpacked; nothing has been changed');
	}

	let problems: readonly SkippedFile[];
	try {
		problems = await exchange(context, prepared, {journal, work, staged});
	} catch (error) {
		await pause.resume();
		throw error;
	} finally {
		forgetDigests();
		report.cancellable(true);
	}

	const {isRestarted, next} = await pause.resume();
	const result = await resultOf(context, prepared, {
		counts,
		skipped: [...staged.skipped, ...problems],
		rollbackCopy: toText(joinPath(work, journal.rollbackName)),
		isRestarted,
	});
	return {...result, next: [...asideSteps(journal), ...next, ...result.next]};
};
