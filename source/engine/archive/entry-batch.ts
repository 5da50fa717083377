/** Runs of small entries that lie side by side in an archive: described by one thread, read in one go and unpacked by another. */
import {PrintkeepError} from '../../errors.js';
import {type Directory, readDirectory} from './directory.js';
import {heldDirectory} from './directory-bytes.js';
import {damaged, quoteEntry} from './errors.js';
import {readFully, readRange} from './pread.js';
import {viewRecord} from './read-at-once.js';
import {type ReadSource, readRecord} from './read-record.js';
import type {OpenArchive} from './reader.js';
import {giveBack} from './room.js';
import type {ArchiveEntry} from './types.js';
import {localHeaderBytes} from './zip-format.js';

/** Plain data that crosses between threads. */
export type EntryBatch = {
	/** Of the archive; open until the batch was read. */
	readonly descriptor: number;
	/** Records of the entries as they stand in the list of contents, one after the other: whoever reads them again judges for himself. */
	readonly records: Uint8Array;
	readonly count: number;
	/** Where the run begins. */
	readonly start: number;
	/** Bytes from there that hold all of it, or nearly. */
	readonly bytes: number;
	/** Entries end before this position of the archive. */
	readonly directoryOffset: number;
};

/** More than the extra fields of a local header usually take. */
const usualExtraBytes = 64;
/** What lies between two entries is read with them up to this length. */
const mostGapBytes = 16 * 1024;

/** The number of an entry's record. @throws archive-damaged when the archive has no such entry */
export const numberOf = ({internals}: OpenArchive, {name}: Pick<ArchiveEntry, 'name'>): number => {
	const number = internals.index.get(name);
	if (number === undefined) {
		throw damaged(`The archive has no entry ${quoteEntry(name)}.`);
	}

	return number;
};

const usualEnd = ({headerOffsets, packedSizes, nameBytesOf}: Directory, number: number): number =>
	(headerOffsets[number] ?? 0) + localHeaderBytes + nameBytesOf(number) + usualExtraBytes + (packedSizes[number] ?? 0);

/** True when the entry of a record lies right after that of another one, so that both can be read in one go. */
export const isNextTo = ({internals: {directory}}: OpenArchive, previous: number, number: number): boolean => {
	const offset = directory.headerOffsets[number] ?? 0;
	return offset > (directory.headerOffsets[previous] ?? 0) && offset - usualEnd(directory, previous) <= mostGapBytes;
};

/** The bytes of records, one after the other. */
const joined = ({bytes, start, end}: Directory, numbers: readonly number[]): Buffer => {
	const all = Buffer.allocUnsafeSlow(numbers.reduce((sum, number) => sum + end(number) - start(number), 0));
	let position = 0;
	for (const number of numbers) {
		const length = end(number) - start(number);
		const record = bytes.at(start(number), length);
		position += record.bytes.copy(all, position, record.start, record.start + length);
	}

	return all;
};

/** Describes the entries of a run of records, each of which `isNextTo` the one before. @throws RangeError when there is none of a number */
export const describeEntries = ({internals}: OpenArchive, numbers: readonly number[]): EntryBatch => {
	const {descriptor, directory, source} = internals;
	const {directoryOffset} = source;
	const [first] = numbers;
	const last = numbers.at(-1);
	const start = first === undefined ? 0 : (directory.headerOffsets[first] ?? 0);
	return {
		descriptor,
		records: joined(directory, numbers),
		count: numbers.length,
		start,
		bytes: Math.min(directoryOffset, last === undefined ? 0 : usualEnd(directory, last)) - start,
		directoryOffset,
	};
};

const scratchStepBytes = 512 * 1024;
let scratch: Buffer | null = null;

/**
 * A buffer that the next call uses again: a new one costs more than what is done with it. Of the usual memory: each piece of what can be resized is of a kind of its
 * own to V8, which then looks up anew how to read a byte of it.
 */
const scratchOf = (bytes: number): Buffer => {
	if (!scratch || scratch.length < bytes) {
		giveBack(scratch ?? new Uint8Array());
		scratch = Buffer.allocUnsafeSlow(Math.ceil(bytes / scratchStepBytes) * scratchStepBytes);
	}

	return scratch.subarray(0, bytes);
};

const sourceOf = (
	{descriptor, records, directoryOffset}: EntryBatch,
	view: (position: number, bytes: number) => Buffer,
): ReadSource => ({
	descriptor,
	directory: heldDirectory(Buffer.from(records.buffer, records.byteOffset, records.length)),
	directoryOffset,
	window: {view, available: (position, bytes) => Math.max(0, Math.min(bytes, directoryOffset - position))},
});

/**
 * Reads and unpacks a run, with every check there is: local headers, sizes, CRC-32, the end of the compressed data.
 * @param onContent gets each entry's content in turn, valid until it returns.
 * @throws zip-local-mismatch, zip-crc and the like; what `onContent` throws
 */
export const readEntries = (batch: EntryBatch, onContent: (index: number, content: Buffer) => void): void => {
	const {descriptor, count, start, bytes} = batch;
	const run = scratchOf(bytes);
	readFully(descriptor, run, start);
	const source = sourceOf(batch, (position, length) =>
		position >= start && position + length <= start + bytes
			? run.subarray(position - start, position - start + length)
			: readRange(descriptor, position, length),
	);
	readDirectory(source.directory, count, (record, index) => {
		onContent(index, viewRecord(source, record));
	});
};

/**
 * Reads and unpacks the one entry of a batch chunk by chunk, with the same checks.
 * @param onChunk gets the content in order; a chunk is valid until it resolves.
 * @throws zip-local-mismatch, zip-crc and the like; what `onChunk` throws
 */
export const readLargeEntry = async (batch: EntryBatch, onChunk: (chunk: Buffer) => Promise<void>): Promise<void> => {
	const source = sourceOf(batch, (position, length) => readRange(batch.descriptor, position, length));
	if (batch.count !== 1) {
		throw new PrintkeepError('bug', `A large entry was asked for with ${batch.count} records.`);
	}

	await readRecord(source, readDirectory(source.directory, 1).record(0), onChunk);
};
