/** Compressing what fits in memory, and telling what is not worth it. */
import {deflateRawSync} from 'node:zlib';

const sampleBytes = 16 * 1024;
/** Below this it is cheaper to compress than to guess. */
const sampleFromBytes = 64 * 1024;
const smallestChunkBytes = 1024;
const largestChunkBytes = 256 * 1024;

/** Samples that keep more than this share of their size are not worth it: films, pictures, archives. */
const notWorthIt = 0.97;

/**
 * Guesses from three small pieces whether content shrinks.
 * @param read gives up to that many bytes from a position.
 */
export const seemsCompressible = (
	totalBytes: number,
	read: (position: number, bytes: number) => Uint8Array,
): boolean => {
	if (totalBytes < sampleFromBytes) {
		return true;
	}

	let before = 0;
	let after = 0;
	for (const position of [0, Math.floor((totalBytes - sampleBytes) / 2), totalBytes - sampleBytes]) {
		const piece = read(position, sampleBytes);
		before += piece.length;
		after += deflateRawSync(piece, {level: 1}).length;
	}

	return before === 0 || after / before < notWorthIt;
};

/** The deflated bytes, or null when they are not smaller. */
export const deflateSmaller = (bytes: Uint8Array, level: number): Buffer | null => {
	if (bytes.length === 0) {
		return null;
	}

	// The default of 16 kB for each of thousands of small files would only be made to be thrown away.
	const chunkSize = Math.max(smallestChunkBytes, Math.min(largestChunkBytes, bytes.length));
	const deflated = deflateRawSync(bytes, {level, chunkSize});
	return deflated.length < bytes.length ? deflated : null;
};
