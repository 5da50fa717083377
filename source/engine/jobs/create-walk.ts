/** The walk over what a backup takes in: files go to be read ahead, folders and links into the manifest's lists. */
import type {Layout} from '../../servers/adapter.js';
import type {ByteList} from '../archive/byte-list.js';
import type {ManifestLines} from '../archive/manifest.js';
import {secondsText} from '../archive/manifest-line.js';
import type {Member} from '../archive/member-headers.js';
import type {ManifestLink} from '../archive/types.js';
import type {PreviousBackup} from '../reuse/previous-backup.js';
import {fileItem, itemOf, type Met, type ScannedFolder, type ScanProblem, Walk} from '../scan.js';
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

	/** @returns false, or a promise of it, when nothing more is wanted. */
	const takeFile = (met: Met): boolean | Promise<boolean> => {
		const {part, child} = met;
		if (isOurs(child.source)) {
			return true;
		}

		files++;
		bytes += Number(child.stats.size);
		const entry = previous?.entries.find(layout.prefix + child.name.target, met);
		return entry ? ahead.addUnchanged(part, child.name.target, entry) : ahead.add(fileItem(layout.prefix, met));
	};

	const takeOther = (met: Met): void => {
		const item = itemOf(layout.prefix, met);
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
		}
	};

	const walk = new Walk({layout, excludes, onProblem: problem => problems.push(problem)});
	for (let met = walk.step(); met; met = walk.step()) {
		signal.throwIfAborted();
		if (met === 'pause') {
			await breathe();
		} else if (met.type === 'file') {
			const taken = takeFile(met);
			// A promise for each of many files costs as much as looking at it.
			if (taken !== true && !(await taken)) {
				return;
			}
		} else {
			takeOther(met);
		}
	}

	// What was expected before may have been another backup's.
	report.total(bytes, files);
	await ahead.flush();
};
