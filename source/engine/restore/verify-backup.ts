import {plural} from '../../format/plural.js';
import type {JobContext} from '../jobs/context.js';
import {problemError, verifyWithProgress} from '../jobs/verify-with-progress.js';
import type {Prepared} from './prepare.js';

/**
 * Reads the whole archive and checks every byte of it, before anything of it is used: a sealed one against its seal, since staging unpacks and hashes
 * every file before anything live is touched; any other one by unpacking it.
 * @throws the first problem, archive-damaged for the most part; cancelled
 */
export const verifyWholeBackup = async (context: JobContext, {backup}: Pick<Prepared, 'backup'>): Promise<void> => {
	const {report} = context;
	report.phase('verifying');
	const {archive, manifest} = backup;
	report.total(
		manifest?.totals.bytes ?? archive.entries.reduce((sum, {bytes}) => sum + bytes, 0),
		manifest?.totals.files ?? archive.entries.filter(({type}) => type === 'file').length,
	);
	const {problems} = await verifyWithProgress(context, archive, {unpack: false});
	const [first] = problems;
	if (first) {
		const more =
			problems.length > 1
				? ` There ${problems.length === 2 ? 'is' : 'are'} ${plural(problems.length - 1, 'more problem')}.`
				: '';
		throw problemError(
			first,
			`${first.message}${more}`,
			'Nothing has been changed. Use another backup, or copy this one again from where it came from.',
		);
	}
};
