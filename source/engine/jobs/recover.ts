import {lstatSync} from 'node:fs';
import type {JobRequest, JobResult, Leftover} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {removeTree} from '../disk.js';
import {findLeftovers, folderOf} from '../leftovers.js';
import {recoverInterrupted} from '../restore/recover.js';
import type {JobContext} from './context.js';

type RecoverRequest = Extract<JobRequest, {type: 'recover'}>;
type RecoverResult = Extract<JobResult, {type: 'recover'}>;

/** True for what ends an interrupted restore rather than just deleting something: the journal says what is to be done. */
const isJournal = ({path}: Leftover): boolean => path.endsWith('/journal.json');

/**
 * Finishes or takes back an interrupted restore, and deletes what other interrupted jobs left. The locks are held by the caller.
 * @throws not-found for an id that is not (or no longer) there; needs-recovery when a restore cannot be ended now; the disk's errors
 */
export const runRecover = async (
	{ports, report, breathe}: JobContext,
	{target, leftoverIds}: RecoverRequest,
): Promise<RecoverResult> => {
	report.phase('cleaning');
	const all = await findLeftovers(ports, target, false);
	const unknown =
		typeof leftoverIds === 'string' ? undefined : leftoverIds.find(id => !all.some(leftover => leftover.id === id));
	if (unknown !== undefined) {
		throw new PrintkeepError('not-found', `There is no leftover ${safeText(unknown)} any more.`, {
			hint: 'See what there is with: printkeep doctor',
		});
	}

	const chosen = all.filter(leftover =>
		leftoverIds === 'interrupted' ? isJournal(leftover) : leftoverIds === 'all' || leftoverIds.includes(leftover.id),
	);
	const cleaned: Leftover[] = [];
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
			const {type, message} = await recoverInterrupted(ports, target.instance);
			report.cancellable(true);
			if (type !== 'none') {
				messages.push(message);
				cleaned.push(leftover);
				freedBytes += type === 'cleaned' ? leftover.bytes : 0;
			}

			continue;
		}

		if (lstatSync(leftover.path, {throwIfNoEntry: false})) {
			try {
				removeTree(ports.disk, leftover.path);
				await ports.disk.syncDirectory(folderOf(leftover));
			} catch (error) {
				throw toPrintkeepError(error, `${safeText(leftover.path)} could not be deleted`);
			}

			cleaned.push(leftover);
			freedBytes += leftover.bytes;
		}
	}

	return {type: 'recover', cleaned, freedBytes, messages};
};
