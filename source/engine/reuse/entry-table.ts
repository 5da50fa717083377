/** For each line of an earlier backup's manifest, where its entry lies: found out on a helper thread, so that whoever walks the files has only to look it up. */
import {placeInDirectory} from '../archive/member-headers.js';
import {centralHeaderBytes} from '../archive/zip-format.js';
import {hashRange} from './name-table.js';

/** A value for each line. */
export type EntryTable = {
	/** Hash of its path, as `hashRange` makes it of the text in its quotes. */
	readonly pathHashes: Uint32Array<ArrayBuffer>;
	/** Where the record of its entry begins and ends in the list of contents. */
	readonly recordStarts: Int32Array<ArrayBuffer>;
	readonly recordEnds: Int32Array<ArrayBuffer>;
	/** Where its entry begins and ends in the archive; both are 0 when it cannot be taken over. */
	readonly starts: Float64Array<ArrayBuffer>;
	readonly ends: Float64Array<ArrayBuffer>;
	/** Bytes of its entry's content. */
	readonly sizes: Float64Array<ArrayBuffer>;
};

const slash = 0x2f;
const backslash = 0x5c;
const pathStart = '{"path":';
const pathEnd = Buffer.from(',"part":');

/** True when a path of the manifest, in its quotes, is the name in a record. */
const isSameName = (
	manifest: Buffer,
	[start, end]: readonly [start: number, end: number],
	directory: Buffer,
	[nameStart, nameEnd]: readonly [start: number, end: number],
): boolean => {
	const name = directory.subarray(nameStart, nameEnd);
	// What is written in another way is longer than what it stands for.
	return end - start === name.length + 2
		? manifest.compare(name, 0, name.length, start + 1, end - 1) === 0 && !name.includes(backslash)
		: Buffer.from(String(JSON.parse(manifest.toString('utf8', start, end)))).equals(name);
};

/**
 * Finds the entry of each line; null when there are fewer entries than lines.
 * @param lines where each line begins, and after them where the list ends.
 * @param records where each record begins, in the order of the archive; the last is the manifest's.
 */
export const findEntries = (
	manifest: Buffer,
	lines: Int32Array,
	directory: Buffer,
	records: Int32Array,
): EntryTable | null => {
	const count = lines.length - 1;
	const table: EntryTable = {
		pathHashes: new Uint32Array(count),
		recordStarts: new Int32Array(count),
		recordEnds: new Int32Array(count),
		starts: new Float64Array(count),
		ends: new Float64Array(count),
		sizes: new Float64Array(count),
	};
	const isFile = (record: number): boolean => {
		const start = records[record] as number;
		return directory[start + centralHeaderBytes - 1 + directory.readUInt16LE(start + 28)] !== slash;
	};

	const takeEntry = (line: number, record: number): void => {
		const start = lines[line] as number;
		const path = [start + pathStart.length, manifest.indexOf(pathEnd, start)] as const;
		table.pathHashes[line] = hashRange(manifest, ...path);
		const recordStart = records[record] as number;
		// The manifest's entry is the last: there is always a next one.
		const recordEnd = records[record + 1] as number;
		table.recordStarts[line] = recordStart;
		table.recordEnds[line] = recordEnd;
		const nameStart = recordStart + centralHeaderBytes;
		const name = [nameStart, nameStart + directory.readUInt16LE(recordStart + 28)] as const;
		if (directory.readUInt16LE(recordStart + 32) !== 0 || !isSameName(manifest, path, directory, name)) {
			return;
		}

		const {offset, bytes} = placeInDirectory(directory, recordStart);
		const {offset: end} = placeInDirectory(directory, recordEnd);
		if (end > offset) {
			table.starts[line] = offset;
			table.ends[line] = end;
			table.sizes[line] = bytes;
		}
	};

	// The server's own members stand before the first file, empty folders and the manifest after it.
	let record = records.length - 2;
	for (let line = count - 1; line >= 0; line--) {
		while (record >= 0 && !isFile(record)) {
			record--;
		}

		if (record < 0) {
			return null;
		}

		try {
			takeEntry(line, record);
		} catch {
			// A line or a record that is not as printkeep writes it: its file is packed anew.
		}

		record--;
	}

	return table;
};
