/** Looks at the restored tree as any other program sees it, before the word "restored" is said. */
import type {SkippedFile} from '../../client/protocol.js';
import {toPrintkeepError} from '../../errors.js';
import type {JobContext} from '../jobs/context.js';
import {checkDatabase} from '../sqlite.js';
import {type BytePath, lookAt, toDiskPath} from './byte-path.js';
import {compareRestored} from './compare-restored.js';
import {liveOf} from './places.js';
import type {Prepared} from './prepare.js';
import type {WantedFile, WantedLink} from './wanted-tree.js';

export type CheckResult = {
	/** Things that are not as they should be, though not through the medium's fault. */
	readonly problems: readonly SkippedFile[];
	/** Files whose bytes are wrong though nobody has touched them: the medium does not hold what was written. */
	readonly corrupt: readonly WantedFile[];
	/** Files that the medium does not give back at all. */
	readonly unreadable: readonly WantedFile[];
	/** Files that were looked at and are right. */
	readonly sound: number;
};

/** True when the file still has the date and size it was restored with, so that no program has written to it since. */
const isUntouched = (path: BytePath, {bytes, appearance}: WantedFile): boolean => {
	const stats = lookAt(path);
	return (
		stats !== undefined &&
		Number(stats.size) === bytes &&
		Math.abs(Number(stats.mtimeNs) / 1e9 - appearance.modifiedSeconds) < 0.001
	);
};

const sameTables = (wanted: Readonly<Record<string, number>>, actual: Readonly<Record<string, number>>): boolean => {
	const names = Object.keys(wanted);
	return names.length === Object.keys(actual).length && names.every(name => actual[name] === wanted[name]);
};

const databaseProblem = async (path: BytePath, {tables}: WantedFile): Promise<string> => {
	const place = toDiskPath(path);
	if (typeof place !== 'string') {
		return '';
	}

	const {problems, tables: actual, isUnread} = await checkDatabase(place);
	if (isUnread) {
		return `The database could not be opened to check it: ${problems[0]}.`;
	}

	if (problems.length > 0) {
		return `The database is damaged (${problems[0]}); it was like that when the backup was made.`;
	}

	return tables && !sameTables(tables, actual) ? 'The database does not hold the rows that were backed up.' : '';
};

/**
 * Counts and hashes every restored file in its place and opens the databases.
 * @param skipped links that were not made.
 */
export const checkRestored = async (
	{report, breathe, pool}: Pick<JobContext, 'report' | 'breathe' | 'pool'>,
	prepared: Prepared,
	skipped: ReadonlySet<WantedFile | WantedLink>,
): Promise<CheckResult> => {
	report.phase('checking');
	const found = await prepared.survey(breathe);
	report.total(
		found.pairs.reduce((sum, {bytes}) => sum + bytes, 0),
		found.pairs.length,
	);
	const {kept, databases, changed, unreadable} = await compareRestored(found, {
		pool: pool(),
		breathe,
		onBytes: bytes => report.advance(bytes, 0),
		onFiles(files, last) {
			report.currentFile(last);
			report.advance(0, files);
		},
	});
	const problems: SkippedFile[] = [];
	const corrupt: WantedFile[] = [];
	const lost: WantedFile[] = [];
	const isExpected = (wanted: WantedFile | WantedLink): boolean =>
		!skipped.has(wanted) &&
		![...found.avoided].some(path => wanted.target === path || wanted.target.startsWith(`${path}/`));
	for (const wanted of found.added.filter(isExpected)) {
		problems.push({path: wanted.name, reason: 'It was restored, and another program has removed it since.'});
	}

	for (const wanted of [...found.changed, ...changed].filter(isExpected)) {
		const failure = wanted.type === 'file' ? unreadable.get(wanted) : undefined;
		if (wanted.type === 'file' && failure !== undefined) {
			// Too many open files, say, is no fault of the medium's: only what it reports itself is.
			const {code, message} = toPrintkeepError(failure, 'It was restored, and could not be read to check it');
			if (code === 'io-error') {
				lost.push(wanted);
			} else {
				problems.push({path: wanted.name, reason: message});
			}
		} else if (wanted.type === 'file' && isUntouched(liveOf(found.places, wanted), wanted)) {
			corrupt.push(wanted);
		} else {
			problems.push({path: wanted.name, reason: 'It was restored, and another program has changed it since.'});
		}
	}

	for (const wanted of kept) {
		await breathe();
		if (wanted.tables || databases.has(wanted)) {
			const problem = await databaseProblem(liveOf(found.places, wanted), wanted);
			if (problem !== '') {
				problems.push({path: wanted.name, reason: problem});
			}
		}
	}

	return {problems, corrupt, unreadable: lost, sound: kept.length + found.sameLinks.length};
};
