/** What several screens read from the model. */
import type {BackupSummary} from '../client/protocol.js';
import {backupId, type Model} from './model.js';

/** The backup of a key, or undefined when it is gone. */
export const selectBackup = (
	{backups}: Model,
	id: {readonly key: string; readonly origin: BackupSummary['origin']},
): BackupSummary | undefined => backups.byId.get(backupId(id));
