/** What several screens read from the model. */
import type {BackupSummary, TrashItem} from '../client/protocol.js';
import {backupId, type Model} from './model.js';

/** The backup of a key, or undefined when it is gone. */
export const selectBackup = (
	{backups}: Model,
	id: {readonly key: string; readonly origin: BackupSummary['origin']},
): BackupSummary | undefined => backups.byId.get(backupId(id));

/** What `z` brings back: everything of the last deletion of this dashboard, else the latest thing in the trash. */
export const selectLastDeleted = ({trash, lastJob}: Pick<Model, 'trash' | 'lastJob'>): readonly TrashItem[] => {
	// The trash is read again after a deletion; until then only the deletion itself knows.
	const deleted = lastJob?.result?.type === 'delete' ? lastJob.result.trashed : [];
	return deleted.length > 0 ? deleted : (trash?.slice(0, 1) ?? []);
};
