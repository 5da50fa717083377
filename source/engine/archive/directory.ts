/**
 * Reads the central directory: from bytes to records, each checked for being well-formed on its own. What an archive may contain is decided in
 * checks.ts.
 */
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

/** Nearly every record fits into it. */
const scratch = Buffer.allocUnsafeSlow(1024);

/**
 * Reads one record. It is copied first: a large directory lies in memory that can be given back, where each look at a byte takes several times as long.
 * @param whole the whole central directory.
 * @throws archive-damaged, zip-extra-damaged, zip64-field, zip64-number, zip-invalid-utf8, zip-name-mismatch
 */
const readRecord = (
	whole: Buffer,
	start: number,
	number: number,
): {readonly record: DirectoryRecord; readonly end: number} => {
	const copied = whole.copy(scratch, 0, start, start + scratch.length);
	if (copied < centralHeaderBytes || scratch.readUInt32LE(0) !== centralHeaderSignature) {
		throw damaged(`The archive's list of contents is damaged at entry ${number + 1}.`);
	}

	const nameBytes = scratch.readUInt16LE(28);
	const extraBytes = scratch.readUInt16LE(30);
	const length = centralHeaderBytes + nameBytes + extraBytes + scratch.readUInt16LE(32);
	const end = start + length;
	if (end > whole.length) {
		throw damaged(`The archive's list of contents is damaged at entry ${number + 1}.`);
	}

	const header = length <= copied ? scratch : whole.subarray(start, end);
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
	readonly bytes: Buffer;
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

/** A large directory lies in memory that can be given back, where each look at a byte takes several times as long: this much at a time is copied. */
const blockBytes = 64 * 1024;
const block = Buffer.allocUnsafeSlow(blockBytes);

const startOf = (starts: Float64Array, number: number): number => {
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
 * @throws zip-entry-count, and what a record is refused for
 */
export const readDirectory = (
	bytes: Buffer,
	entries: number,
	onRecord: (record: DirectoryRecord, number: number) => void = () => undefined,
	readPlain: ReadPlainRecord = () => null,
): Directory => {
	if (entries * centralHeaderBytes > bytes.length) {
		throw archiveFault('zip-entry-count', 'The archive claims more entries than its list of contents has room for.');
	}

	// One more than there are records: where the last one ends.
	const starts = makeNumbers(entries + 1);
	/** Names that are not their bytes, one character for each. Of all others, the bytes are enough. */
	const otherNames = new Map<number, string>();
	const headerOffsets = makeNumbers(entries);
	const packedSizes = makeNumbers(entries);
	const sizes = makeNumbers(entries);
	const nameHashes = makeIntegers(entries);
	let position = 0;
	let blockStart = 0;
	let filled = block.subarray(0, bytes.copy(block));
	const plainAt = (start: number): ReturnType<ReadPlainRecord> => {
		const record = readPlain(filled, start - blockStart);
		if (record || start === blockStart || blockStart + filled.length === bytes.length) {
			return record;
		}

		// It may lie in the block in part.
		blockStart = start;
		filled = block.subarray(0, bytes.copy(block, 0, start));
		return readPlain(filled, 0);
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
			if (bytes.toString('latin1', record.nameStart, record.nameStart + record.nameBytes) !== record.name) {
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

			const start = startOf(starts, number);
			const nameStart = start + centralHeaderBytes;
			return bytes.toString('latin1', nameStart, nameStart + bytes.readUInt16LE(start + 28));
		},
		isFolder(number) {
			const other = otherNames.size > 0 ? otherNames.get(number) : undefined;
			const start = startOf(starts, number);
			return other === undefined
				? bytes[start + centralHeaderBytes - 1 + bytes.readUInt16LE(start + 28)] === slash
				: other.endsWith('/');
		},
		nameBytesOf: number => bytes.readUInt16LE(startOf(starts, number) + 28),
		headerOffsets,
		packedSizes,
		sizes,
		nameHashes,
	};
};
