import {readSync} from 'node:fs';

/** Files up to this size are read in one go. */
export const fileChunkBytes = 1024 * 1024;

/** Reads the files that go into an archive, through one buffer. */
export type FileReader = {
	/** At most 1 MB from a position; less at the end of the file. Valid until the next call. */
	readonly read: (descriptor: number, position: number, bytes: number) => Buffer;
	/**
	 * Makes the function that reads a file from its start, in pieces of 1 MB; it may be called again for a second pass.
	 * @param bytes reads no more than these.
	 * @param onBytes is told how many more bytes were read, in the first pass only.
	 */
	readonly chunks: (descriptor: number, bytes: number, onBytes: (bytes: number) => void) => () => Iterable<Uint8Array>;
};

export const createFileReader = (): FileReader => {
	let scratch: Buffer | null = null;
	const read: FileReader['read'] = (descriptor, position, bytes) => {
		scratch ??= Buffer.allocUnsafe(fileChunkBytes);
		let done = 0;
		while (done < bytes) {
			const count = readSync(descriptor, scratch, done, bytes - done, position + done);
			if (count === 0) {
				break;
			}

			done += count;
		}

		return scratch.subarray(0, done);
	};

	return {
		read,
		chunks(descriptor, bytes, onBytes) {
			let told = 0;
			return function* () {
				let position = 0;
				while (position < bytes) {
					const chunk = read(descriptor, position, Math.min(fileChunkBytes, bytes - position));
					if (chunk.length === 0) {
						return;
					}

					position += chunk.length;
					if (position > told) {
						onBytes(position - told);
						told = position;
					}

					yield chunk;
				}
			};
		},
	};
};
