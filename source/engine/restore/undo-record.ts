import type {InstanceRef, UndoInfo} from '../../client/protocol.js';
import {type BytePath, lookAt} from './byte-path.js';
import {readJournal, readRollbackRecord, type SwapRecord} from './journal.js';
import {dataRoot} from './recover.js';
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

/** What undo would bring back, for people; null when there is nothing, or when it cannot be told. */
export const undoInfo = (instance: Pick<InstanceRef, 'dataFolder'>): UndoInfo | null => {
	try {
		const rollback = findRollback(dataRoot(instance));
		if (!rollback || readJournal(rollback.work) || !lookAt(rollback.work)) {
			return null;
		}

		const {startedAt, key, rollbackBytes} = rollback.record;
		return {restoredAt: startedAt, key, bytes: rollbackBytes, expiresAt: null};
	} catch {
		return null;
	}
};
