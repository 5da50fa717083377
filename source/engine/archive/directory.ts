/**
 * Reads the central directory: from bytes to records, each checked for being well-formed on its own. What an archive may contain is decided in
 * checks.ts.
 */

import type {DirectoryBytes, DirectoryView} from './directory-bytes.js';
import {fromDosTime} from './dos-time.js';
import {decodeEntryName} from './entry-name.js';
import type {EntryFacts} from './entry-rules.js';
import {archiveFault, damaged, quoteEntry} from './errors.js';
import {readExtraFields} from './extra-fields.js';
import type {ReadPlainRecord} from './plain-record.js';
import {makeIntegers, makeNumbers} from './room.js';
import type {ArchiveEntry} from './types.js';
import {centralHeaderBytes, centralHeaderSignature, max16, max32, modeTypeMask} from './zip-format.js';

/** An entry with what is needed to find and check its local header. */
export type DirectoryRecord = ArchiveEntry &
	EntryFacts & {
		/** The name's bytes lie here in the central directory. */
		readonly nameStart: number;
		/** Position of the record from the start of the central directory. */
		readonly directoryOffset: number;
	};

const unixHosts = new Set([3, 19]);
/** Permission and type bits without setuid, setgid and sticky, which no backup brings back. */
const keptModeBits = modeTypeMask | 0o777;
const dosFolder = 0x10;
const slash = 0x2f;
/** Plain records are no longer: their names and fields are short. */
const usualRecordBytes = 8 * 1024;

const readLarge = (field: Buffer, position: number, describe: () => string): number => {
	if (position + 8 > field.length) {
		throw archiveFault('zip64-field', `${describe()} lacks its 64-bit size.`);
	}

	const value = field.readBigUInt64LE(position);
	if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
		throw archiveFault('zip64-number', `${describe()} claims an impossible size or place.`);
	}

	return Number(value);
};

/**
 * Reads one record.
 * @param whole the whole central directory.
 * @throws archive-damaged, zip-extra-damaged, zip64-field, zip64-number, zip-invalid-utf8, zip-name-mismatch; what cannot be read
 */
const readRecord = (
	whole: DirectoryBytes,
	start: number,
	number: number,
): {readonly record: DirectoryRecord; readonly end: number} => {
	const isDamaged = (): Error => damaged(`The archive's list of contents is damaged at entry ${number + 1}.`);
	if (start + centralHeaderBytes > whole.length) {
		throw isDamaged();
	}

	const fixed = whole.at(start, centralHeaderBytes);
	if (fixed.bytes.readUInt32LE(fixed.start) !== centralHeaderSignature) {
		throw isDamaged();
	}

	const nameBytes = fixed.bytes.readUInt16LE(fixed.start + 28);
	const extraBytes = fixed.bytes.readUInt16LE(fixed.start + 30);
	const length = centralHeaderBytes + nameBytes + extraBytes + fixed.bytes.readUInt16LE(fixed.start + 32);
	const end = start + length;
	if (end > whole.length) {
		throw isDamaged();
	}

	const {bytes: held, start: heldStart} = whole.at(start, length);
	const header = held.subarray(heldStart, heldStart + length);
	const extraStart = centralHeaderBytes + nameBytes;
	const describe = (): string => `The entry ${quoteEntry(header.toString('utf8', centralHeaderBytes, extraStart))}`;
	const extra = readExtraFields(header, extraStart, extraStart + extraBytes, describe);
	const flags = header.readUInt16LE(8);
	const rawMethod = header.readUInt16LE(10);
	let compressedBytes = header.readUInt32LE(20);
	let bytes = header.readUInt32LE(24);
	let headerOffset = header.readUInt32LE(42);
	const disk = header.readUInt16LE(34);
	if (bytes === max32 || compressedBytes === max32 || headerOffset === max32 || disk === max16 || extra.zip64) {
		const field = extra.zip64 ?? Buffer.alloc(0);
		let position = 0;
		const next = (): number => {
			const value = readLarge(field, position, describe);
			position += 8;
			return value;
		};

		bytes = bytes === max32 ? next() : bytes;
		compressedBytes = compressedBytes === max32 ? next() : compressedBytes;
		headerOffset = headerOffset === max32 ? next() : headerOffset;
		if (position !== field.length) {
			throw archiveFault('zip64-field', `${describe()} says more about its size than it should.`);
		}
	}

	const isUnix = unixHosts.has(header.readUInt8(5));
	const rawMode = header.readUInt16LE(40);
	const decoded = decodeEntryName(header, centralHeaderBytes, extraStart, {
		flags,
		isUnix,
		unicodePath: extra.unicodePath,
	});
	// Some tools list everything below "./"; "./" itself stays as it is.
	const name = decoded.startsWith('./') ? decoded.replace(/^(\.\/)+(?=[^/])/, '') : decoded;
	return {
		record: {
			name,
			type: name.endsWith('/') ? 'directory' : 'file',
			method: rawMethod === 8 ? 8 : 0,
			crc32: header.readUInt32LE(16),
			compressedBytes,
			bytes,
			headerOffset,
			mode: isUnix ? rawMode & keptModeBits : 0,
			modifiedAt:
				extra.modifiedSeconds === null
					? fromDosTime({time: header.readUInt16LE(12), date: header.readUInt16LE(14)})
					: extra.modifiedSeconds * 1000,
			flags,
			rawMethod,
			disk,
			nameStart: start + centralHeaderBytes,
			nameBytes,
			extraBytes,
			directoryOffset: start,
			rawMode,
			isDosFolder: (header.readUInt8(38) & dosFolder) !== 0,
		},
		end,
	};
};

/**
 * All records of a central directory. They stay the bytes they are, and become objects only while somebody looks at them: hundreds of thousands of objects
 * do not fit into the memory of a small board.
 */
export type Directory = {
	/** The records' bytes. */
	readonly bytes: DirectoryBytes;
	/** Number of records. */
	readonly length: number;
	/** A record, made anew with every call. @throws RangeError when there is none of that number */
	readonly record: (number: number) => DirectoryRecord;
	/** Where a record begins and ends in the bytes. */
	readonly start: (number: number) => number;
	readonly end: (number: number) => number;
	/** A record's decoded name, made anew with every call. @throws RangeError when there is none of that number */
	readonly nameOf: (number: number) => string;
	/** Tells whether a record is of a folder. */
	readonly isFolder: (number: number) => boolean;
	/** Length of a record's name as it stands there. */
	readonly nameBytesOf: (number: number) => number;
	/** Positions of the local headers, sizes of the packed data and of the content, by number. */
	readonly headerOffsets: Float64Array;
	readonly packedSizes: Float64Array;
	readonly sizes: Float64Array;
	/** Hashes of the names, by number; 0 where one was not taken. */
	readonly nameHashes: Uint32Array;
};

const startOf = (starts: Uint32Array, number: number): number => {
	const start = starts[number];
	if (start === undefined) {
		throw new RangeError(`There is no record ${number}.`);
	}

	return start;
};

/**
 * Reads all records of a central directory, in its order.
 * @param readPlain reads those that are as nearly all are.
 * @param onRecord gets every other record once.
 * @throws zip-entry-count, zip-directory-too-large, and what a record is refused for; what cannot be read
 */
export const readDirectory = (
	bytes: DirectoryBytes,
	entries: number,
	onRecord: (record: DirectoryRecord, number: number) => void = () => undefined,
	readPlain: ReadPlainRecord = () => null,
): Directory => {
	if (entries * centralHeaderBytes > bytes.length) {
		throw archiveFault('zip-entry-count', 'The archive claims more entries than its list of contents has room for.');
	}

	if (bytes.length > max32) {
		throw archiveFault('zip-directory-too-large', 'The archive has a longer list of contents than printkeep takes.');
	}

	// One more than there are records: where the last one ends.
	const starts = makeIntegers(entries + 1);
	/** Names that are not their bytes, one character for each. Of all others, the bytes are enough. */
	const otherNames = new Map<number, string>();
	const headerOffsets = makeNumbers(entries);
	const packedSizes = makeNumbers(entries);
	const sizes = makeNumbers(entries);
	const nameHashes = makeIntegers(entries);
	let position = 0;
	const plainAt = (start: number): ReturnType<ReadPlainRecord> => {
		const first = bytes.at(start, centralHeaderBytes);
		const record = readPlain(first.bytes, first.start);
		if (record || first.bytes.length - first.start >= usualRecordBytes) {
			return record;
		}

		// It may be there in part.
		const again = bytes.at(start, usualRecordBytes);
		return readPlain(again.bytes, again.start);
	};

	for (let number = 0; number < entries; number++) {
		const plain = plainAt(position);
		if (plain) {
			headerOffsets[number] = plain.headerOffset;
			packedSizes[number] = plain.packedBytes;
			sizes[number] = plain.bytes;
			nameHashes[number] = plain.nameHash;
			position += plain.length;
		} else {
			const {record, end} = readRecord(bytes, position, number);
			const name = bytes.at(record.nameStart, record.nameBytes);
			if (name.bytes.toString('latin1', name.start, name.start + record.nameBytes) !== record.name) {
				otherNames.set(number, record.name);
			}

			headerOffsets[number] = record.headerOffset;
			packedSizes[number] = record.compressedBytes;
			sizes[number] = record.bytes;
			position = end;
			onRecord(record, number);
		}

		starts[number + 1] = position;
	}

	if (position !== bytes.length) {
		throw archiveFault('zip-entry-count', 'The archive’s list of contents is longer than its entries.');
	}

	/** Shows a record as a whole. */
	const at = (number: number): DirectoryView => {
		const start = startOf(starts, number);
		return bytes.at(start, startOf(starts, number + 1) - start);
	};

	return {
		bytes,
		length: entries,
		record: number => readRecord(bytes, startOf(starts, number), number).record,
		start: number => startOf(starts, number),
		end: number => startOf(starts, number + 1),
		nameOf(number) {
			const other = otherNames.get(number);
			if (other !== undefined) {
				return other;
			}

			const {bytes: record, start} = at(number);
			const nameStart = start + centralHeaderBytes;
			return record.toString('latin1', nameStart, nameStart + record.readUInt16LE(start + 28));
		},
		isFolder(number) {
			const other = otherNames.size > 0 ? otherNames.get(number) : undefined;
			if (other !== undefined) {
				return other.endsWith('/');
			}

			const {bytes: record, start} = at(number);
			return record[start + centralHeaderBytes - 1 + record.readUInt16LE(start + 28)] === slash;
		},
		nameBytesOf(number) {
			const {bytes: record, start} = at(number);
			return record.readUInt16LE(start + 28);
		},
		headerOffsets,
		packedSizes,
		sizes,
		nameHashes,
	};
};
