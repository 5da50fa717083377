import type {JobRequest, JobResult} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import type {JobContext} from './context.js';

/** Follows. */
export const runTrashEmpty = async (
	_context: JobContext,
	_request: Extract<JobRequest, {type: 'trash-empty'}>,
): Promise<Extract<JobResult, {type: 'trash-empty'}>> => {
	throw new PrintkeepError('failed', 'This cannot be done yet.');
};
