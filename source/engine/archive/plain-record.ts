/**
 * Records of the list of contents that are as nearly all are, told from their bytes alone: hundreds of thousands of objects and strings cost more than anything else
 * that is done to open an archive. Whatever is not surely right is read and judged as directory.ts and entry-rules.ts say.
 */
import type {ArchiveLimits} from './limits.js';
import {hashNameBytes} from './name-hash.js';
import {isPlainName} from './plain-name.js';
import {
	centralHeaderBytes,
	centralHeaderSignature,
	extraUnicodePath,
	extraZip64,
	flagEncrypted,
	flagMaskedHeaders,
	flagStrongEncryption,
	knownFlags,
	localHeaderBytes,
	max32,
	methodDeflated,
	methodStored,
	modeDirectory,
	modeRegular,
	modeTypeMask,
} from './zip-format.js';

export type PlainRecordOptions = {
	/** Position of the central directory: all entries lie before it. */
	readonly directoryOffset: number;
	readonly limits: Pick<ArchiveLimits, 'extraBytes' | 'depth' | 'nameBytes' | 'segmentBytes' | 'entryRatio'>;
};

/** What a record says, until the next one is read. */
export type PlainRecord = {
	/** Length of the record. */
	length: number;
	packedBytes: number;
	bytes: number;
	headerOffset: number;
	/** Of the name, which is its bytes. */
	nameHash: number;
};

/** Reads the record at a position; null when it is not plain, or does not lie in the bytes as a whole. */
export type ReadPlainRecord = (bytes: Buffer, start: number) => PlainRecord | null;

const refusedFlags = ~knownFlags | flagEncrypted | flagStrongEncryption | flagMaskedHeaders;
const dosFolder = 0x10;
const slash = 0x2f;
/** Smaller ones are no bombs. */
const ratioFromBytes = 1024 * 1024;

const short = (bytes: Buffer, position: number): number => (bytes[position] ?? 0) | ((bytes[position + 1] ?? 0) << 8);

const long = (bytes: Buffer, position: number): number =>
	(short(bytes, position) | (short(bytes, position + 2) << 16)) >>> 0;

/** True when the fields fit, and none of them matters to anybody but for a date. */
const hasPlainFields = (bytes: Buffer, start: number, end: number): boolean => {
	let position = start;
	while (position < end) {
		const id = short(bytes, position);
		position += 4 + short(bytes, position + 2);
		if (position > end || id === extraZip64 || id === extraUnicodePath) {
			return false;
		}
	}

	return true;
};

const isPlainKind = (isFolder: boolean, rawMode: number, isDosFolder: boolean): boolean => {
	const type = rawMode & modeTypeMask;
	return isFolder ? type === modeDirectory || type === 0 : type === modeRegular || (type === 0 && !isDosFolder);
};

const hasPlainSizes = (method: number, packedBytes: number, bytes: number, mostRatio: number): boolean =>
	method === methodStored
		? bytes === packedBytes
		: method === methodDeflated && (bytes <= ratioFromBytes || bytes <= packedBytes * mostRatio);

/** Makes what reads plain records. What it gives is the same object each time. */
export const createPlainRecords = ({directoryOffset, limits}: PlainRecordOptions): ReadPlainRecord => {
	const mostNameBytes = Math.min(limits.depth, limits.nameBytes, limits.segmentBytes);
	const record: PlainRecord = {length: 0, packedBytes: 0, bytes: 0, headerOffset: 0, nameHash: 0};
	return (bytes, start) => {
		if (start + centralHeaderBytes > bytes.length || long(bytes, start) !== centralHeaderSignature) {
			return null;
		}

		const nameBytes = short(bytes, start + 28);
		const extraBytes = short(bytes, start + 30);
		const nameStart = start + centralHeaderBytes;
		const nameEnd = nameStart + nameBytes;
		const extraEnd = nameEnd + extraBytes;
		const length = extraEnd + short(bytes, start + 32) - start;
		if (start + length > bytes.length || nameBytes > mostNameBytes || extraBytes > limits.extraBytes) {
			return null;
		}

		const packedBytes = long(bytes, start + 20);
		const size = long(bytes, start + 24);
		const headerOffset = long(bytes, start + 42);
		const isFolder = bytes[nameEnd - 1] === slash;
		const isPlain =
			(short(bytes, start + 8) & refusedFlags) === 0 &&
			short(bytes, start + 34) === 0 &&
			size !== max32 &&
			packedBytes !== max32 &&
			headerOffset !== max32 &&
			headerOffset + localHeaderBytes + nameBytes + packedBytes <= directoryOffset &&
			(!isFolder || (size === 0 && packedBytes === 0)) &&
			hasPlainSizes(short(bytes, start + 10), packedBytes, size, limits.entryRatio) &&
			isPlainKind(isFolder, short(bytes, start + 40), ((bytes[start + 38] ?? 0) & dosFolder) !== 0) &&
			hasPlainFields(bytes, nameEnd, extraEnd) &&
			isPlainName(bytes, nameStart, nameEnd);
		if (!isPlain) {
			return null;
		}

		record.length = length;
		record.packedBytes = packedBytes;
		record.bytes = size;
		record.headerOffset = headerOffset;
		record.nameHash = hashNameBytes(bytes, nameStart, nameEnd);
		return record;
	};
};
