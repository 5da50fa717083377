import type {JobRequest, JobResult} from '../../client/protocol.js';
import {type Catalog, sourcePath} from '../catalog.js';
import {prepare} from '../restore/prepare.js';
import {restoreElsewhere} from '../restore/restore-elsewhere.js';
import {restoreFile} from '../restore/restore-file.js';
import {restoreInPlace} from '../restore/restore-in-place.js';
import type {JobContext} from './context.js';

type RestoreRequest = Extract<JobRequest, {type: 'restore'}>;
type RestoreResult = Extract<JobResult, {type: 'restore'}>;

/**
 * Restores a backup, into its instance or into another folder. The locks are held by the caller.
 * @throws every refusal and failure as a PrintkeepError; what was there before is there then, unless the code is needs-recovery
 */
export const runRestore = async (
	context: JobContext,
	request: RestoreRequest,
	catalog: Catalog,
): Promise<RestoreResult> => {
	context.report.phase('scanning');
	const prepared = await prepare(context, request, {archivePath: sourcePath(catalog, request.source)});
	try {
		if (prepared.singleFile) {
			return await restoreFile(context, prepared, prepared.singleFile);
		}

		return await (prepared.inPlace
			? restoreInPlace(context, prepared, {
					allowNewer: request.allowNewer,
					service: request.target.service,
					evenIfPrinting: request.evenIfPrinting,
					stopServer: request.stopServer,
				})
			: restoreElsewhere(context, prepared));
	} finally {
		prepared.backup.archive.close();
	}
};
