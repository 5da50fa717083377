import type {JobRequest, JobResult} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import type {Catalog} from '../catalog.js';
import type {JobContext} from './context.js';

/** Follows. */
export const runTrashRestore = async (
	_context: JobContext,
	_request: Extract<JobRequest, {type: 'trash-restore'}>,
	_catalog: Catalog,
): Promise<Extract<JobResult, {type: 'trash-restore'}>> => {
	throw new PrintkeepError('failed', 'This cannot be done yet.');
};
