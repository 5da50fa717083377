import {readFully} from './pread.js';

/** Bytes a window holds. */
export const windowBytes = 512 * 1024;
const randomBytes = 4096;

/** A piece of an open file in memory, so that thousands of neighbouring entries do not cost thousands of system calls. */
export type Window = {
	/**
	 * Bytes of the file; valid until the next call. Reads ahead when the calls follow one another.
	 * @param bytes at most 256 KB.
	 */
	readonly view: (position: number, bytes: number) => Buffer;
	/** Bytes there are from a position, up to a number. */
	readonly available: (position: number, bytes: number) => number;
};

/** The largest piece a window gives at once. */
export const maximumViewBytes = windowBytes / 2;

/**
 * @param fileBytes size of the file; views end there.
 * @param memory of the window: 512 KB, its own when missing.
 */
export const createWindow = (descriptor: number, fileBytes: number, memory: Buffer | null = null): Window => {
	let buffer = memory;
	let start = 0;
	let end = 0;
	const available = (position: number, bytes: number): number => Math.max(0, Math.min(bytes, fileBytes - position));
	return {
		available,
		view(position, bytes) {
			if (position < start || position + bytes > end) {
				const follows = position >= start && position <= end;
				buffer ??= Buffer.allocUnsafeSlow(Math.min(windowBytes, fileBytes));
				const wanted = available(position, Math.max(bytes, follows ? windowBytes : randomBytes));
				start = position;
				// Should reading fail, nothing stale must be taken for the file.
				end = position;
				readFully(descriptor, buffer.subarray(0, wanted), position);
				end = position + wanted;
			}

			return (buffer ?? Buffer.alloc(0)).subarray(position - start, position - start + bytes);
		},
	};
};
