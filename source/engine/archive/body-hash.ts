import {createHash} from 'node:crypto';
import {readRange} from './pread.js';

const chunkBytes = 1024 * 1024;

/** The hash of an archive's bytes, taken from what is read anyway; what nobody read is read for it. */
export type BodyHash = {
	/** Takes bytes that were read from a position; those that were hashed already, or come too early, are left out. */
	readonly take: (position: number, bytes: Buffer) => void;
	/** Reads and hashes everything up to a position. */
	readonly advanceTo: (position: number, breathe: () => Promise<void>) => Promise<void>;
	/** Hex SHA-256 of the bytes so far. */
	readonly digest: () => string;
};

export const createBodyHash = (descriptor: number): BodyHash => {
	const hash = createHash('sha256');
	let hashed = 0;
	return {
		take(position, bytes) {
			if (position === hashed) {
				hash.update(bytes);
				hashed += bytes.length;
			}
		},
		async advanceTo(position, breathe) {
			while (hashed < position) {
				const bytes = readRange(descriptor, hashed, Math.min(chunkBytes, position - hashed));
				hash.update(bytes);
				hashed += bytes.length;
				await breathe();
			}
		},
		digest: () => hash.digest('hex'),
	};
};
