import {PrintkeepError} from '../../errors.js';
import {plural} from '../../format/plural.js';
import {verifyArchive} from '../archive/verify.js';
import type {JobContext} from '../jobs/context.js';
import type {Prepared} from './prepare.js';

/**
 * Reads the whole archive and checks every byte of it, before anything of it is used.
 * @throws the first problem, archive-damaged for the most part; cancelled
 */
export const verifyWholeBackup = async (
	{report, signal, breathe}: JobContext,
	{backup}: Pick<Prepared, 'backup'>,
): Promise<void> => {
	report.phase('verifying');
	const {archive, manifest} = backup;
	report.total(
		manifest?.totals.bytes ?? archive.entries.reduce((sum, {bytes}) => sum + bytes, 0),
		manifest?.totals.files ?? archive.entries.filter(({type}) => type === 'file').length,
	);
	const {problems} = await verifyArchive(archive, {
		signal,
		breathe,
		onProgress(bytes, files, name) {
			report.currentFile(name);
			report.advance(bytes, files);
		},
	});
	const [first] = problems;
	if (first) {
		const more =
			problems.length > 1
				? ` There ${problems.length === 2 ? 'is' : 'are'} ${plural(problems.length - 1, 'more problem')}.`
				: '';
		throw new PrintkeepError(first.code, `${first.message}${more}`, {
			hint: 'Nothing has been changed. Use another backup, or copy this one again from where it came from.',
			...(first.detail === undefined ? {} : {detail: first.detail}),
		});
	}
};
