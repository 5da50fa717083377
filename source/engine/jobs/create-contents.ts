/** Taking the files of an instance into an archive, in the order of the scan. */
import type {SkippedFile} from '../../client/protocol.js';
import {safeText} from '../../format/safe-text.js';
import type {Layout} from '../../servers/adapter.js';
import type {ManifestFile, ManifestFolder, ManifestLink} from '../archive/types.js';
import type {ArchiveWriter} from '../archive/writer.js';
import {type ScanProblem, scan} from '../scan.js';
import type {JobContext} from './context.js';
import {secondsText, takeFile} from './take-file.js';

export type PartCount = {files: number; bytes: number};

export type Contents = {
	readonly files: readonly ManifestFile[];
	readonly folders: readonly ManifestFolder[];
	readonly links: readonly ManifestLink[];
	/** What is not in the archive as it should be. */
	readonly skipped: readonly SkippedFile[];
	/** What is in it in another way than it lay there, in words. */
	readonly notes: readonly string[];
	readonly counts: ReadonlyMap<string, PartCount>;
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
	}: {
		readonly layout: Layout;
		readonly excludes: readonly string[];
		readonly partial: string;
		readonly databaseFolder: string;
	},
): Promise<Contents> => {
	const {report, breathe, signal} = context;
	const files: ManifestFile[] = [];
	const folders: ManifestFolder[] = [];
	const links: ManifestLink[] = [];
	const skipped: SkippedFile[] = [];
	const problems: ScanProblem[] = [];
	const counts = new Map<string, PartCount>();
	const skip = (file: SkippedFile): void => {
		skipped.push(file);
		report.skipped(file);
	};
	const isOurs = (source: string | Buffer): boolean => source.toString().startsWith(partial);
	for await (const item of scan({layout, excludes, signal, breathe, onProblem: problem => problems.push(problem)})) {
		if (item.type === 'link') {
			links.push({path: item.entryName, target: item.linkTarget, type: item.linkType, ...rawPathOf(item)});
			continue;
		}

		if (isOurs(item.source)) {
			continue;
		}

		if (item.type === 'folder') {
			const member = {
				name: item.entryName,
				mode: item.mode,
				modifiedAt: Number(item.modifiedNanoseconds / 1_000_000n),
				uid: item.uid,
				gid: item.gid,
			};
			folders.push({
				path: item.entryName,
				mode: item.mode,
				modified: secondsText(item.modifiedNanoseconds),
				uid: item.uid,
				gid: item.gid,
				...rawPathOf(item),
			});
			if (item.empty) {
				await writer.addDirectory(member);
			}

			continue;
		}

		report.currentFile(item.target);
		let readBytes = 0;
		const taken = await takeFile(context, writer, item, {
			databaseFolder,
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
			continue;
		}

		if (taken.skipped) {
			skip(taken.skipped);
		}

		if (taken.type === 'taken') {
			files.push(taken.file);
			const count = counts.get(item.part) ?? {files: 0, bytes: 0};
			count.files++;
			count.bytes += taken.file.bytes;
			counts.set(item.part, count);
		}
	}

	const sorted = sortProblems(problems);
	for (const file of sorted.skipped) {
		skip(file);
	}

	return {files, folders, links, skipped, notes: sorted.notes, counts};
};
