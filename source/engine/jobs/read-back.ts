import type {LimitSettings} from '../../client/protocol.js';
import {openArchive} from '../archive/reader.js';
import type {JobContext} from './context.js';
import {problemError, verifyWithProgress} from './verify-with-progress.js';

/**
 * Reads the whole archive back from the disk and compares it with what was meant to be written. One beyond the limits is none: it would be refused when it
 * is needed.
 * @returns hex SHA-256 of all bytes before the end record.
 * @throws archive-damaged, the limits' codes (zip-too-many-entries…), cancelled
 */
export const readBack = async (
	context: JobContext,
	path: string,
	{
		totals,
		limits,
	}: {readonly totals: {readonly files: number; readonly bytes: number}; readonly limits: LimitSettings | undefined},
): Promise<string> => {
	context.report.total(totals.bytes, totals.files);
	const archive = await openArchive(path, {limits});
	try {
		const {problems, sha256OfBody} = await verifyWithProgress(context, archive, {sealed: false});
		const [first] = problems;
		if (first) {
			throw problemError(
				{...first, code: 'archive-damaged'},
				`The new archive did not read back as it was written: ${first.message}`,
				'The disk may be failing: choose another place for your backups, and check the old ones with: printkeep verify --all',
			);
		}

		return sha256OfBody;
	} finally {
		archive.close();
	}
};
