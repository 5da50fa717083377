/** Changes of the list of backups: pure. */
import {orderBackups} from '../client/order.js';
import type {BackupSummary, Origin} from '../client/protocol.js';
import {type BackupsState, backupId} from './model.js';

/** These backups in order, at a revision that never goes back. */
export const withBackups = (
	state: BackupsState,
	byId: ReadonlyMap<string, BackupSummary>,
	revision: number,
): BackupsState => ({
	...state,
	ordered: orderBackups([...byId.values()]),
	byId,
	revision: Math.max(revision, state.revision),
});

/** The list after the engine has told what came, changed and went. */
export const changeCatalog = (
	state: BackupsState,
	upserted: readonly BackupSummary[],
	removed: readonly {readonly key: string; readonly origin: Origin}[],
	revision: number,
): BackupsState => {
	const byId = new Map(state.byId);
	for (const entry of removed) {
		byId.delete(backupId(entry));
	}

	for (const backup of upserted) {
		byId.set(backupId(backup), backup);
	}

	return withBackups(state, byId, revision);
};
