/** Writing blocks, each in the way that takes the fewest bits: as it is, with the fixed codes, or with codes of its own. */
import {makeCode, reverse} from './codes';
import {
	at8,
	at32,
	DIST_BASES,
	DIST_CODES,
	DIST_COUNTS,
	DIST_EXTRAS,
	DIST_LENGTHS,
	DIST_SYMBOLS,
	distSymbol,
	END_OF_BLOCK,
	LENGTH_BASES,
	LENGTH_BIT_COUNTS,
	LENGTH_BITS,
	LENGTH_EXTRAS,
	LENGTH_SYMBOLS,
	LITLEN_CODES,
	LITLEN_COUNTS,
	LITLEN_LENGTHS,
	LITLEN_SYMBOLS,
	MOST_MATCH,
	put32,
	RUN_CODE_SYMBOLS,
	RUN_CODES,
	RUN_COUNTS,
	RUN_EXTRAS,
	RUN_LENGTHS,
	RUN_ORDER,
	RUN_SYMBOLS,
	TOKENS,
} from './layout';
import {findRuns, runExtraBits, runs} from './runs';

const MOST_STORED: u32 = 65535;
const STORED: u32 = 0;
const FIXED: u32 = 1;
const DYNAMIC: u32 = 2;

let out: usize = 0;
/** Bits that are not written yet. */
let pending: u64 = 0;
let pendingCount: u64 = 0;

export function beginOutput(output: usize): void {
	out = output;
	pending = 0;
	pendingCount = 0;
}

/** Fills the last byte up. Returns the end of the output. */
export function endOutput(): usize {
	flush();
	if (pendingCount > 0) {
		store<u8>(out, <u8>pending);
		out++;
		pending = 0;
		pendingCount = 0;
	}

	return out;
}

function write(value: u32, count: u32): void {
	pending |= (<u64>value) << pendingCount;
	pendingCount += count;
}

/** Writes the whole bytes of what is pending. */
function flush(): void {
	store<u64>(out, pending);
	out += <usize>(pendingCount >> 3);
	pending >>= pendingCount & 56;
	pendingCount &= 7;
}

/** Content as it is, in blocks without compression. An empty one brings the output to a whole byte. */
export function writeStored(content: usize, bytes: u32, isFinal: bool): void {
	let start = content;
	let left = bytes;
	do {
		const length = min(left, MOST_STORED);
		left -= length;
		write((isFinal && left === 0 ? 1 : 0) | (STORED << 1), 3);
		endOutput();
		store<u32>(out, length | (~length << 16));
		memory.copy(out + 4, start, length);
		out += 4 + <usize>length;
		start += length;
	} while (left > 0);
}

function fixedLength(symbol: u32): u32 {
	return symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
}

function fixedCode(symbol: u32): u32 {
	return symbol < 144 ? 0x30 + symbol : symbol < 256 ? 0x100 + symbol : symbol < 280 ? symbol - 256 : symbol - 88;
}

/** Symbols up to the last used one. */
function usedSymbols(lengths: usize, symbols: u32, least: u32): u32 {
	let used = symbols;
	while (used > least && at8(lengths, used - 1) === 0) {
		used--;
	}

	return used;
}

function takeFixedCodes(): void {
	for (let symbol: u32 = 0; symbol < LITLEN_SYMBOLS; symbol++) {
		const bits = fixedLength(symbol);
		store<u8>(LITLEN_LENGTHS + <usize>symbol, <u8>bits);
		put32(LITLEN_CODES, symbol, reverse(fixedCode(symbol), bits));
	}

	for (let symbol: u32 = 0; symbol < DIST_SYMBOLS; symbol++) {
		store<u8>(DIST_LENGTHS + <usize>symbol, 5);
		put32(DIST_CODES, symbol, reverse(symbol, 5));
	}
}

/** The lengths of both codes, in the code of runs. */
function writeLengths(litlens: u32, dists: u32, runLengths: u32): void {
	write(((litlens - 257) << 0) | ((dists - 1) << 5) | ((runLengths - 4) << 10), 14);
	flush();
	for (let index: u32 = 0; index < runLengths; index++) {
		write(at8(RUN_LENGTHS, at8(RUN_ORDER, index)), 3);
		flush();
	}

	for (let index: u32 = 0; index < runs; index++) {
		const symbol = at8(RUN_SYMBOLS, index);
		write(at32(RUN_CODES, symbol), at8(RUN_LENGTHS, symbol));
		write(at8(RUN_EXTRAS, index), runExtraBits(symbol));
		flush();
	}
}

/** Joins code and extra bits of each length. */
function prepareLengths(): void {
	for (let length: u32 = 3; length <= MOST_MATCH; length++) {
		const symbol = at8(LENGTH_SYMBOLS, length);
		const bits = at8(LITLEN_LENGTHS, 257 + symbol);
		const extra: u32 = length - load<u16>(LENGTH_BASES + ((<usize>symbol) << 1));
		put32(LENGTH_BITS, length, at32(LITLEN_CODES, 257 + symbol) | (extra << bits));
		store<u8>(LENGTH_BIT_COUNTS + <usize>length, <u8>(bits + at8(LENGTH_EXTRAS, symbol)));
	}
}

function writeTokens(tokens: u32): void {
	prepareLengths();
	const end = TOKENS + ((<usize>tokens) << 2);
	// Local ones stay in registers.
	let bits = pending;
	let bitCount = pendingCount;
	let to = out;
	for (let at = TOKENS; at < end; at += 4) {
		const token = load<u32>(at);
		if (token < 256) {
			bits |= (<u64>at32(LITLEN_CODES, token)) << bitCount;
			bitCount += at8(LITLEN_LENGTHS, token);
		} else {
			// At most 7 bits stay, and a match takes up to 48.
			store<u64>(to, bits);
			to += <usize>(bitCount >> 3);
			bits >>= bitCount & 56;
			bitCount &= 7;
			const length = token >> 16;
			const distance = token & 0x7fff;
			const symbol = distSymbol(distance);
			bits |= (<u64>at32(LENGTH_BITS, length)) << bitCount;
			bitCount += at8(LENGTH_BIT_COUNTS, length);
			bits |= (<u64>at32(DIST_CODES, symbol)) << bitCount;
			bitCount += at8(DIST_LENGTHS, symbol);
			bits |= (<u64>(distance + 1 - load<u16>(DIST_BASES + ((<usize>symbol) << 1)))) << bitCount;
			bitCount += at8(DIST_EXTRAS, symbol);
		}

		if (bitCount > 48) {
			store<u64>(to, bits);
			to += <usize>(bitCount >> 3);
			bits >>= bitCount & 56;
			bitCount &= 7;
		}
	}

	pending = bits;
	pendingCount = bitCount;
	out = to;
	flush();
	write(at32(LITLEN_CODES, END_OF_BLOCK), at8(LITLEN_LENGTHS, END_OF_BLOCK));
	flush();
}

/** Writes the tokens of a block, which stand for that content. */
export function writeBlock(tokens: u32, content: usize, bytes: u32, isFinal: bool): void {
	put32(LITLEN_COUNTS, END_OF_BLOCK, 1);
	makeCode(LITLEN_COUNTS, LITLEN_SYMBOLS, 15, LITLEN_LENGTHS, LITLEN_CODES);
	makeCode(DIST_COUNTS, DIST_SYMBOLS, 15, DIST_LENGTHS, DIST_CODES);
	const litlens = usedSymbols(LITLEN_LENGTHS, LITLEN_SYMBOLS, 257);
	const dists = usedSymbols(DIST_LENGTHS, DIST_SYMBOLS, 1);
	findRuns(litlens, dists);
	makeCode(RUN_COUNTS, RUN_CODE_SYMBOLS, 7, RUN_LENGTHS, RUN_CODES);
	let runLengths = RUN_CODE_SYMBOLS;
	while (runLengths > 4 && at8(RUN_LENGTHS, at8(RUN_ORDER, runLengths - 1)) === 0) {
		runLengths--;
	}

	let own: u32 = 14 + 3 * runLengths;
	for (let symbol: u32 = 0; symbol < RUN_CODE_SYMBOLS; symbol++) {
		own += at32(RUN_COUNTS, symbol) * (at8(RUN_LENGTHS, symbol) + runExtraBits(symbol));
	}

	let fixed: u32 = 0;
	let extra: u32 = 0;
	for (let symbol: u32 = 0; symbol < LITLEN_SYMBOLS; symbol++) {
		const uses = at32(LITLEN_COUNTS, symbol);
		own += uses * at8(LITLEN_LENGTHS, symbol);
		fixed += uses * fixedLength(symbol);
		if (symbol > END_OF_BLOCK) {
			extra += uses * at8(LENGTH_EXTRAS, symbol - 257);
		}
	}

	for (let symbol: u32 = 0; symbol < DIST_SYMBOLS; symbol++) {
		const uses = at32(DIST_COUNTS, symbol);
		own += uses * at8(DIST_LENGTHS, symbol);
		fixed += uses * 5;
		extra += uses * at8(DIST_EXTRAS, symbol);
	}

	if ((bytes + 5 * (1 + bytes / MOST_STORED)) * 8 <= min(own, fixed) + extra + 3) {
		writeStored(content, bytes, isFinal);
		return;
	}

	write((isFinal ? 1 : 0) | ((own < fixed ? DYNAMIC : FIXED) << 1), 3);
	flush();
	if (own < fixed) {
		writeLengths(litlens, dists, runLengths);
	} else {
		takeFixedCodes();
	}

	writeTokens(tokens);
}
