/** Finding matches: the tables of earlier places, and what a match from one of them saves. */
import {literalCost} from './costs';
import {depth, longHashShift, shortHashShift, shortShift} from './effort';
import {
	at32,
	DIST_COSTS,
	distSymbol,
	INPUT_START,
	LEAST_MATCH,
	LENGTH_COSTS,
	LONG_HEADS,
	MOST_MATCH,
	PREVIOUS,
	put32,
	SHORT_HEADS,
	TABLES_BYTES,
	WINDOW,
} from './layout';

// biome-ignore lint/correctness/noPrecisionLoss: it is a number of 64 bits here.
const HASH_FACTOR: u64 = 0x9e3779b97f4a7c15;

/** Positions count on from call to call, so that what an earlier one has left in the tables is too far away. */
let origin: u32 = 0;
let base: u32 = 0;
export let inputEnd: usize = 0;
/** Of the match that `findMatch` found last. */
export let bestLength: u32 = 0;
export let bestDistance: u32 = 0;

/** Begins with content that ends there, and lies behind what may be referred to. */
export function beginInput(end: usize): void {
	if (origin > 0xf0000000) {
		memory.fill(SHORT_HEADS, 0, TABLES_BYTES);
		origin = 0;
	}

	inputEnd = end;
	base = origin + WINDOW + 1;
}

/** Has everything that was entered be too far away from what comes next. */
export function endInput(): void {
	origin = base + <u32>(inputEnd - INPUT_START);
}

/** Place in a table of the latest positions of hashes. */
function shortSlotOf<Way>(value: u64): usize {
	return SHORT_HEADS + ((<usize>(((value << shortShift<Way>()) * HASH_FACTOR) >> shortHashShift<Way>())) << 2);
}

function longSlotOf(value: u64): usize {
	return LONG_HEADS + ((<usize>((value * HASH_FACTOR) >> longHashShift)) << 2);
}

/** How many bytes are equal; the first eight are. */
function equalBytes(a: usize, b: usize, most: u32): u32 {
	let equal: u32 = 8;
	while (equal < most) {
		const different = load<u64>(a + equal) ^ load<u64>(b + equal);
		if (different !== 0) {
			equal += <u32>(ctz<u64>(different) >> 3);
			break;
		}

		equal += 8;
	}

	return min(equal, most);
}

/** Looks at an earlier place: a match from it that saves more than `gain` becomes the best one. Returns what the best one saves. */
function weigh(at: usize, value: u64, distance: u32, most: u32, longerThan: u32, gain: i32): i32 {
	const from = at - <usize>distance;
	const different = load<u64>(from) ^ value;
	let length: u32 = different !== 0 ? <u32>(ctz<u64>(different) >> 3) : equalBytes(at, from, most);
	length = min(length, most);
	if (length <= longerThan) {
		return gain;
	}

	const saved: i32 =
		<i32>length * literalCost - <i32>at32(LENGTH_COSTS, length) - <i32>at32(DIST_COSTS, distSymbol(distance - 1));
	if (saved <= gain) {
		return gain;
	}

	bestLength = length;
	bestDistance = distance;
	return saved;
}

/**
 * Finds the match that saves most at a place, in eighths of a bit, 0 for none; and enters the place in the tables.
 * @param least matches of few bytes must be longer.
 */
export function findMatch<Way>(at: usize, least: u32): i32 {
	const value = load<u64>(at);
	const position = <u32>(at - INPUT_START) + base;
	const most = min(<u32>(inputEnd - at), MOST_MATCH);
	const furthest = min(<u32>(at - INPUT_START), WINDOW);
	const shortSlot = shortSlotOf<Way>(value);
	const longSlot = longSlotOf(value);
	let candidate = load<u32>(shortSlot);
	const longDistance = position - load<u32>(longSlot);
	store<u32>(shortSlot, position);
	store<u32>(longSlot, position);
	let gain: i32 = 0;
	if (longDistance - 1 < furthest) {
		gain = weigh(at, value, longDistance, most, LEAST_MATCH - 1, gain);
	}

	if (depth<Way>() > 1) {
		put32(PREVIOUS, position & (WINDOW - 1), candidate);
	}

	if (depth<Way>() === 1 && gain > 0) {
		return gain;
	}

	let longest: u32 = gain > 0 ? max(bestLength, least) : least;
	for (let left = depth<Way>(); left > 0; left--) {
		const distance = position - candidate;
		if (distance - 1 >= furthest) {
			break;
		}

		const from = at - <usize>distance;
		if (load<u32>(from + longest - 3) === load<u32>(at + longest - 3)) {
			const better = weigh(at, value, distance, most, longest, gain);
			if (better > gain) {
				gain = better;
				longest = bestLength;
			}
		}

		// At the whole window's distance its place in the chain is taken by the position at hand.
		if (left > 1) {
			if (distance === WINDOW) {
				break;
			}

			candidate = at32(PREVIOUS, candidate & (WINDOW - 1));
		}
	}

	return gain;
}

/** Enters a place in the tables. */
export function enter<Way>(at: usize): void {
	const value = load<u64>(at);
	const position = <u32>(at - INPUT_START) + base;
	const shortSlot = shortSlotOf<Way>(value);
	if (depth<Way>() > 1) {
		put32(PREVIOUS, position & (WINDOW - 1), load<u32>(shortSlot));
	}

	store<u32>(shortSlot, position);
	store<u32>(longSlotOf(value), position);
}
