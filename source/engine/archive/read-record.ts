/**
 * Reads the content of one entry with bounded memory and checks all that a ZIP lets check: local header, size, CRC-32, and that the compressed
 * stream ends where it should.
 */
import {crc32, createInflateRaw} from 'node:zlib';
import {cancelledError} from '../breathe.js';
import type {DirectoryRecord} from './directory.js';
import type {DirectoryBytes} from './directory-bytes.js';
import {archiveFault, quoteEntry} from './errors.js';
import {checkLocalHeader, localHeaderLength} from './local-header.js';
import {readFully} from './pread.js';
import {giveBack} from './room.js';
import {checkContent, contentOf, inflatePieces, longerThanSaid, unpackFailed} from './unpack-content.js';
import {maximumViewBytes, type Window} from './window.js';
import {localHeaderBytes, methodDeflated} from './zip-format.js';

export type ReadSource = {
	readonly descriptor: number;
	readonly window: Window;
	/** The central directory's bytes. */
	readonly directory: DirectoryBytes;
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
	const name = directory.at(record.nameStart, record.nameBytes);
	checkLocalHeader(header, record, name.bytes.subarray(name.start, name.start + record.nameBytes));
	onRaw?.(headerOffset, header);
	return dataOffset;
};

/** Used by one read after the other: new memory for each of many entries would gather until it is collected. */
let spare: Buffer | null = null;

const takeChunk = (): Buffer => {
	const chunk = spare ?? Buffer.allocUnsafeSlow(chunkBytes);
	spare = null;
	return chunk;
};

/** Reads packed data in order through one buffer. @param room gives its memory; usually it is memory that is used again. */
export const packedChunks = function* (
	descriptor: number,
	position: number,
	bytes: number,
	onRaw?: OnRaw,
	room?: (bytes: number) => Buffer,
): Generator<Buffer> {
	const buffer = room?.(Math.min(chunkBytes, bytes)) ?? takeChunk();
	let done = 0;
	while (done < bytes) {
		const chunk = buffer.subarray(0, Math.min(chunkBytes, bytes - done));
		readFully(descriptor, chunk, position + done);
		onRaw?.(position + done, chunk);
		done += chunk.length;
		yield chunk;
	}

	// Not after a failure: somebody may be at the last chunk still.
	if (!room) {
		spare = buffer;
	}
};

type Receive = (chunk: Buffer) => Promise<void>;

const isZlibError = (error: unknown): boolean =>
	error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(Z_|ERR_STREAM)/.test(error.code);

/** @returns what the pieces end with. */
const receiveAll = async (pieces: Generator<Buffer, number, undefined>, receive: Receive): Promise<number> => {
	try {
		for (let next = pieces.next(); ; next = pieces.next()) {
			if (next.done === true) {
				return next.value;
			}

			await receive(next.value);
		}
	} finally {
		pieces.return(0);
	}
};

/** Unpacks an entry of any size on zlib's own thread, in the documented way. Returns the packed bytes that were used. */
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
			// zlib goes on in a new buffer once one is full.
			const {byteOffset, length, buffer} = chunk as Buffer;
			if (byteOffset + length === buffer.byteLength) {
				giveBack(chunk as Buffer);
			}
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
		const pieces = inflatePieces(record, chunks);
		consumed = await (pieces ? receiveAll(pieces, receive) : inflateStream(record, chunks, receive));
	} else {
		for (const chunk of chunks) {
			await receive(chunk);
		}
	}

	checkContent(record, bytes, checksum, consumed);
	return dataOffset + compressedBytes;
};
