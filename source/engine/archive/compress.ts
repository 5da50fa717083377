/** Compressing what fits in memory, and telling what is not worth it. */
import {deflate} from './deflater.js';

const sampleBytes = 16 * 1024;
/** Below this it is cheaper to compress than to guess. */
const sampleFromBytes = 64 * 1024;

/** A sample that keeps more than this share of its size does not shrink: films, pictures, archives. */
const doesNotShrink = 0.97;
/** Where samples are taken: films begin and end with tables that shrink well, and consist of what does not. */
const places = [0, 0.25, 0.5, 0.75, 1];
/** As many samples must shrink. */
const enough = 2;

/**
 * Guesses from five small pieces whether content shrinks.
 * @param read gives up to that many bytes from a position.
 */
export const seemsCompressible = (
	totalBytes: number,
	read: (position: number, bytes: number) => Uint8Array,
): boolean => {
	if (totalBytes < sampleFromBytes) {
		return true;
	}

	let shrinking = 0;
	for (const [index, place] of places.entries()) {
		const piece = read(Math.floor((totalBytes - sampleBytes) * place), sampleBytes);
		if (piece.length === 0 || deflate(piece, {level: 1, isWhole: true}).length / piece.length < doesNotShrink) {
			shrinking++;
		}

		if (shrinking >= enough || shrinking + places.length - index - 1 < enough) {
			break;
		}
	}

	return shrinking >= enough;
};

/** The deflated bytes, valid until anything else is compressed on this thread, or null when they are not smaller. */
export const deflateSmaller = (bytes: Uint8Array, level: number): Buffer | null => {
	if (bytes.length === 0) {
		return null;
	}

	const deflated = deflate(bytes, {level, isWhole: true});
	return deflated.length < bytes.length ? deflated : null;
};
