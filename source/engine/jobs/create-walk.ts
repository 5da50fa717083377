/** The walk over what a backup takes in: files go to be read ahead, folders and links into the manifest's lists. */
import type {Layout} from '../../servers/adapter.js';
import type {ByteList} from '../archive/byte-list.js';
import type {ManifestLines} from '../archive/manifest.js';
import {secondsText} from '../archive/manifest-line.js';
import type {Member} from '../archive/member-headers.js';
import type {ManifestLink} from '../archive/types.js';
import type {PreviousBackup} from '../reuse/previous-backup.js';
import {type ScannedFolder, type ScanProblem, scan} from '../scan.js';
import type {JobContext} from './context.js';
import type {ReadAhead} from './units.js';

const rawPathOf = ({rawPath}: {readonly rawPath?: string}): {readonly rawPath?: string} =>
	rawPath === undefined ? {} : {rawPath};

/** Adds a line to a list of the manifest. */
export const appendLine = (list: ByteList, line: string): void => list.append(Buffer.from(`${line},\n`));

const memberOf = (item: ScannedFolder): Member => ({
	name: item.entryName,
	mode: item.mode,
	modifiedAt: Number(item.modifiedNanoseconds / 1_000_000n),
	uid: item.uid,
	gid: item.gid,
});

/**
 * Walks.
 * @param options.partial path of the archive that is being written: wherever it lies, it is not taken into itself.
 * @param options.emptyFolders gets those that need an entry of their own.
 * @throws cancelled
 */
export const walkInto = async (
	ahead: ReadAhead,
	{
		context: {signal, breathe, report},
		layout,
		excludes,
		partial,
		previous,
		lines,
		emptyFolders,
		problems,
	}: {
		readonly context: JobContext;
		readonly layout: Layout;
		readonly excludes: readonly string[];
		readonly partial: string;
		readonly previous: PreviousBackup | null;
		readonly lines: ManifestLines;
		readonly emptyFolders: Member[];
		readonly problems: ScanProblem[];
	},
): Promise<void> => {
	const isOurs = (source: string | Buffer): boolean => source.toString().startsWith(partial);
	let files = 0;
	let bytes = 0;
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
		} else if (!isOurs(item.source)) {
			files++;
			bytes += item.bytes;
			const entry = previous?.entries.find(item) ?? null;
			if (!(entry ? await ahead.addUnchanged(item, entry) : await ahead.add(item))) {
				return;
			}
		}
	}

	// What was expected before may have been another backup's.
	report.total(bytes, files);
	await ahead.flush();
};
