import {type ErrorData, PrintkeepError} from '../../errors.js';
import type {OpenArchive} from '../archive/reader.js';
import {type VerifyOptions, type VerifyReport, verifyArchive} from '../archive/verify.js';
import type {JobContext} from './context.js';

/** Reads an archive in full and tells the job's reporter how far it is. Phase and totals are the caller's. @throws cancelled */
export const verifyWithProgress = async (
	{report, signal, breathe, pool, onRead}: Pick<JobContext, 'report' | 'signal' | 'breathe' | 'pool' | 'onRead'>,
	archive: OpenArchive,
	options: Pick<VerifyOptions, 'sealed' | 'databases' | 'unpack'> = {},
): Promise<VerifyReport> =>
	verifyArchive(archive, {
		...options,
		signal,
		breathe,
		pool: pool(),
		onRead,
		onProgress(bytes, files, name) {
			report.currentFile(name);
			report.advance(bytes, files);
		},
	});

/** A problem of an archive as the failure of a job, in the job's own words; code and detail stay. */
export const problemError = ({code, detail}: ErrorData, message: string, hint: string): PrintkeepError =>
	new PrintkeepError(code, message, {hint, ...(detail === undefined ? {} : {detail})});
