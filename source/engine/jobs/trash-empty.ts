import type {JobRequest, JobResult} from '../../client/protocol.js';
import {toPrintkeepError} from '../../errors.js';
import {chooseEntries} from '../trash-choice.js';
import {readTrash} from '../trash-folder.js';
import {healTrash, removeEntries} from '../trash-heal.js';
import type {JobContext} from './context.js';

type TrashEmptyRequest = Extract<JobRequest, {type: 'trash-empty'}>;
type TrashEmptyResult = Extract<JobResult, {type: 'trash-empty'}>;

/**
 * Deletes what is in the trash for good: these items, or all of them.
 * @throws not-found before anything is touched; the disk's errors
 */
export const runTrashEmpty = async (
	{ports, report, breathe}: JobContext,
	{target, ids}: TrashEmptyRequest,
): Promise<TrashEmptyResult> => {
	report.phase('deleting');
	await healTrash(ports.disk, target.store);
	const {entries} = readTrash(target.store);
	const chosen = ids === 'all' ? entries : chooseEntries(entries, ids);
	report.total(
		chosen.reduce((sum, {bytes}) => sum + bytes, 0),
		chosen.length,
	);
	const deleted: string[] = [];
	let freedBytes = 0;
	try {
		await removeEntries(ports.disk, target.store, chosen, async index => {
			const {key = '', bytes = 0} = chosen[index] ?? {};
			deleted.push(key);
			freedBytes += bytes;
			report.advance(bytes, 1);
			report.currentFile(key);
			await breathe();
		});
	} catch (error) {
		throw toPrintkeepError(error, 'The trash could not be emptied');
	}

	return {type: 'trash-empty', deleted, freedBytes};
};
