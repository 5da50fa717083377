/** What an entry's packed data holds, and whether that is what the archive says. */
import {crc32, inflateRawSync} from 'node:zlib';
import {isPrintkeepError} from '../../errors.js';
import type {DirectoryRecord} from './directory.js';
import {archiveFault, quoteEntry} from './errors.js';
import {type Inflater, inflatedBytes, putInflaterBack, takeInflater} from './inflater.js';
import {methodDeflated} from './zip-format.js';

/** The fault of data that is no deflate stream. */
export const unpackFailed = (record: DirectoryRecord, cause: unknown): Error =>
	archiveFault(
		'zip-content',
		`The entry ${quoteEntry(record.name)} cannot be unpacked.`,
		cause instanceof Error ? cause.message : String(cause),
		cause,
	);

export const longerThanSaid = (record: DirectoryRecord): Error =>
	archiveFault('zip-size-mismatch', `The entry ${quoteEntry(record.name)} is longer than the archive says.`);

const isTooLong = (error: unknown): boolean =>
	error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

/**
 * Compares what an entry turned out to be with its record.
 * @param consumed packed bytes that were used.
 * @throws zip-size-mismatch, zip-data-after-content, zip-crc
 */
export const checkContent = (record: DirectoryRecord, bytes: number, checksum: number, consumed: number): void => {
	if (bytes !== record.bytes) {
		throw archiveFault(
			'zip-size-mismatch',
			`The entry ${quoteEntry(record.name)} does not have the size the archive says.`,
			`${bytes} instead of ${record.bytes}`,
		);
	}

	if (consumed !== record.compressedBytes) {
		throw archiveFault(
			'zip-data-after-content',
			`The entry ${quoteEntry(record.name)} has unknown bytes after its content.`,
		);
	}

	if (checksum !== record.crc32) {
		throw archiveFault('zip-crc', `The entry ${quoteEntry(record.name)} is damaged: its checksum does not match.`);
	}
};

/** Unpacks an entry that fits into memory. */
const inflateSmall = (record: DirectoryRecord, packed: Buffer): Buffer => {
	let result: {readonly buffer: Buffer; readonly engine: {readonly bytesWritten: number}};
	try {
		// One byte more than promised is enough to see that there is more.
		const options = {info: true, maxOutputLength: record.bytes + 1, chunkSize: Math.max(64, record.bytes + 1)} as const;
		result = inflateRawSync(packed, options) as unknown as typeof result;
	} catch (error) {
		throw isTooLong(error) ? longerThanSaid(record) : unpackFailed(record, error);
	}

	checkContent(record, result.buffer.length, crc32(result.buffer), result.engine.bytesWritten);
	return result.buffer;
};

/**
 * The content of an entry whose packed data is in memory, checked; of a stored one the very same bytes.
 * @throws zip-content, zip-size-mismatch, zip-data-after-content, zip-crc
 */
export const contentOf = (record: DirectoryRecord, packed: Buffer): Buffer => {
	if (record.rawMethod === methodDeflated) {
		return inflateSmall(record, packed);
	}

	checkContent(record, packed.length, crc32(packed), packed.length);
	return packed;
};

/**
 * The same, as fast as can be and in memory that is used again.
 * @returns content that is valid until anything else is unpacked on this thread: to be used before the caller awaits or returns.
 * @throws zip-content, zip-size-mismatch, zip-data-after-content, zip-crc
 */
export const briefContentOf = (record: DirectoryRecord, packed: Buffer): Buffer => {
	const isBrief = record.rawMethod === methodDeflated && record.bytes < inflatedBytes;
	const inflater = isBrief ? takeInflater() : null;
	if (!inflater) {
		return contentOf(record, packed);
	}

	try {
		const {content, used} = inflater.write(packed, 0, true);
		if (content.length > record.bytes) {
			throw longerThanSaid(record);
		}

		checkContent(record, content.length, crc32(content), used);
		return content;
	} catch (error) {
		throw isPrintkeepError(error) ? error : unpackFailed(record, error);
	} finally {
		putInflaterBack(inflater);
	}
};

/**
 * Unpacks an entry of any size through one small buffer.
 * @param chunks its packed bytes, in order.
 * @returns pieces of content, each valid until the next is asked for, and in the end how many packed bytes were used. Nothing is compared but the size, which no
 * piece exceeds. Null where this Node cannot do that.
 * @throws zip-content, zip-size-mismatch
 */
export const inflatePieces = (
	record: DirectoryRecord,
	chunks: Iterable<Buffer>,
): Generator<Buffer, number, undefined> | null => {
	const inflater = takeInflater();
	return inflater && piecesOf(inflater, record, chunks);
};

const piecesOf = function* (
	inflater: Inflater,
	record: DirectoryRecord,
	chunks: Iterable<Buffer>,
): Generator<Buffer, number, undefined> {
	let fed = 0;
	let consumed = 0;
	let bytes = 0;
	const take = function* (chunk: Buffer): Generator<Buffer, void, undefined> {
		fed += chunk.length;
		for (let start = 0, isFull = true; isFull; ) {
			const {content, used} = write(chunk, start);
			start += used;
			consumed += used;
			bytes += content.length;
			isFull = content.length === inflatedBytes;
			if (bytes > record.bytes) {
				throw longerThanSaid(record);
			}

			if (content.length > 0) {
				yield content;
			}
		}
	};
	const write = (chunk: Buffer, start: number): ReturnType<Inflater['write']> => {
		try {
			return inflater.write(chunk, start, fed === record.compressedBytes);
		} catch (error) {
			throw unpackFailed(record, error);
		}
	};

	try {
		for (const chunk of chunks) {
			yield* take(chunk);
		}

		if (record.compressedBytes === 0) {
			yield* take(Buffer.alloc(0));
		}

		return consumed;
	} finally {
		putInflaterBack(inflater);
	}
};
