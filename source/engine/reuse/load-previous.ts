/**
 * Reads what an earlier backup says about its files: the lines of its manifest and the records of its directory, as they lie there. Hundreds of thousands of
 * files never become as many objects.
 */
import {closeSync, constants, fstatSync, openSync} from 'node:fs';
import {totalmem} from 'node:os';
import {crc32, inflateRawSync} from 'node:zlib';
import {findEndRecord} from '../archive/end-record-search.js';
import {inflatedBytes, putInflaterBack, takeInflater} from '../archive/inflater.js';
import {manifestName, maximumManifestBytes} from '../archive/manifest-name.js';
import {readRange} from '../archive/pread.js';
import {giveBack, makeRoom} from '../archive/room.js';
import {centralHeaderBytes, centralHeaderSignature, localHeaderBytes, max32} from '../archive/zip-format.js';
import {type EntryTable, findEntries} from './entry-table.js';

export type LoadPreviousInput = {
	/** Absolute path of an archive of printkeep's. */
	readonly path: string;
};

export type PreviousData = EntryTable & {
	/** The manifest's bytes. */
	readonly manifest: Uint8Array<ArrayBuffer>;
	/** Where each file's line begins, and after them where the list ends. */
	readonly lines: Int32Array<ArrayBuffer>;
	/** The list of contents. */
	readonly directory: Uint8Array<ArrayBuffer>;
	/** Identifies the archive's file as it was read. */
	readonly bytes: number;
	readonly inode: bigint;
	readonly modifiedNanoseconds: bigint;
};

/** Null when the archive is not one whose entries could be taken over, whatever the reason. */
export type LoadPreviousOutput = {readonly previous: PreviousData | null};

const lineFeed = 10;
const filesSection = '\n"files":[\n';
const sectionEnd = '\n]}\n';

const recordLength = (directory: Buffer, start: number): number =>
	centralHeaderBytes +
	directory.readUInt16LE(start + 28) +
	directory.readUInt16LE(start + 30) +
	directory.readUInt16LE(start + 32);

/** Begins of all records; null when the list is not what it should be. */
const findRecords = (directory: Buffer, count: number): Int32Array<ArrayBuffer> | null => {
	const records = new Int32Array(count);
	let position = 0;
	for (let index = 0; index < count; index++) {
		if (
			position + centralHeaderBytes > directory.length ||
			directory.readUInt32LE(position) !== centralHeaderSignature
		) {
			return null;
		}

		records[index] = position;
		position += recordLength(directory, position);
	}

	return position === directory.length ? records : null;
};

const nameOf = (directory: Buffer, start: number): Buffer =>
	directory.subarray(start + centralHeaderBytes, start + centralHeaderBytes + directory.readUInt16LE(start + 28));

/** Unpacks what is said to have a size into room of that size; what has another gives bytes of another length. @throws when it is no deflate stream */
const inflateInto = (packed: Buffer, bytes: number): Buffer<ArrayBuffer> => {
	const inflater = takeInflater();
	if (!inflater) {
		return inflateRawSync(packed, {
			maxOutputLength: bytes + 1,
			chunkSize: Math.max(64, bytes + 1),
		}) as Buffer<ArrayBuffer>;
	}

	try {
		const room = makeRoom(bytes);
		let length = 0;
		for (let start = 0, isFull = true; isFull; ) {
			const {content, used} = inflater.write(packed, start, true);
			start += used;
			if (length + content.length > bytes) {
				return makeRoom(0);
			}

			room.set(content, length);
			length += content.length;
			isFull = content.length === inflatedBytes;
		}

		return room.subarray(0, length);
	} finally {
		putInflaterBack(inflater);
	}
};

/** The manifest's bytes; null when they cannot be had. */
const readManifest = (
	descriptor: number,
	directory: Buffer,
	start: number,
	mostBytes: number,
): Buffer<ArrayBuffer> | null => {
	const checksum = directory.readUInt32LE(start + 16);
	const packedBytes = directory.readUInt32LE(start + 20);
	const bytes = directory.readUInt32LE(start + 24);
	const offset = directory.readUInt32LE(start + 42);
	if (bytes > mostBytes || packedBytes > bytes + 65_536 || offset === max32) {
		return null;
	}

	const header = readRange(descriptor, offset, localHeaderBytes);
	const dataOffset = offset + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
	const packed = readRange(descriptor, dataOffset, packedBytes);
	const manifest = directory.readUInt16LE(start + 10) === 0 ? packed : inflateInto(packed, bytes);
	if (manifest !== packed) {
		giveBack(packed);
	}

	return manifest.length === bytes && crc32(manifest) === checksum ? (manifest as Buffer<ArrayBuffer>) : null;
};

/** Begins of the files' lines and the end of the last; null when there is no such list. */
const findLines = (manifest: Buffer): Int32Array<ArrayBuffer> | null => {
	const section = manifest.indexOf(filesSection);
	const end = manifest.length - sectionEnd.length + 1;
	if (section === -1 || manifest.subarray(end - 1).toString('latin1') !== sectionEnd) {
		return null;
	}

	const first = section + filesSection.length;
	const starts: number[] = [];
	for (let position = first; position < end; position = manifest.indexOf(lineFeed, position) + 1) {
		starts.push(position);
	}

	starts.push(end);
	return Int32Array.from(starts);
};

const smallBytes = 64 * 1024;

/** The same bytes in memory of their own: what is small may lie in memory that Node shares, and shared memory cannot be moved between threads. */
const owned = (bytes: Buffer<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
	bytes.byteOffset === 0 && bytes.length >= smallBytes ? bytes : new Uint8Array(bytes);

const load = (descriptor: number): PreviousData | null => {
	const stats = fstatSync(descriptor, {bigint: true});
	const size = Number(stats.size);
	if (!stats.isFile()) {
		return null;
	}

	const {directory: place} = findEndRecord(descriptor, size);
	// Taking over saves time; it must not cost the memory that a backup from the files alone would do without.
	const most = Math.min(maximumManifestBytes, totalmem() / 8);
	if (place.bytes > most) {
		return null;
	}

	const directory = readRange(descriptor, place.offset, place.bytes) as Buffer<ArrayBuffer>;
	const records = findRecords(directory, place.entries);
	const last = records?.at(-1);
	if (!records || last === undefined || nameOf(directory, last).toString() !== manifestName) {
		return null;
	}

	const manifest = readManifest(descriptor, directory, last, most);
	const lines = manifest && findLines(manifest);
	const entries = lines && findEntries(manifest, lines, directory, records);
	return entries
		? {
				...entries,
				manifest: owned(manifest),
				lines,
				directory: owned(directory),
				bytes: size,
				inode: stats.ino,
				modifiedNanoseconds: stats.mtimeNs,
			}
		: null;
};

const buffersOf = (previous: PreviousData): readonly ArrayBuffer[] => [
	...new Set(Object.values(previous).flatMap(value => (typeof value === 'object' ? [value.buffer] : []))),
];

/** Reads an earlier backup. Never throws: a backup that cannot be read is one nothing is taken over from. */
export const loadPrevious = ({
	path,
}: LoadPreviousInput): {readonly output: LoadPreviousOutput; readonly transfer: readonly ArrayBuffer[]} => {
	try {
		const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
		try {
			const previous = load(descriptor);
			return {
				output: {previous},
				transfer: previous ? buffersOf(previous) : [],
			};
		} finally {
			closeSync(descriptor);
		}
	} catch {
		return {output: {previous: null}, transfer: []};
	}
};
