/** How hard matches are looked for, by what is wanted and by the content. */

/** The small table of short hashes stays in a core's cache, and short matches are worth it nearby only; long ones are worth it from anywhere. */
const SHIFT_TO_13: u64 = 64 - 13;
const SHIFT_TO_15: u64 = 64 - 15;
/** Hashing eight bytes needs no shift. */
const SHIFT_FOR_FOUR: u64 = 32;
const SHIFT_FOR_FIVE: u64 = 24;

/** Content from this size on is looked at for digits. */
const SAMPLED_FROM: u32 = 64 * 1024;
const SAMPLES: u32 = 32;
const SAMPLE_BYTES: u32 = 128;
/** Of 100 bytes. */
const MANY_DIGITS: u32 = 45;

/** How hard to look. Between them lies the usual effort, 1. */
const FAST: u32 = 0;
const SMALL: u32 = 2;

/**
 * Ways to look for matches. What is decided once for all content of a way is compiled into its own copy of the functions that look, which is faster than looking it up at every
 * byte. Number types stand for them: functions are made for types only.
 */
export type Numeric = u8;
export type Usual = u16;
export type Other = u32;

/** Of hashes of eight bytes. */
export const longHashShift: u64 = SHIFT_TO_15;
/** For content of digits there is no need of more than the latest place, and a hash of fewer bytes finds too much. */
const NUMERIC_DEPTH: u32 = 1;
const USUAL_DEPTH: u32 = 8;
/** A match as long as this is taken without looking further. */
const USUAL_NICE_LENGTH: u32 = 40;
const FAST_NICE_LENGTH: u32 = 7;
const SMALL_NICE_LENGTH: u32 = 130;

/** True for `Numeric`; else `isUsual` tells the other two apart. */
export let isNumeric: bool = false;
export let isUsual: bool = false;
/** How many positions further on a better match is looked for. */
export let looksAhead: u32 = 2;
let otherHashShift: u64 = SHIFT_TO_13;
let otherDepth: u32 = USUAL_DEPTH;
let numericNiceLength: u32 = USUAL_NICE_LENGTH;
let otherNiceLength: u32 = USUAL_NICE_LENGTH;
let otherShorter: u32 = 1;

function isOther<Way>(): bool {
	return sizeof<Way>() === sizeof<Other>();
}

/** Of hashes of few bytes. */
export function shortHashShift<Way>(): u64 {
	return isOther<Way>() ? otherHashShift : SHIFT_TO_13;
}

/** Before they are hashed, of their bytes. */
export function shortShift<Way>(): u64 {
	return sizeof<Way>() === sizeof<Numeric>() ? SHIFT_FOR_FIVE : SHIFT_FOR_FOUR;
}

/** How many earlier places with the same hash of few bytes are tried. */
export function depth<Way>(): u32 {
	return isOther<Way>() ? otherDepth : sizeof<Way>() === sizeof<Numeric>() ? NUMERIC_DEPTH : USUAL_DEPTH;
}

export function niceLength<Way>(): u32 {
	return isOther<Way>() ? otherNiceLength : sizeof<Way>() === sizeof<Numeric>() ? numericNiceLength : USUAL_NICE_LENGTH;
}

/** So much shorter than the match at hand, and less, a later one is not looked at. */
export function shorter<Way>(): u32 {
	return isOther<Way>() ? otherShorter : 1;
}

/** True for content of many digits, like G-code: short matches, and many of them, are not worth looking for in it. */
function hasManyDigits(start: usize, bytes: u32): bool {
	if (bytes < SAMPLED_FROM) {
		return false;
	}

	let digits: u32 = 0;
	for (let sample: u32 = 0; sample < SAMPLES; sample++) {
		// The first and the last bytes are what tells the least: a thumbnail, and settings.
		const from = start + <usize>((bytes / SAMPLES) * sample + bytes / (2 * SAMPLES));
		for (let at = from; at < from + SAMPLE_BYTES; at++) {
			digits += <u32>(<u32>load<u8>(at) - 48 < 10);
		}
	}

	return digits * 100 > SAMPLES * SAMPLE_BYTES * MANY_DIGITS;
}

/** Decides for content. */
export function chooseEffort(effort: u32, start: usize, bytes: u32): void {
	isNumeric = effort !== SMALL && hasManyDigits(start, bytes);
	isUsual = !isNumeric && effort !== SMALL && effort !== FAST;
	looksAhead = effort === FAST ? 1 : 2;
	numericNiceLength = effort === FAST ? FAST_NICE_LENGTH : USUAL_NICE_LENGTH;
	otherHashShift = effort === SMALL ? SHIFT_TO_15 : SHIFT_TO_13;
	otherDepth = effort === SMALL ? 48 : 2;
	otherNiceLength = effort === SMALL ? SMALL_NICE_LENGTH : USUAL_NICE_LENGTH;
	otherShorter = effort === SMALL ? 2 : 1;
}
