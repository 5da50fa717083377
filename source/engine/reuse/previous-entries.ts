/**
 * Finds, for a file as it lies there now, the entry of an earlier backup that holds the same. The manifest's line of the earlier one must be, up to the hash,
 * the line the file would get now: same name, part, size, mode, owner, time of its content and of its inode to the nanosecond, and inode.
 */

import {createByteList} from '../archive/byte-list.js';
import {type ManifestLines, manifestSections, parseHeaderLine} from '../archive/manifest.js';
import {manifestLineStart, secondsText} from '../archive/manifest-line.js';
import {giveBack} from '../archive/room.js';
import type {ManifestHeader} from '../archive/types.js';
import type {Met} from '../scan.js';
import {hasSidecars} from '../sqlite.js';
import type {PreviousData} from './load-previous.js';
import {createNameTable, type NameTable} from './name-table.js';

/** An entry that can be taken over. */
export type PreviousEntry = {
	/** Where it begins and ends in the earlier archive: local header and data. */
	readonly start: number;
	readonly end: number;
	/** Where its record lies in the list of contents there. */
	readonly recordStart: number;
	readonly recordEnd: number;
	/** Where its line lies in the manifest there. */
	readonly lineStart: number;
	readonly lineEnd: number;
	/** Of content. */
	readonly bytes: number;
};

/** A file a walk has met. */
export type MetFile = Pick<Met, 'part' | 'child'>;

export type PreviousEntries = {
	/**
	 * The entry of a file that has not changed since; null when there is none.
	 * @param entryName of the file in an archive.
	 */
	readonly find: (entryName: string, file: MetFile) => PreviousEntry | null;
	/** Files of the earlier backup. */
	readonly count: number;
	readonly manifest: Buffer;
	readonly directory: Buffer;
	/** The manifest's header. @throws when it cannot be read */
	readonly header: () => ManifestHeader;
	/** Gives the memory back; nothing can be found any more. */
	readonly giveBack: () => void;
	/** True when its folders and links are just these. */
	readonly hasSame: (lists: Pick<ManifestLines, 'folders' | 'links'>) => boolean;
};

const lineFeed = 0x0a;
const pathStart = '{"path":';
const pathEnd = Buffer.from(',"part":');

const bufferOf = (bytes: Uint8Array<ArrayBuffer>): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

const parseLine = (line: string): Readonly<Record<string, unknown>> => {
	try {
		const value: unknown = JSON.parse(line.replace(/,?\n$/, ''));
		return typeof value === 'object' && value !== null ? {...value} : {};
	} catch {
		return {};
	}
};

/** @param data from `loadPrevious`. */
export const createPreviousEntries = (data: PreviousData): PreviousEntries => {
	const manifest = bufferOf(data.manifest);
	const directory = bufferOf(data.directory);
	const {lines, pathHashes, recordStarts, recordEnds, starts, ends, sizes} = data;
	const count = lines.length - 1;
	let scratch = Buffer.allocUnsafe(4096);
	let table: NameTable | undefined;
	let next = 0;
	let isGone = false;

	/** Writes a text where it can be compared. Returns its length in bytes. */
	const write = (text: string): number => {
		if (text.length * 3 > scratch.length) {
			scratch = Buffer.allocUnsafe(text.length * 6);
		}

		return scratch.write(text, 0);
	};

	const lineAt = (index: number): number => lines[index] as number;

	const beginsWith = (index: number, text: string): boolean => {
		const length = write(text);
		const start = lineAt(index);
		return start + length <= lineAt(index + 1) && scratch.compare(manifest, start, start + length, 0, length) === 0;
	};

	/** The path of a line, in its quotes. */
	const pathAt = (index: number): readonly [start: number, end: number] => {
		const start = lineAt(index) + pathStart.length;
		const end = manifest.indexOf(pathEnd, start);
		return [start, end === -1 ? start : end];
	};

	/** Number of the line of a file; -1 when the earlier backup does not have it. Most often it is the next one. */
	const lineOf = (entryName: string): number => {
		const path = JSON.stringify(entryName);
		if (next < count && beginsWith(next, `${pathStart}${path},`)) {
			return next;
		}

		table ??= createNameTable(manifest, pathHashes, pathAt);
		return table.find(Buffer.from(path));
	};

	/** A database is stored as a copy made of it: its line says the size of both, and a log beside it may hold more. */
	const isSameDatabase = (index: number, {part, child: {source, name, stats}}: MetFile): boolean => {
		const line = parseLine(manifest.toString('utf8', lineAt(index), lineAt(index + 1)));
		return (
			line.sourceBytes === Number(stats.size) &&
			line.part === part &&
			line.mode === Number(stats.mode) &&
			line.uid === Number(stats.uid) &&
			line.gid === Number(stats.gid) &&
			line.rawPath === name.raw?.toString('base64') &&
			line.modified === secondsText(stats.mtimeNs) &&
			line.inode === String(stats.ino) &&
			line.changed === secondsText(stats.ctimeNs) &&
			!hasSidecars(source)
		);
	};

	const startOf = (entryName: string, {part, child: {name, stats}}: MetFile): string =>
		manifestLineStart({
			path: entryName,
			part,
			bytes: Number(stats.size),
			mode: Number(stats.mode),
			modified: secondsText(stats.mtimeNs),
			uid: Number(stats.uid),
			gid: Number(stats.gid),
			...(name.raw === undefined ? {} : {rawPath: name.raw.toString('base64')}),
			inode: String(stats.ino),
			changed: secondsText(stats.ctimeNs),
		});

	const entryAt = (index: number): PreviousEntry | null => {
		const start = starts[index] as number;
		const end = ends[index] as number;
		return end <= start
			? null
			: {
					start,
					end,
					recordStart: recordStarts[index] as number,
					recordEnd: recordEnds[index] as number,
					lineStart: lineAt(index),
					lineEnd: lineAt(index + 1),
					bytes: sizes[index] as number,
				};
	};

	return {
		count,
		manifest,
		directory,
		header: () => parseHeaderLine(manifest.toString('utf8', 0, manifest.indexOf(lineFeed))),
		giveBack() {
			isGone = true;
			giveBack(data.manifest);
			giveBack(data.directory);
		},
		hasSame(lists) {
			let position = manifest.indexOf(lineFeed) + 1;
			for (const section of manifestSections({...lists, files: createByteList()})) {
				if (position === lineAt(0)) {
					break;
				}

				const end = position + section.length;
				if (end > manifest.length || manifest.compare(section, 0, section.length, position, end) !== 0) {
					return false;
				}

				position = end;
			}

			return position === lineAt(0);
		},
		find(entryName, file) {
			if (isGone) {
				return null;
			}

			const start = startOf(entryName, file);
			if (next < count && beginsWith(next, start)) {
				return entryAt(next++);
			}

			const index = lineOf(entryName);
			if (index === -1) {
				return null;
			}

			next = index + 1;
			return beginsWith(index, start) || isSameDatabase(index, file) ? entryAt(index) : null;
		},
	};
};
