import type {JobRequest, JobResult} from '../../client/protocol.js';
import {undoRestore} from '../restore/undo.js';
import type {JobContext} from './context.js';

type UndoRequest = Extract<JobRequest, {type: 'undo'}>;
type UndoResult = Extract<JobResult, {type: 'undo'}>;

/**
 * Brings back what the last restore of the instance replaced. The locks are held by the caller.
 * @throws printing, nothing-to-undo, needs-recovery, unsafe-destination, the disk's errors
 */
export const runUndo = async (context: JobContext, {type: _type, ...request}: UndoRequest): Promise<UndoResult> =>
	undoRestore(context, request);
