import {lstatSync} from 'node:fs';
import type {JobRequest, JobResult, Leftover, Target} from '../../client/protocol.js';
import {PrintkeepError, toErrorData, toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {removeTree} from '../disk.js';
import {findLeftovers, folderOf} from '../leftovers.js';
import {endInterrupted} from '../restore/end-interrupted.js';
import {dropExpiredRollback} from '../restore/rollback-age.js';
import {lockPathOf, removeStaleLock} from '../stale-locks.js';
import type {JobContext} from './context.js';

type RecoverRequest = Extract<JobRequest, {type: 'recover'}>;
type RecoverResult = Extract<JobResult, {type: 'recover'}>;

/** True for what ends an interrupted restore rather than just deleting something: the journal says what is to be done. */
const isJournal = ({path}: Leftover): boolean => path.endsWith('/journal.json');

/** Ends what was interrupted and cleans nothing else. Needs nothing but the data folder and what lies beside it. */
const endOnly = async (
	{ports, report}: Pick<JobContext, 'ports' | 'report'>,
	target: Target,
): Promise<RecoverResult> => {
	report.cancellable(false);
	const {message, hint} = await endInterrupted(ports, target);
	report.cancellable(true);
	return {type: 'recover', cleaned: [], freedBytes: 0, messages: [message, hint].filter(text => text !== '')};
};

/** Deletes an old copy that nobody is going to undo to any more. It is no reason for anything else to fail. @returns bytes freed */
export const dropOldRollback = async (
	{ports, report}: Pick<JobContext, 'ports' | 'report'>,
	target: Target,
): Promise<number> => {
	try {
		const dropped = await dropExpiredRollback(ports, target);
		if (dropped === null) {
			return 0;
		}

		report.log('info', 'The old data of the last restore was kept for its time and has been deleted.');
		for (const {path, reason} of dropped.untidied) {
			report.log('warning', 'Something of an earlier restore could not be removed.', `${path}: ${reason}`);
		}

		return dropped.bytes;
	} catch (error) {
		report.log('warning', 'The old data of the last restore could not be looked at.', toErrorData(error).detail);
		return 0;
	}
};

const takenOverLock = (id: string, path: string): Leftover => ({
	id,
	type: 'stale-lock',
	path,
	bytes: 0,
	explanation: 'The lock of a printkeep that is gone was taken over and given back.',
	remedy: 'clean',
});

/**
 * Finishes or takes back an interrupted restore, and deletes what other interrupted jobs left. The locks are held by the caller.
 * @throws not-found for an id that is not (or no longer) there; needs-recovery when a restore cannot be ended now; the disk's errors
 */
export const runRecover = async (
	{ports, report, breathe}: JobContext,
	{target, leftoverIds}: RecoverRequest,
): Promise<RecoverResult> => {
	report.phase('cleaning');
	if (leftoverIds === 'interrupted') {
		return endOnly({ports, report}, target);
	}

	const all = await findLeftovers(ports, target, false);
	// This job's own locks came in the place of stale ones, which are gone with that.
	const takenOver =
		typeof leftoverIds === 'string'
			? []
			: leftoverIds.filter(id => lockPathOf(target, id) !== undefined && !all.some(leftover => leftover.id === id));
	const unknown =
		typeof leftoverIds === 'string'
			? undefined
			: leftoverIds.find(id => !takenOver.includes(id) && !all.some(leftover => leftover.id === id));
	if (unknown !== undefined) {
		throw new PrintkeepError('not-found', `There is no leftover ${safeText(unknown)} any more.`, {
			hint: 'See what there is with: printkeep doctor',
		});
	}

	const chosen = all.filter(({id}) => leftoverIds === 'all' || leftoverIds.includes(id));
	const cleaned: Leftover[] = takenOver.map(id => takenOverLock(id, lockPathOf(target, id) ?? target.store));
	const messages: string[] = [];
	let freedBytes = 0;
	// An interrupted restore comes first: what it leaves is judged anew.
	for (const leftover of [...chosen].sort((a, b) => Number(isJournal(b)) - Number(isJournal(a)))) {
		await breathe();
		report.currentFile(leftover.path);
		if (leftover.remedy === 'none') {
			messages.push(leftover.explanation);
			continue;
		}

		if (isJournal(leftover)) {
			report.cancellable(false);
			const {type, message, hint} = await endInterrupted(ports, target);
			report.cancellable(true);
			if (type !== 'none') {
				messages.push(message, ...(hint === '' ? [] : [hint]));
				cleaned.push(leftover);
				freedBytes += type === 'cleaned' ? leftover.bytes : 0;
			}

			continue;
		}

		if (lstatSync(leftover.path, {throwIfNoEntry: false})) {
			const lockPath = lockPathOf(target, leftover.id);
			try {
				if (lockPath === undefined) {
					removeTree(ports.disk, leftover.path);
					await ports.disk.syncDirectory(folderOf(leftover));
				} else {
					await removeStaleLock(ports, lockPath);
				}
			} catch (error) {
				throw toPrintkeepError(error, `${safeText(leftover.path)} could not be deleted`);
			}

			cleaned.push(leftover);
			freedBytes += leftover.bytes;
		}
	}

	freedBytes += await dropOldRollback({ports, report}, target);
	return {type: 'recover', cleaned, freedBytes, messages};
};
