/** What literals, lengths and distances cost, in eighths of a bit: guessed before a block is begun, and reckoned from what it has used. */
import {
	at8,
	at32,
	count,
	DIST_COSTS,
	DIST_COUNTS,
	DIST_EXTRAS,
	DIST_SYMBOLS,
	LENGTH_BASES,
	LENGTH_COSTS,
	LENGTH_EXTRAS,
	LENGTH_SYMBOLS,
	LITLEN_COUNTS,
	LITLEN_SYMBOLS,
	MOST_MATCH,
	put32,
	WORK,
} from './layout';

/** Eighths of log2(1 + index / 32). */
const LOGARITHMS = memory.data<u8>([
	0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 8, 8,
]);

/** Literals are taken to cost this at least: what costs less is so regular that matches are better still. */
const LEAST_LITERAL_COST: u32 = 16;
const LEAST_GUESS: u32 = 24;
const SAMPLE_BYTES: u32 = 4096;

/** Of an average literal. */
export let literalCost: i32 = 40;

/** log2 in eighths of a number that is not 0. */
function logarithm(value: u32): u32 {
	const top: u32 = 31 - clz<u32>(value);
	const below: u32 = (top >= 5 ? value >> (top - 5) : value << (5 - top)) & 31;
	return (top << 3) + at8(LOGARITHMS, below);
}

function costOf(uses: u32, all: u32, most: u32): u32 {
	return min(max(uses > 0 ? all - logarithm(uses) : all + 8, 8), most);
}

/** Bits of all literals of counts that are used, by their share. Returns the average, or 0 for too few to tell. */
function averageLiteral(counts: usize, all: u32, enough: u32): u32 {
	let uses: u32 = 0;
	let bits: u32 = 0;
	for (let byte: u32 = 0; byte < 256; byte++) {
		const frequency = at32(counts, byte);
		if (frequency > 0) {
			uses += frequency;
			bits += frequency * (all - logarithm(frequency));
		}
	}

	return uses > enough ? bits / uses : 0;
}

/** Reckons from the counts of the block at hand. */
export function reckonCosts(): void {
	let allLitlens: u32 = 0;
	let allDists: u32 = 0;
	for (let symbol: u32 = 0; symbol < LITLEN_SYMBOLS; symbol++) {
		allLitlens += at32(LITLEN_COUNTS, symbol);
	}

	for (let symbol: u32 = 0; symbol < DIST_SYMBOLS; symbol++) {
		allDists += at32(DIST_COUNTS, symbol);
	}

	if (allLitlens === 0) {
		return;
	}

	const litlens = logarithm(allLitlens);
	const average = averageLiteral(LITLEN_COUNTS, litlens, 32);
	if (average > 0) {
		literalCost = <i32>max(average, LEAST_LITERAL_COST);
	}

	let length: u32 = 3;
	for (let symbol: u32 = 0; symbol < 29; symbol++) {
		const cost = costOf(at32(LITLEN_COUNTS, 257 + symbol), litlens, 96) + (at8(LENGTH_EXTRAS, symbol) << 3);
		const end: u32 = load<u16>(LENGTH_BASES + ((<usize>symbol + 1) << 1));
		for (; length < end; length++) {
			put32(LENGTH_COSTS, length, cost);
		}
	}

	if (allDists > 0) {
		const dists = logarithm(allDists);
		for (let symbol: u32 = 0; symbol < DIST_SYMBOLS; symbol++) {
			put32(DIST_COSTS, symbol, costOf(at32(DIST_COUNTS, symbol), dists, 80) + (at8(DIST_EXTRAS, symbol) << 3));
		}
	}
}

/** Guesses from the first bytes of content. */
export function guessCosts(start: usize, bytes: u32): void {
	const sample = min(bytes, SAMPLE_BYTES);
	memory.fill(WORK, 0, 256 * 4);
	for (let index: u32 = 0; index < sample; index++) {
		count(WORK, at8(start, index));
	}

	literalCost = <i32>max(sample > 0 ? averageLiteral(WORK, logarithm(sample), 0) : 0, LEAST_GUESS);
	for (let length: u32 = 3; length <= MOST_MATCH; length++) {
		const codeBits: u32 = length < 11 ? 5 : length < 19 ? 6 : 7;
		put32(LENGTH_COSTS, length, (codeBits + at8(LENGTH_EXTRAS, at8(LENGTH_SYMBOLS, length))) << 3);
	}

	for (let symbol: u32 = 0; symbol < DIST_SYMBOLS; symbol++) {
		put32(DIST_COSTS, symbol, ((4 + at8(DIST_EXTRAS, symbol)) << 3) + 4);
	}
}
