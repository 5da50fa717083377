import {PrintkeepError} from '../../errors.js';
import {openArchive} from '../archive/reader.js';
import {verifyArchive} from '../archive/verify.js';
import type {JobContext} from './context.js';

/**
 * Reads the whole archive back from the disk and compares it with what was meant to be written.
 * @returns hex SHA-256 of all bytes before the end record.
 * @throws archive-damaged, cancelled
 */
export const readBack = async (
	{report, breathe, signal}: JobContext,
	path: string,
	totals: {readonly files: number; readonly bytes: number},
): Promise<string> => {
	report.total(totals.bytes, totals.files);
	const archive = await openArchive(path);
	try {
		const {problems, sha256OfBody} = await verifyArchive(archive, {
			signal,
			breathe,
			sealed: false,
			onProgress(bytes, files, name) {
				report.currentFile(name);
				report.advance(bytes, files);
			},
		});
		const [first] = problems;
		if (first) {
			throw new PrintkeepError(
				'archive-damaged',
				`The new archive did not read back as it was written: ${first.message}`,
				{
					hint: 'The disk may be failing: choose another place for your backups, and check the old ones with: printkeep verify --all',
					...(first.detail === undefined ? {} : {detail: first.detail}),
				},
			);
		}

		return sha256OfBody;
	} finally {
		archive.close();
	}
};
