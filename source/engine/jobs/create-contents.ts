/**
 * Taking the files of an instance into an archive. Two things run at once: one walks the instance and has files read and compressed ahead, side by side;
 * the other puts what comes of it into the archive, in the order of the walk, whatever was ready first.
 */
import type {SkippedFile} from '../../client/protocol.js';
import {safeText} from '../../format/safe-text.js';
import type {Layout} from '../../servers/adapter.js';
import {type ByteList, createByteList} from '../archive/byte-list.js';
import type {ManifestLines} from '../archive/manifest.js';
import {manifestLine, secondsText} from '../archive/manifest-line.js';
import type {Member} from '../archive/member-headers.js';
import type {PackFilesOutput} from '../archive/pack-files.js';
import type {ManifestLink} from '../archive/types.js';
import type {ArchiveWriter} from '../archive/writer.js';
import type {SettledBefore} from '../scan/settled.js';
import {type ScannedFile, type ScannedFolder, type ScanProblem, scan} from '../scan.js';
import type {JobContext} from './context.js';
import {createReadAhead, type Unit} from './read-ahead.js';
import {takeFile} from './take-file.js';

export type PartCount = {files: number; bytes: number};

export type Contents = {
	readonly lines: ManifestLines;
	/** What is not in the archive as it should be. */
	readonly skipped: readonly SkippedFile[];
	/** What is in it in another way than it lay there, in words. */
	readonly notes: readonly string[];
	readonly counts: ReadonlyMap<string, PartCount>;
	readonly totals: PartCount;
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

const rawPathOf = ({rawPath}: {readonly rawPath?: string}): {readonly rawPath?: string} =>
	rawPath === undefined ? {} : {rawPath};

const appendLine = (list: ByteList, line: string): void => list.append(Buffer.from(`${line},\n`));

const memberOf = (item: ScannedFolder): Member => ({
	name: item.entryName,
	mode: item.mode,
	modifiedAt: Number(item.modifiedNanoseconds / 1_000_000n),
	uid: item.uid,
	gid: item.gid,
});

/**
 * Writes everything that is to be backed up.
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
	}: {
		readonly layout: Layout;
		readonly excludes: readonly string[];
		readonly partial: string;
		readonly databaseFolder: string;
		/** Of deflate, 1 to 9. */
		readonly level: number;
		readonly settledBefore: SettledBefore;
	},
): Promise<Contents> => {
	const {report, breathe, signal} = context;
	const lines: ManifestLines = {folders: createByteList(), links: createByteList(), files: createByteList()};
	const emptyFolders: Member[] = [];
	const skipped: SkippedFile[] = [];
	const problems: ScanProblem[] = [];
	const counts = new Map<string, PartCount>();
	const totals: PartCount = {files: 0, bytes: 0};
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
	const isOurs = (source: string | Buffer): boolean => source.toString().startsWith(partial);

	const ahead = createReadAhead({pool: context.pool(), level, settledBefore});
	const walk = async (): Promise<void> => {
		for await (const item of scan({layout, excludes, signal, breathe, onProblem: problem => problems.push(problem)})) {
			if (item.type === 'link') {
				appendLine(
					lines.links,
					JSON.stringify({
						path: item.entryName,
						target: item.linkTarget,
						type: item.linkType,
						...rawPathOf(item),
					} satisfies ManifestLink),
				);
			} else if (isOurs(item.source)) {
			} else if (item.type === 'folder') {
				appendLine(
					lines.folders,
					JSON.stringify({
						path: item.entryName,
						mode: item.mode,
						modified: secondsText(item.modifiedNanoseconds),
						uid: item.uid,
						gid: item.gid,
						...rawPathOf(item),
					}),
				);
				if (item.empty) {
					emptyFolders.push(memberOf(item));
				}
			} else if (!(await ahead.add(item))) {
				return;
			}
		}

		await ahead.flush();
	};

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

	const walking = walk().then(
		() => ahead.end(),
		(error: unknown) => ahead.end(error),
	);
	try {
		for await (const unit of ahead.units) {
			switch (unit.type) {
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

			ahead.done(unit);
		}
	} finally {
		ahead.stop();
		await walking;
		await ahead.settle();
	}

	for (const member of emptyFolders) {
		await writer.addDirectory(member);
	}

	const sorted = sortProblems(problems);
	for (const file of sorted.skipped) {
		skip(file);
	}

	return {lines, skipped, notes: sorted.notes, counts, totals};
};
