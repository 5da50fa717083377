import type {BytePath} from './byte-path.js';
import {readRollbackRecord, type SwapRecord} from './journal.js';
import {workFolderCandidates} from './work-folder.js';

export type Rollback = {readonly work: BytePath; readonly record: SwapRecord};

/**
 * The rollback copy that undo brings back, or null.
 * @param dataFolder real path
 * @throws needs-recovery when its record cannot be understood
 */
export const findRollback = (dataFolder: BytePath): Rollback | null => {
	const found = workFolderCandidates(dataFolder).flatMap((work): readonly Rollback[] => {
		const record = readRollbackRecord(work);
		return record ? [{work, record}] : [];
	});
	return found.sort((a, b) => b.record.startedAt - a.record.startedAt)[0] ?? null;
};
