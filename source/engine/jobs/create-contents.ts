/**
 * Taking the files of an instance into an archive. Two things run at once: one walks the instance and has files read and compressed ahead, side by side;
 * the other puts what comes of it into the archive, in the order of the walk, whatever was ready first.
 */
import type {SkippedFile} from '../../client/protocol.js';
import {safeText} from '../../format/safe-text.js';
import type {Layout} from '../../servers/adapter.js';
import {createByteList} from '../archive/byte-list.js';
import type {ManifestLines} from '../archive/manifest.js';
import {manifestLine} from '../archive/manifest-line.js';
import type {Member} from '../archive/member-headers.js';
import type {PackFilesOutput} from '../archive/pack-files.js';
import type {ArchiveWriter} from '../archive/writer.js';
import type {PreviousBackup} from '../reuse/previous-backup.js';
import type {SettledBefore} from '../scan/settled.js';
import type {ScannedFile, ScanProblem} from '../scan.js';
import type {JobContext} from './context.js';
import {appendLine, walkInto} from './create-walk.js';
import {createReadAhead} from './read-ahead.js';
import {takeFile} from './take-file.js';
import type {Unit} from './units.js';

export type PartCount = {files: number; bytes: number};

export type Contents = {
	readonly lines: ManifestLines;
	/** What is not in the archive as it should be. */
	readonly skipped: readonly SkippedFile[];
	/** What is in it in another way than it lay there, in words. */
	readonly notes: readonly string[];
	readonly counts: ReadonlyMap<string, PartCount>;
	readonly totals: PartCount;
	/** What was taken over from the earlier backup. */
	readonly reused: PartCount;
	/** True when the archive would say of files, folders and links just what the earlier backup says. */
	readonly isUnchanged: boolean;
	/** Writes what waited for something to have changed, and the empty folders. */
	readonly finish: () => Promise<void>;
};

/** Words for what the scan could not take, as skipped files or as notes. */
const sortProblems = (
	problems: readonly ScanProblem[],
): {readonly skipped: readonly SkippedFile[]; readonly notes: readonly string[]} => ({
	skipped: problems.filter(problem => problem.severity === 'skipped').map(({path, reason}) => ({path, reason})),
	notes: problems
		.filter(problem => problem.severity === 'note')
		.map(({path, reason}) => `${safeText(path)}: ${reason}`),
});

const comma = 0x2c;
const separator = Buffer.from(',\n');

/**
 * Writes everything that is to be backed up, up to what `finish` adds.
 * @param options.partial path of the archive that is being written: wherever it lies, it is not taken into itself.
 * @throws what the archive's disk throws; cancelled
 */
export const takeContents = async (
	context: JobContext,
	writer: ArchiveWriter,
	{
		layout,
		excludes,
		partial,
		databaseFolder,
		level,
		settledBefore,
		previous,
		skipUnchanged,
		onWritten,
	}: {
		readonly layout: Layout;
		readonly excludes: readonly string[];
		readonly partial: string;
		readonly databaseFolder: string;
		/** Of deflate, 1 to 9. */
		readonly level: number;
		readonly settledBefore: SettledBefore;
		/** Unchanged entries are taken over from it. */
		readonly previous: PreviousBackup | null;
		/** Writes nothing before `finish` as long as nothing has changed. */
		readonly skipUnchanged: boolean;
		/** Told now and then how long the archive is; what it throws ends the backup. */
		readonly onWritten: (bytes: number) => void;
	},
): Promise<Contents> => {
	const {report} = context;
	const lines: ManifestLines = {folders: createByteList(), links: createByteList(), files: createByteList()};
	const emptyFolders: Member[] = [];
	const skipped: SkippedFile[] = [];
	const problems: ScanProblem[] = [];
	const counts = new Map<string, PartCount>();
	const totals: PartCount = {files: 0, bytes: 0};
	const reused: PartCount = {files: 0, bytes: 0};
	const start = writer.position();
	const skip = (file: SkippedFile): void => {
		skipped.push(file);
		report.skipped(file);
	};
	const count = (part: string, files: number, bytes: number): void => {
		const known = counts.get(part) ?? {files: 0, bytes: 0};
		counts.set(part, {files: known.files + files, bytes: known.bytes + bytes});
		totals.files += files;
		totals.bytes += bytes;
	};

	const ahead = createReadAhead({pool: context.pool(), level, settledBefore});
	/** A file on its own: a large one, a database, or one that was not what the scan saw. */
	const takeOne = async (item: ScannedFile, opened?: Extract<Unit, {type: 'large'}>['opened']): Promise<void> => {
		report.currentFile(item.target);
		let readBytes = 0;
		const taken = await takeFile(context, writer, item, {
			databaseFolder,
			settledBefore,
			opened,
			onBytes(bytes) {
				// A file read again must not count twice.
				const counted = Math.max(0, Math.min(bytes, item.bytes - readBytes));
				readBytes += counted;
				onWritten(writer.position());
				report.advance(counted, 0);
			},
		});
		report.advance(item.bytes - readBytes, 1);
		if (taken.type === 'vanished') {
			problems.push({path: item.target, reason: 'It vanished while the backup ran.', severity: 'note'});
			return;
		}

		if (taken.skipped) {
			skip(taken.skipped);
		}

		if (taken.type === 'taken') {
			appendLine(lines.files, manifestLine(taken.file));
			count(item.part, 1, taken.file.bytes);
		}
	};

	const takeBatch = async (items: readonly ScannedFile[], packed: PackFilesOutput): Promise<void> => {
		const last = items.at(-1);
		if (!last) {
			return;
		}

		report.currentFile(last.target);
		await writer.addPacked(packed);
		lines.files.append(packed.lines);
		ahead.free(packed);
		count(last.part, packed.count, packed.bytes);
		const deferred: ScannedFile[] = [];
		for (const {index, type, reason} of packed.exceptions) {
			const item = items[index];
			switch (item && type) {
				case 'vanished':
					problems.push({path: item?.target ?? '', reason: 'It vanished while the backup ran.', severity: 'note'});
					break;
				case 'unreadable':
					skip({path: item?.target ?? '', reason});
					break;
				case 'changing':
					skip({path: item?.target ?? '', reason: 'It kept changing while it was read; it may be torn.'});
					break;
				case 'deferred':
					deferred.push(item as ScannedFile);
					break;
				case undefined:
					break;
			}
		}

		const scannedBytes = items.reduce((sum, {bytes}) => sum + bytes, 0);
		const deferredBytes = deferred.reduce((sum, {bytes}) => sum + bytes, 0);
		report.advance(scannedBytes - deferredBytes, items.length - deferred.length);
		for (const item of deferred) {
			await takeOne(item);
		}
	};

	/** Runs that wait until something else has to be written. */
	let waiting: Extract<Unit, {type: 'unchanged'}>[] = [];
	const copy = async ({run, count: files}: Extract<Unit, {type: 'unchanged'}>): Promise<void> => {
		if (previous) {
			const {descriptor, entries} = previous;
			const records = entries.directory.subarray(run.recordStart, run.recordEnd);
			await writer.addCopied({
				descriptor,
				start: run.start,
				end: run.end,
				records,
				count: files,
				onBytes: () => onWritten(writer.position()),
			});
		}
	};
	const copyWaiting = async (): Promise<void> => {
		const runs = waiting;
		waiting = [];
		for (const run of runs) {
			await copy(run);
		}
	};

	const takeUnchanged = async (unit: Extract<Unit, {type: 'unchanged'}>): Promise<void> => {
		const {run, part, target, count: files} = unit;
		report.currentFile(target);
		if (skipUnchanged && writer.position() === start) {
			waiting.push(unit);
		} else {
			await copy(unit);
		}

		const line = previous?.entries.manifest.subarray(run.lineStart, run.lineEnd);
		if (line) {
			// The last of a list ends without a comma.
			const isLast = line.at(-2) !== comma;
			lines.files.appendView(isLast ? line.subarray(0, -1) : line);
			if (isLast) {
				lines.files.append(separator);
			}
		}

		count(part, files, run.bytes);
		reused.files += files;
		reused.bytes += run.bytes;
		report.advance(run.bytes, files);
	};

	const walking = walkInto(ahead, {context, layout, excludes, partial, previous, lines, emptyFolders, problems}).then(
		() => ahead.end(),
		(error: unknown) => ahead.end(error),
	);
	try {
		for await (const unit of ahead.units) {
			if (unit.type !== 'unchanged') {
				await copyWaiting();
			}

			switch (unit.type) {
				case 'unchanged':
					await takeUnchanged(unit);
					break;
				case 'batch':
					await takeBatch(unit.items, await unit.packed);
					break;
				case 'large':
					await takeOne(unit.item, unit.opened);
					break;
				case 'single':
					await takeOne(unit.item);
					break;
			}

			onWritten(writer.position());
			ahead.done(unit);
		}
	} finally {
		ahead.stop();
		await walking;
		await ahead.settle();
	}

	const sorted = sortProblems(problems);
	for (const file of sorted.skipped) {
		skip(file);
	}

	return {
		lines,
		skipped,
		notes: sorted.notes,
		counts,
		totals,
		reused,
		isUnchanged:
			previous !== null &&
			skipped.length === 0 &&
			reused.files === totals.files &&
			reused.files === previous.entries.count &&
			previous.entries.hasSame(lines),
		async finish() {
			await copyWaiting();
			for (const member of emptyFolders) {
				await writer.addDirectory(member);
			}
		},
	};
};
