/** Where everything lies in the compressor's memory, and the tables of RFC 1951. */

/** Latest position of each hash of few bytes, of each hash of many, and for each position the one before with the same hash of few. */
export const SHORT_HEADS: usize = 0x10000;
/** Room for hashes of 15 bits. */
const TABLE_BYTES: usize = 1 << 17;
export const LONG_HEADS: usize = SHORT_HEADS + TABLE_BYTES;
export const PREVIOUS: usize = LONG_HEADS + TABLE_BYTES;
/** Of all three. */
export const TABLES_BYTES: usize = 3 * TABLE_BYTES;

/** Of the block at hand: literals, or length << 16 | distance - 1. */
export const TOKENS: usize = PREVIOUS + TABLE_BYTES;
export const MOST_TOKENS: u32 = 24000;

/** How often each symbol was used; how many bits it takes; and these bits, the first one lowest. */
export const LITLEN_COUNTS: usize = TOKENS + (MOST_TOKENS + 8) * 4;
export const DIST_COUNTS: usize = LITLEN_COUNTS + 288 * 4;
export const LITLEN_LENGTHS: usize = DIST_COUNTS + 32 * 4;
export const LITLEN_CODES: usize = LITLEN_LENGTHS + 288;
export const DIST_LENGTHS: usize = LITLEN_CODES + 288 * 4;
export const DIST_CODES: usize = DIST_LENGTHS + 32;

/** Of lengths 3 to 258 and of distance symbols, with their extra bits, in eighths of a bit. */
export const LENGTH_COSTS: usize = DIST_CODES + 32 * 4;
export const DIST_COSTS: usize = LENGTH_COSTS + 260 * 4;

/** For making codes: symbols by frequency, and counts. */
export const SORTED: usize = DIST_COSTS + 32 * 4;
export const WORK: usize = SORTED + 320 * 4;

/** Of each length: its symbol less 257; its code and extra bits in one; and how many these are. */
export const LENGTH_SYMBOLS: usize = WORK + 512 * 4;
export const LENGTH_BITS: usize = LENGTH_SYMBOLS + 264;
export const LENGTH_BIT_COUNTS: usize = LENGTH_BITS + 260 * 4;

/** Code lengths of both codes in a row; the same with runs taken together; and the code these are written in. */
export const ALL_LENGTHS: usize = LENGTH_BIT_COUNTS + 264;
export const RUN_SYMBOLS: usize = ALL_LENGTHS + 320;
export const RUN_EXTRAS: usize = RUN_SYMBOLS + 320;
export const RUN_COUNTS: usize = RUN_EXTRAS + 320;
export const RUN_LENGTHS: usize = RUN_COUNTS + 20 * 4;
export const RUN_CODES: usize = RUN_LENGTHS + 20;

/** The bytes before the content, and behind them the content. */
export const INPUT_START: usize = 0x90000;

export const WINDOW: u32 = 32768;
export const LEAST_MATCH: u32 = 4;
export const MOST_MATCH: u32 = 258;
export const END_OF_BLOCK: u32 = 256;
export const LITLEN_SYMBOLS: u32 = 286;
export const DIST_SYMBOLS: u32 = 30;
export const RUN_CODE_SYMBOLS: u32 = 19;

export const LENGTH_BASES = memory.data<u16>([
	3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
	259,
]);
export const LENGTH_EXTRAS = memory.data<u8>([
	0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
export const DIST_BASES = memory.data<u16>([
	1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
	8193, 12289, 16385, 24577,
]);
export const DIST_EXTRAS = memory.data<u8>([
	0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
]);
/** In which the lengths of the run code are written. */
export const RUN_ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

/** Symbol of a distance less 1. */
export function distSymbol(distance: u32): u32 {
	if (distance < 2) {
		return distance;
	}

	const top: u32 = 31 - clz<u32>(distance);
	return (top << 1) + ((distance >> (top - 1)) & 1);
}

/** One more in a table of counts. */
export function count(counts: usize, symbol: u32): void {
	const at = counts + ((<usize>symbol) << 2);
	store<u32>(at, load<u32>(at) + 1);
}

/** Number in a table of numbers of four bytes. */
export function at32(table: usize, index: u32): u32 {
	return load<u32>(table + ((<usize>index) << 2));
}

export function put32(table: usize, index: u32, value: u32): void {
	store<u32>(table + ((<usize>index) << 2), value);
}

export function at8(table: usize, index: u32): u32 {
	return load<u8>(table + <usize>index);
}
