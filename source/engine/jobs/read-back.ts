import {openArchive} from '../archive/reader.js';
import type {JobContext} from './context.js';
import {problemError, verifyWithProgress} from './verify-with-progress.js';

/**
 * Reads the whole archive back from the disk and compares it with what was meant to be written.
 * @returns hex SHA-256 of all bytes before the end record.
 * @throws archive-damaged, cancelled
 */
export const readBack = async (
	context: JobContext,
	path: string,
	totals: {readonly files: number; readonly bytes: number},
): Promise<string> => {
	context.report.total(totals.bytes, totals.files);
	const archive = await openArchive(path);
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
