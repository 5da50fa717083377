import {plural} from '../../format/plural.js';
import type {OpenArchive} from '../archive/reader.js';
import type {JobContext} from '../jobs/context.js';
import {problemError, verifyWithProgress} from '../jobs/verify-with-progress.js';
import type {Prepared} from './prepare.js';

const totalsOf = ({numbers, nameAt, bytesAt}: OpenArchive): {readonly files: number; readonly bytes: number} => {
	let files = 0;
	let bytes = 0;
	for (const number of numbers()) {
		bytes += bytesAt(number);
		files += nameAt(number).endsWith('/') ? 0 : 1;
	}

	return {files, bytes};
};

/**
 * Reads the whole archive and checks every byte of it, before anything of it is used: a sealed one against its seal, since staging unpacks and hashes
 * every file before anything live is touched; any other one by unpacking it.
 * @throws the first problem, archive-damaged for the most part; cancelled
 */
export const verifyWholeBackup = async (context: JobContext, {backup}: Pick<Prepared, 'backup'>): Promise<void> => {
	const {report} = context;
	report.phase('verifying');
	const {archive, manifest} = backup;
	const {bytes, files} = manifest?.totals ?? totalsOf(archive);
	report.total(bytes, files);
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
