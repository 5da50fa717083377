/**
 * Reads the content of one entry with bounded memory and checks all that a ZIP lets check: local header, size, CRC-32, and that the compressed
 * stream ends where it should.
 */
import {crc32, createInflateRaw, inflateRawSync} from 'node:zlib';
import {cancelledError} from '../breathe.js';
import type {DirectoryRecord} from './directory.js';
import {archiveFault, quoteEntry} from './errors.js';
import {checkLocalHeader, localHeaderLength} from './local-header.js';
import {readFully} from './pread.js';
import {maximumViewBytes, type Window} from './window.js';
import {localHeaderBytes, methodDeflated} from './zip-format.js';

export type ReadSource = {
	readonly descriptor: number;
	readonly window: Window;
	/** The central directory's bytes. */
	readonly directory: Buffer;
	/** Entries end before this position. */
	readonly directoryOffset: number;
};

export type ReadHooks = {
	readonly signal?: AbortSignal | undefined;
	readonly breathe?: (() => Promise<void>) | undefined;
	/** Gets the bytes of the file as they are read, header included, in order, with their position. */
	readonly onRaw?: ((position: number, bytes: Buffer) => void) | undefined;
};

type OnRaw = ReadHooks['onRaw'];

const chunkBytes = 256 * 1024;
/** Entries up to this size, packed and unpacked, are read in one go. */
const smallBytes = maximumViewBytes - 70 * 1024;

const unpackFailed = (record: DirectoryRecord, cause: unknown): Error =>
	archiveFault(
		'zip-content',
		`The entry ${quoteEntry(record.name)} cannot be unpacked.`,
		cause instanceof Error ? cause.message : String(cause),
		cause,
	);

const longerThanSaid = (record: DirectoryRecord): Error =>
	archiveFault('zip-size-mismatch', `The entry ${quoteEntry(record.name)} is longer than the archive says.`);

const isTooLong = (error: unknown): boolean =>
	error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

const checkContent = (record: DirectoryRecord, bytes: number, checksum: number, consumed: number): void => {
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

/**
 * Reads and checks an entry's local header.
 * @returns position of the entry's data.
 * @throws zip-local-mismatch, zip-unknown-length, zip-outside and the like
 */
export const readLocalHeader = (source: ReadSource, record: DirectoryRecord, onRaw?: OnRaw): number => {
	const {window, directory, directoryOffset} = source;
	const {headerOffset} = record;
	const length = localHeaderLength(window.view(headerOffset, localHeaderBytes), record);
	const dataOffset = headerOffset + length;
	if (dataOffset + record.compressedBytes > directoryOffset) {
		throw archiveFault('zip-outside', `The entry ${quoteEntry(record.name)} lies outside of the archive.`);
	}

	const header = window.view(headerOffset, length);
	const nameStart = record.nameStart;
	checkLocalHeader(header, record, directory.subarray(nameStart, nameStart + record.nameBytes));
	onRaw?.(headerOffset, header);
	return dataOffset;
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

const contentOf = (record: DirectoryRecord, packed: Buffer): Buffer => {
	if (record.rawMethod === methodDeflated) {
		return inflateSmall(record, packed);
	}

	checkContent(record, packed.length, crc32(packed), packed.length);
	return packed;
};

/**
 * Reads one entry in one go, checked like any other; the caller has looked at its size.
 * @param room gives memory for packed data that is too much for the window.
 * @returns its content, valid until the next call, and the position after its data.
 * @throws zip-local-mismatch, zip-crc and the like
 */
export const readAtOnce = (
	source: ReadSource,
	record: DirectoryRecord,
	room: (bytes: number) => Buffer = Buffer.allocUnsafe,
): {readonly content: Buffer; readonly end: number} => {
	const position = readLocalHeader(source, record);
	const {compressedBytes} = record;
	let packed: Buffer;
	if (compressedBytes <= maximumViewBytes) {
		packed = source.window.view(position, compressedBytes);
	} else {
		packed = room(compressedBytes);
		readFully(source.descriptor, packed, position);
	}

	return {content: contentOf(record, packed), end: position + compressedBytes};
};

/**
 * Reads one entry through the source's window, which must be able to show all of it.
 * @returns its content, valid until the window's next view.
 * @throws zip-local-mismatch, zip-crc and the like
 */
export const viewRecord = (source: ReadSource, record: DirectoryRecord): Buffer => {
	const dataOffset = readLocalHeader(source, record);
	return contentOf(record, source.window.view(dataOffset, record.compressedBytes));
};

/** Reads packed data in order through one buffer. */
const packedChunks = function* (descriptor: number, position: number, bytes: number, onRaw?: OnRaw): Generator<Buffer> {
	const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, bytes));
	let done = 0;
	while (done < bytes) {
		const chunk = buffer.subarray(0, Math.min(chunkBytes, bytes - done));
		readFully(descriptor, chunk, position + done);
		onRaw?.(position + done, chunk);
		done += chunk.length;
		yield chunk;
	}
};

type Receive = (chunk: Buffer) => Promise<void>;

const isZlibError = (error: unknown): boolean =>
	error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(Z_|ERR_STREAM)/.test(error.code);

/** Unpacks an entry of any size on zlib's own thread. Returns the packed bytes that were used. */
const inflateStream = async (record: DirectoryRecord, chunks: Iterable<Buffer>, receive: Receive): Promise<number> => {
	const inflate = createInflateRaw({chunkSize: chunkBytes});
	const feed = async (): Promise<void> => {
		for (const chunk of chunks) {
			if (inflate.readableEnded || inflate.destroyed) {
				continue;
			}

			await new Promise<void>((resolve, reject) => {
				inflate.once('close', resolve);
				inflate.write(chunk, error => {
					inflate.off('close', resolve);
					if (error) {
						reject(error);
					} else {
						resolve();
					}
				});
			});
		}

		inflate.end();
	};

	// Errors reach the loop below; one that comes after its end must not take the process down.
	inflate.on('error', () => undefined);
	let outside: {readonly error: unknown} | null = null;
	const feeding = feed().catch((error: unknown) => {
		outside ??= isZlibError(error) ? null : {error};
		inflate.destroy(error instanceof Error ? error : new Error(String(error)));
	});
	try {
		for await (const chunk of inflate) {
			await receive(chunk as Buffer).catch((error: unknown) => {
				outside ??= {error};
				throw error;
			});
		}
	} catch (error) {
		inflate.destroy();
		await feeding;
		const thrown = outside as {readonly error: unknown} | null;
		throw thrown ? thrown.error : unpackFailed(record, error);
	}

	await feeding;
	return inflate.bytesWritten;
};

/**
 * Reads one entry; every chunk is valid until `onChunk` returns or resolves.
 * @returns position after the entry's data.
 * @throws zip-local-mismatch, zip-size-mismatch, zip-crc, zip-content, zip-data-after-content and the like; cancelled; what `onChunk` throws.
 */
export const readRecord = async (
	source: ReadSource,
	record: DirectoryRecord,
	onChunk: (chunk: Buffer) => void | Promise<void>,
	{signal, breathe, onRaw}: ReadHooks = {},
): Promise<number> => {
	await breathe?.();
	if (signal?.aborted) {
		throw cancelledError();
	}

	const dataOffset = readLocalHeader(source, record, onRaw);
	const {compressedBytes} = record;
	const isDeflated = record.rawMethod === methodDeflated;
	if (compressedBytes <= smallBytes && record.bytes <= smallBytes) {
		const packed = source.window.view(dataOffset, compressedBytes);
		onRaw?.(dataOffset, packed);
		const content = contentOf(record, packed);
		if (content.length > 0) {
			await onChunk(content);
		}

		return dataOffset + compressedBytes;
	}

	let bytes = 0;
	let checksum = 0;
	const receive: Receive = async chunk => {
		bytes += chunk.length;
		if (bytes > record.bytes) {
			throw longerThanSaid(record);
		}

		checksum = crc32(chunk, checksum);
		await onChunk(chunk);
		await breathe?.();
		if (signal?.aborted) {
			throw cancelledError();
		}
	};

	const chunks = packedChunks(source.descriptor, dataOffset, compressedBytes, onRaw);
	let consumed = compressedBytes;
	if (isDeflated) {
		consumed = await inflateStream(record, chunks, receive);
	} else {
		for (const chunk of chunks) {
			await receive(chunk);
		}
	}

	checkContent(record, bytes, checksum, consumed);
	return dataOffset + compressedBytes;
};
