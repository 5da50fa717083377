/** Finds and ends restores that were interrupted. Everything needed lies beside (or in) the data folder; no store is needed. */
import type {InstanceRef, Leftover, Target} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {type Disk, removeTree} from '../disk.js';
import {leftoverId} from '../leftover-id.js';
import type {EnginePorts} from '../ports.js';
import {type BytePath, joinPath, lookAt, resolveLinks, showPath, toBytePath, toText} from './byte-path.js';
import {assertTold} from './exchange-marks.js';
import {commitSwap, discardSwap, finishBack, goForward, strayNames, takeBack} from './finish.js';
import {type Journal, journalPath, readJournal, readRollbackRecord, type SwapRecord} from './journal.js';
import {findDeadStages} from './stage-record.js';
import {missingPlace, putAsideFolders} from './swap.js';
import {treeBytes} from './tree-bytes.js';
import {workFolderCandidates} from './work-folder.js';

/** The data folder's real path; as given when it does not exist. */
export const dataRoot = ({dataFolder}: Pick<InstanceRef, 'dataFolder'>): BytePath =>
	resolveLinks(toBytePath(dataFolder)) ?? toBytePath(dataFolder);

export type Pending = {readonly work: BytePath; readonly journal: Journal};

/**
 * The restore of an instance that has not ended, or null. Ask only while no job runs on the instance: a running one looks the same.
 * @throws needs-recovery when its journal cannot be understood; the system error when it cannot be read.
 */
export const findPending = (instance: Pick<InstanceRef, 'dataFolder'>): Pending | null => {
	for (const work of workFolderCandidates(dataRoot(instance))) {
		const journal = readJournal(work);
		if (journal) {
			return {work, journal};
		}
	}

	return null;
};

/**
 * Refuses work on an instance whose restore was interrupted in the middle of the swap: its data folder is neither the old nor the new one.
 * @throws needs-recovery
 */
export const refuseWhilePending = (instance: Pick<InstanceRef, 'dataFolder'>): void => {
	const pending = findPending(instance);
	if (pending && pending.journal.phase !== 'staging') {
		throw new PrintkeepError(
			'needs-recovery',
			'A restore of this instance was interrupted and has to be finished first.',
			{
				hint: 'Run: printkeep recover',
				detail: toText(journalPath(pending.work)),
			},
		);
	}
};

/**
 * What lies in the private folder of a folder outside the data folder. Several instances can use that one, and keep their old data there; what this
 * instance's last restore unpacked there has its name, and nobody needs it any more.
 */
const strangers = (work: BytePath, record: SwapRecord): readonly Leftover[] =>
	strayNames(work, new Set([record.rollbackName])).map(name =>
		name === record.stageName
			? leftover('stage', joinPath(work, name), explainStray(name), 'clean')
			: leftover(
					'stage',
					joinPath(work, name),
					'Files of another restore. Another instance that uses the same folder may need them for undo: delete them by hand when none does.',
					'none',
				),
	);

const leftover = (
	type: 'interrupted-restore' | 'stage',
	path: BytePath,
	explanation: string,
	remedy: Leftover['remedy'],
): Leftover => ({id: leftoverId(toText(path)), type, path: toText(path), bytes: treeBytes(path), explanation, remedy});

const explain = ({phase, job, key}: Journal): string => {
	const what = job === 'undo' ? 'An undo of the restore' : 'A restore';
	switch (phase) {
		case 'staging':
			return `${what} of ${key} was interrupted before it touched anything. Cleaning deletes what it had unpacked.`;
		case 'forward':
			return `${what} of ${key} was interrupted while the data was exchanged. Recovering finishes it; the old data stays available for undo.`;
		case 'back':
			return `${what} of ${key} failed and was being taken back when it was interrupted. Recovering brings the old data back.`;
		case 'swapped':
			return `${what} of ${key} was interrupted after the data was exchanged. Recovering tidies up; the old data stays available for undo.`;
	}
};

const explainStray = (name: BytePath): string => {
	if (name.startsWith('rollback-')) {
		return 'Old data of an earlier restore that undo does not need any more. Cleaning deletes it.';
	}

	return name.startsWith('aside-')
		? 'What another program wrote into the data folder while a restore exchanged it. Look at it, and delete it by hand when nobody needs it.'
		: 'Files of an interrupted restore that were never put in place. Cleaning deletes them.';
};

const strays = (work: BytePath, record: SwapRecord | null): readonly Leftover[] =>
	strayNames(work, new Set(record ? [record.rollbackName] : [])).map(name =>
		// The only copy of what somebody wrote is not for a clean-up that asks no questions.
		leftover('stage', joinPath(work, name), explainStray(name), name.startsWith('aside-') ? 'none' : 'clean'),
	);

const leftoversIn = (work: BytePath): readonly Leftover[] => {
	try {
		const journal = readJournal(work);
		if (journal) {
			const isUntouched = journal.phase === 'staging';
			const stages = journal.places.map(place => joinPath(place.work, journal.stageName));
			return [
				{
					...leftover(
						isUntouched ? 'stage' : 'interrupted-restore',
						journalPath(work),
						explain(journal),
						isUntouched ? 'clean' : 'recover',
					),
					bytes: stages.reduce((sum, path) => sum + treeBytes(path), 0),
				},
			];
		}

		const record = readRollbackRecord(work);
		const shared = new Set(record?.places.map(place => place.work).filter(other => other !== work));
		return [...strays(work, record), ...(record ? [...shared].flatMap(folder => strangers(folder, record)) : [])];
	} catch (error) {
		const {message, hint} = toPrintkeepError(error, 'The journal of a restore could not be read');
		return [leftover('interrupted-restore', journalPath(work), `${message} ${hint}`.trim(), 'none')];
	}
};

/** What interrupted restores of an instance left. Ask only while no job runs on it. */
export const findInterrupted = async (
	ports: Pick<EnginePorts, 'stateFolder' | 'hostName' | 'server'>,
	{instance}: Pick<Target, 'instance'>,
): Promise<readonly Leftover[]> => [
	...workFolderCandidates(dataRoot(instance)).flatMap(leftoversIn),
	...findDeadStages(ports).map(({stage}) =>
		leftover(
			'stage',
			toBytePath(stage),
			'Files of a restore into another folder that was interrupted. Cleaning deletes them.',
			'clean',
		),
	),
];

export type Recovery = {
	/** `none`: nothing was pending. `cleaned`: nothing had been touched. */
	readonly type: 'none' | 'cleaned' | 'finished' | 'rolled-back';
	/** For a person; empty when nothing was pending. */
	readonly message: string;
};

type RecoveryPorts = {readonly disk: Disk; readonly randomHex: (bytes: number) => string};

const asideNote = (journal: Journal): string => {
	const folders = putAsideFolders(journal).map(showPath);
	return folders.length === 0 ? '' : ` What another program wrote meanwhile was kept in ${folders.join(', ')}.`;
};

const finish = async ({disk, randomHex}: RecoveryPorts, {work, journal}: Pending): Promise<Recovery> => {
	let swapped: Journal;
	try {
		swapped = await goForward(disk, work, journal, randomHex(8));
	} catch (error) {
		// The way forward is blocked. From "swapped" there is no way back any more that would not lose what has been written since.
		if (journal.phase === 'swapped') {
			throw error;
		}

		await takeBack(disk, work, journal, randomHex(8));
		return {
			type: 'rolled-back',
			message: `The interrupted ${journal.job} could not be finished and was taken back: the data is as it was before.${asideNote(journal)}`,
		};
	}

	await commitSwap(disk, work, swapped, randomHex(8));
	return {
		type: 'finished',
		message: `The interrupted ${journal.job} was finished: the new data is in place, and undo brings the old back (${journal.key}).${asideNote(journal)}`,
	};
};

/**
 * Ends the interrupted restore of an instance, forward or back as its journal says; can itself be interrupted at any point and repeated. The caller
 * holds the instance's lock.
 * @throws needs-recovery when a disk it needs is missing or its journal cannot be understood; the system error of a step that failed.
 */
export const recoverInterrupted = async (
	ports: RecoveryPorts,
	instance: Pick<InstanceRef, 'dataFolder'>,
): Promise<Recovery> => {
	const pending = findPending(instance);
	if (!pending) {
		return {type: 'none', message: ''};
	}

	const {work, journal} = pending;
	if (journal.phase === 'staging') {
		const untidied = await discardSwap(ports.disk, work, journal, {isLastTry: true});
		const left = untidied.map(({path, reason}) => `${safeText(path)} (${safeText(reason)})`);
		return {
			type: 'cleaned',
			message:
				left.length === 0
					? `An interrupted restore had not touched anything yet: its files were removed (${journal.key}).`
					: `An interrupted restore had not touched anything yet (${journal.key}). Delete by hand what could not be removed: ${left.join(', ')}.`,
		};
	}

	const missing = missingPlace(journal);
	if (missing !== undefined) {
		throw new PrintkeepError(
			'needs-recovery',
			`The interrupted ${journal.job} cannot be finished: the private folder for ${showPath(missing)} is missing.`,
			{hint: 'Connect and mount the disk it lies on, then run: printkeep recover'},
		);
	}

	assertTold(journal);
	if (journal.phase === 'back') {
		await finishBack(ports.disk, work, journal, ports.randomHex(8));
		return {
			type: 'rolled-back',
			message: `The interrupted ${journal.job} was taken back: the data is as it was before (${journal.key}).${asideNote(journal)}`,
		};
	}

	return finish(ports, pending);
};

/** Removes what restores unpacked and never put in place. Old data that nothing refers to any more waits for a person. Returns the bytes freed. */
export const removeStrays = async (disk: Disk, instance: Pick<InstanceRef, 'dataFolder'>): Promise<number> => {
	let freed = 0;
	for (const {path, bytes, type, remedy} of workFolderCandidates(dataRoot(instance)).flatMap(leftoversIn)) {
		const isStage = /\/(stage-[0-9a-f]+|[a-z]+\.json\.[0-9a-f]+\.tmp)$/.test(path);
		if (type === 'stage' && remedy === 'clean' && isStage && lookAt(toBytePath(path))) {
			removeTree(disk, path);
			freed += bytes;
		}
	}

	return freed;
};
