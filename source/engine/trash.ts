import type {Result, Target} from '../client/protocol.js';
import type {EnginePorts} from './ports.js';

/** Deleted backups of a store, latest first. */
export const listTrash = (_ports: EnginePorts, {trashDays = 7}: Target): Result<'trash.list'> => ({
	items: [],
	bytes: 0,
	days: trashDays,
});
