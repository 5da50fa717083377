import type {Disk} from '../disk.js';

const pendingLimitBytes = 256 * 1024;

/** Bytes on their way to a file: small ones are gathered, so that thousands of small files do not cost thousands of system calls. */
export type Output = {
	/** Bytes written so far, gathered ones included. */
	readonly position: () => number;
	readonly write: (bytes: Uint8Array) => void;
	/** Writes over bytes that were written before. */
	readonly patch: (bytes: Uint8Array, position: number) => void;
	/** Forgets everything from a position on. */
	readonly rewind: (position: number) => void;
	readonly flush: () => void;
};

/** Makes the output of a new, empty file. */
export const createOutput = (disk: Disk, descriptor: number): Output => {
	const pending = Buffer.allocUnsafe(pendingLimitBytes);
	let pendingBytes = 0;
	let flushed = 0;

	const flush = (): void => {
		if (pendingBytes > 0) {
			disk.write(descriptor, pending.subarray(0, pendingBytes), flushed);
			flushed += pendingBytes;
			pendingBytes = 0;
		}
	};

	return {
		position: () => flushed + pendingBytes,
		write(bytes) {
			if (bytes.length > pendingLimitBytes - pendingBytes) {
				flush();
			}

			if (bytes.length >= pendingLimitBytes) {
				disk.write(descriptor, bytes, flushed);
				flushed += bytes.length;
				return;
			}

			pending.set(bytes, pendingBytes);
			pendingBytes += bytes.length;
		},
		patch(bytes, position) {
			if (position >= flushed) {
				pending.set(bytes, position - flushed);
				return;
			}

			if (position + bytes.length > flushed) {
				flush();
			}

			disk.write(descriptor, bytes, position);
		},
		rewind(position) {
			if (position >= flushed) {
				pendingBytes = position - flushed;
				return;
			}

			pendingBytes = 0;
			flushed = position;
			disk.truncate(descriptor, position);
		},
		flush,
	};
};
