import {readSync} from 'node:fs';
import {archiveFault} from './errors.js';
import {makeRoom} from './room.js';

/**
 * Fills a buffer from a position of an open file.
 * @throws zip-changed when the file ends before: it shrank while it was open.
 */
export const readFully = (descriptor: number, buffer: Uint8Array, position: number): void => {
	let done = 0;
	while (done < buffer.length) {
		const bytes = readSync(descriptor, buffer, done, buffer.length - done, position + done);
		if (bytes === 0) {
			throw archiveFault('zip-changed', 'The archive became shorter while it was read.');
		}

		done += bytes;
	}
};

/** Reads a range of an open file into a new buffer. @throws zip-changed when the file ends before. */
export const readRange = (descriptor: number, position: number, bytes: number): Buffer => {
	const buffer = bytes < Buffer.poolSize ? Buffer.allocUnsafe(bytes) : makeRoom(bytes);
	readFully(descriptor, buffer, position);
	return buffer;
};
