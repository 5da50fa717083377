/** Runs of small entries that lie side by side in an archive: described by one thread, read in one go and unpacked by another. */
import {PrintkeepError} from '../../errors.js';
import type {DirectoryRecord} from './directory.js';
import {readDirectory} from './directory.js';
import {damaged, quoteEntry} from './errors.js';
import {readFully, readRange} from './pread.js';
import {viewRecord} from './read-at-once.js';
import {type ReadSource, readRecord} from './read-record.js';
import type {OpenArchive} from './reader.js';
import {giveBack} from './room.js';
import type {ArchiveEntry} from './types.js';
import {centralHeaderBytes, localHeaderBytes} from './zip-format.js';

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

/** An entry that an archive gave is its record already, which need not be looked for again. */
const isRecordIn = (directory: Buffer, entry: ArchiveEntry): entry is DirectoryRecord => {
	const {nameStart, nameBytes} = entry as Partial<DirectoryRecord>;
	return (
		nameStart !== undefined &&
		nameBytes !== undefined &&
		directory.toString('latin1', nameStart, nameStart + nameBytes) === entry.name
	);
};

const recordOf = ({internals}: OpenArchive, entry: ArchiveEntry): DirectoryRecord | undefined => {
	if (isRecordIn(internals.source.directory, entry)) {
		return entry;
	}

	const number = internals.index.get(entry.name);
	return number === undefined ? undefined : internals.directory.record(number);
};

const usualEnd = ({headerOffset, nameBytes, compressedBytes}: DirectoryRecord): number =>
	headerOffset + localHeaderBytes + nameBytes + usualExtraBytes + compressedBytes;

/** True when an entry lies right after another one, so that both can be read in one go. */
export const isNextTo = (archive: OpenArchive, previous: ArchiveEntry, entry: ArchiveEntry): boolean => {
	const before = recordOf(archive, previous);
	return (
		before !== undefined &&
		entry.headerOffset > before.headerOffset &&
		entry.headerOffset - usualEnd(before) <= mostGapBytes
	);
};

/** The bytes of records, one after the other. */
const joined = (directory: Buffer, records: readonly DirectoryRecord[]): Buffer => {
	const ends = records.map(
		({directoryOffset: at, nameBytes, extraBytes}) =>
			at + centralHeaderBytes + nameBytes + extraBytes + directory.readUInt16LE(at + 32),
	);
	const all = Buffer.allocUnsafeSlow(
		records.reduce((sum, {directoryOffset}, index) => sum + (ends[index] ?? 0) - directoryOffset, 0),
	);
	let position = 0;
	for (const [index, {directoryOffset}] of records.entries()) {
		position += directory.copy(all, position, directoryOffset, ends[index]);
	}

	return all;
};

/** Describes a run of entries, each of which `isNextTo` the one before. @throws archive-damaged when the archive has no such entry */
export const describeEntries = (archive: OpenArchive, entries: readonly ArchiveEntry[]): EntryBatch => {
	const {descriptor, source} = archive.internals;
	const {directory, directoryOffset} = source;
	const records = entries.map(entry => {
		const record = recordOf(archive, entry);
		if (!record) {
			throw damaged(`The archive has no entry ${quoteEntry(entry.name)}.`);
		}

		return record;
	});
	const [first] = records;
	const last = records.at(-1);
	const start = first?.headerOffset ?? 0;
	return {
		descriptor,
		records: joined(directory, records),
		count: records.length,
		start,
		bytes: Math.min(directoryOffset, last ? usualEnd(last) : 0) - start,
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
	directory: Buffer.from(records.buffer, records.byteOffset, records.length),
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
