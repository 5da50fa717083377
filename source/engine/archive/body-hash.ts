import {createHash} from 'node:crypto';
import {readFully} from './pread.js';

const chunkBytes = 256 * 1024;

/** The hash of an archive's bytes, taken from what is read anyway; what nobody read is read for it. */
export type BodyHash = {
	/** Takes bytes that were read from a position; those that were hashed already, or come too early, are left out. */
	readonly take: (position: number, bytes: Buffer) => void;
	/** Reads and hashes everything up to a position. What cannot be read is told once: from then on nothing is hashed, and the hash is of no archive. */
	readonly advanceTo: (position: number, breathe: () => Promise<void>) => Promise<void>;
	/** Hex SHA-256 of the bytes so far. */
	readonly digest: () => string;
};

/**
 * @param fileBytes size of the archive.
 * @param onRead told how many more bytes were taken or read.
 */
export const createBodyHash = (
	descriptor: number,
	fileBytes: number,
	onRead: (bytes: number) => void = () => undefined,
): BodyHash => {
	const hash = createHash('sha256');
	let buffer: Buffer | null = null;
	let hashed = 0;
	let isBroken = false;
	return {
		take(position, bytes) {
			if (position === hashed && !isBroken) {
				hash.update(bytes);
				hashed += bytes.length;
				onRead(bytes.length);
			}
		},
		async advanceTo(position, breathe) {
			while (hashed < position && !isBroken) {
				buffer ??= Buffer.allocUnsafeSlow(Math.min(chunkBytes, fileBytes));
				const chunk = buffer.subarray(0, Math.min(chunkBytes, position - hashed));
				isBroken = true;
				readFully(descriptor, chunk, hashed);
				isBroken = false;
				hash.update(chunk);
				hashed += chunk.length;
				onRead(chunk.length);
				await breathe();
			}
		},
		digest: () => hash.digest('hex'),
	};
};
