/** How hard matches are looked for, by what is wanted and by the content. */

/** The small table of short hashes stays in a core's cache, and short matches are worth it nearby only; long ones are worth it from anywhere. */
const SHIFT_TO_13: u64 = 64 - 13;
const SHIFT_TO_15: u64 = 64 - 15;
/** Hashing eight bytes needs no shift. */
const SHIFT_FOR_FOUR: u64 = 32;
const SHIFT_FOR_FIVE: u64 = 24;

/** Content from this size on is looked at for digits. */
const SAMPLED_FROM: u32 = 64 * 1024;
const SAMPLES: u32 = 4;
const SAMPLE_BYTES: u32 = 1024;
/** Of 100 bytes. */
const MANY_DIGITS: u32 = 45;

/** How hard to look. Between them lies the usual effort, 1. */
const FAST: u32 = 0;
const SMALL: u32 = 2;

/** Of hashes of eight bytes. */
export const longHashShift: u64 = SHIFT_TO_15;
/** Of hashes of few bytes, and before them, of their bytes. */
export let shortHashShift: u64 = SHIFT_TO_13;
export let shortShift: u64 = SHIFT_FOR_FOUR;
/** How many earlier places with the same hash of few bytes are tried. */
export let depth: u32 = 8;
/** How many positions further on a better match is looked for. */
export let looksAhead: u32 = 2;
/** A match as long as this is taken without looking further. */
export let niceLength: u32 = 40;
/** So much shorter than the match at hand, and less, a later one is not looked at. */
export let shorter: u32 = 1;

/** True for content of many digits, like G-code: short matches, and many of them, are not worth looking for in it. */
function isNumeric(start: usize, bytes: u32): bool {
	if (bytes < SAMPLED_FROM) {
		return false;
	}

	let digits: u32 = 0;
	for (let sample: u32 = 0; sample < SAMPLES; sample++) {
		const from = start + <usize>(((bytes - SAMPLE_BYTES) / (SAMPLES - 1)) * sample);
		for (let at = from; at < from + SAMPLE_BYTES; at++) {
			digits += <u32>(<u32>load<u8>(at) - 48 < 10);
		}
	}

	return digits * 100 > SAMPLES * SAMPLE_BYTES * MANY_DIGITS;
}

/** Decides for content. */
export function chooseEffort(effort: u32, start: usize, bytes: u32): void {
	const numeric = isNumeric(start, bytes);
	shortHashShift = effort === SMALL ? SHIFT_TO_15 : SHIFT_TO_13;
	shortShift = numeric && effort !== SMALL ? SHIFT_FOR_FIVE : SHIFT_FOR_FOUR;
	looksAhead = effort === FAST ? 1 : 2;
	depth = effort === SMALL ? 48 : effort === FAST ? (numeric ? 1 : 2) : numeric ? 2 : 8;
	shorter = effort === SMALL ? 2 : 1;
	niceLength = effort === SMALL ? 130 : 40;
}
