/**
 * yauzl, with a seat belt: it reads the file only through this reader, which answers every request outside of the file with an error. (Left to read
 * by itself, it throws where nobody can catch for an offset beyond 2^53.)
 */
import {Readable} from 'node:stream';
import yauzl from 'yauzl';
import {readFully} from './pread.js';

const chunkBytes = 64 * 1024;

/** A bounds-checked reader of an open file for yauzl. Nothing is closed by it. */
export class CheckedReader extends yauzl.RandomAccessReader {
	readonly #descriptor: number;
	readonly #fileBytes: number;

	/** @param fileBytes size of the file; nothing is read beyond. */
	constructor(descriptor: number, fileBytes: number) {
		super();
		this.#descriptor = descriptor;
		this.#fileBytes = fileBytes;
	}

	#isInside(start: number, end: number): boolean {
		return (
			Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && end <= this.#fileBytes
		);
	}

	override read(
		buffer: Buffer,
		offset: number,
		length: number,
		position: number,
		callback: (error: Error | null) => void,
	): void {
		let problem: Error | null = null;
		try {
			if (!this.#isInside(position, position + length)) {
				throw new Error(`a read from ${position} is outside of the file`);
			}

			readFully(this.#descriptor, buffer.subarray(offset, offset + length), position);
		} catch (error) {
			problem = error instanceof Error ? error : new Error(String(error));
		}

		process.nextTick(callback, problem);
	}

	override _readStreamForRange(start: number, end: number): Readable {
		let position = start;
		const isInside = this.#isInside(start, end);
		const descriptor = this.#descriptor;
		return new Readable({
			highWaterMark: chunkBytes,
			read() {
				if (!isInside) {
					this.destroy(new Error(`a read from ${start} is outside of the file`));
					return;
				}

				try {
					const bytes = Math.min(chunkBytes, end - position);
					if (bytes === 0) {
						this.push(null);
						return;
					}

					const chunk = Buffer.allocUnsafe(bytes);
					readFully(descriptor, chunk, position);
					position += bytes;
					this.push(chunk);
				} catch (error) {
					this.destroy(error instanceof Error ? error : new Error(String(error)));
				}
			},
		});
	}

	override close(callback: (error: Error | null) => void): void {
		process.nextTick(callback, null);
	}
}

/** An entry as yauzl sees it. */
export type PeerEntry = {
	/** The name's bytes, undecoded. */
	readonly rawName: Buffer;
	readonly headerOffset: number;
	readonly compressedBytes: number;
	readonly bytes: number;
	readonly crc32: number;
	readonly method: number;
};

/**
 * Lists an archive with yauzl.
 * @param onEntry is awaited before the next.
 * @throws what yauzl complains about.
 */
export const listWithYauzl = async (
	descriptor: number,
	fileBytes: number,
	onEntry: (entry: PeerEntry) => Promise<void>,
): Promise<void> => {
	const file = await yauzl.fromRandomAccessReaderPromise(new CheckedReader(descriptor, fileBytes), fileBytes, {
		autoClose: false,
		decodeStrings: false,
	});
	for await (const entry of file.eachEntry()) {
		await onEntry({
			rawName: entry.fileNameRaw,
			headerOffset: entry.relativeOffsetOfLocalHeader,
			compressedBytes: entry.compressedSize,
			bytes: entry.uncompressedSize,
			crc32: entry.crc32,
			method: entry.compressionMethod,
		});
	}
};

/**
 * Streams one entry's content with yauzl.
 * @param recordOffset position of the entry's record in the central directory.
 */
export const streamWithYauzl = async (
	descriptor: number,
	fileBytes: number,
	recordOffset: number,
): Promise<Readable> => {
	const file = new yauzl.ZipFile(
		new CheckedReader(descriptor, fileBytes),
		recordOffset,
		fileBytes,
		1,
		'',
		false,
		true,
		true,
		true,
	);
	const entry = await new Promise<yauzl.Entry>((resolve, reject) => {
		file.once('entry', resolve);
		// Stays: an error that comes later must not be an uncaught one.
		file.on('error', reject);
		file.readEntry();
	});
	return new Promise((resolve, reject) => {
		file.openReadStream(entry, (error, stream) => {
			if (error) {
				reject(error);
			} else {
				resolve(stream);
			}
		});
	});
};
