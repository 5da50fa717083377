import type {Target, UndoInfo} from '../../client/protocol.js';
import {lookAt} from './byte-path.js';
import {readJournal} from './journal.js';
import {dataRoot} from './recover.js';
import {expiryOf} from './rollback-age.js';
import {findRollback} from './undo-record.js';

/** What undo would bring back, for people; null when there is nothing, or when it cannot be told. */
export const undoInfo = (target: Pick<Target, 'instance' | 'rollbackDays'>): UndoInfo | null => {
	try {
		const rollback = findRollback(dataRoot(target.instance));
		if (!rollback || readJournal(rollback.work) || !lookAt(rollback.work)) {
			return null;
		}

		const {job, startedAt, key, rollbackBytes} = rollback.record;
		return {takesBack: job, restoredAt: startedAt, key, bytes: rollbackBytes, expiresAt: expiryOf(rollback, target)};
	} catch {
		return null;
	}
};
