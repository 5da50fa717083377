/**
 * Huffman codes from counts. The tree is made in place, in the list of symbols by frequency (Moffat and Katajainen, 1995).
 */
import {at8, at32, count, put32, SORTED, WORK} from './layout';

/** Counts from here on are sorted by comparing, smaller ones by counting. */
const RARE: u32 = 511;
/** A list's number: frequency, parent or depth above, symbol below. */
const SYMBOL_BITS: u32 = 10;
const SYMBOL_MASK: u32 = 0x3ff;
const UPPER_MASK: u32 = 0xfffffc00;
/** In the working memory, behind the numbers of codes of each length. */
const NEXT_CODES: usize = WORK + 32 * 4;

function sortByCounting(counts: usize, symbols: u32): u32 {
	memory.fill(WORK, 0, (RARE + 1) * 4);
	for (let symbol: u32 = 0; symbol < symbols; symbol++) {
		count(WORK, min(at32(counts, symbol), RARE));
	}

	let used: u32 = 0;
	for (let frequency: u32 = 1; frequency <= RARE; frequency++) {
		const number = at32(WORK, frequency);
		put32(WORK, frequency, used);
		used += number;
	}

	return used;
}

/** Lists the used symbols by frequency. Returns how many there are. */
function sortSymbols(counts: usize, symbols: u32): u32 {
	const used = sortByCounting(counts, symbols);
	const firstFrequent = at32(WORK, RARE);
	for (let symbol: u32 = 0; symbol < symbols; symbol++) {
		const frequency = at32(counts, symbol);
		if (frequency > 0) {
			const group = min(frequency, RARE);
			const place = at32(WORK, group);
			put32(WORK, group, place + 1);
			put32(SORTED, place, (frequency << SYMBOL_BITS) | symbol);
		}
	}

	for (let index = firstFrequent + 1; index < used; index++) {
		const value = at32(SORTED, index);
		let place = index;
		for (; place > firstFrequent && at32(SORTED, place - 1) > value; place--) {
			put32(SORTED, place, at32(SORTED, place - 1));
		}

		put32(SORTED, place, value);
	}

	return used;
}

function frequencyAt(index: u32): u32 {
	return at32(SORTED, index) & UPPER_MASK;
}

/** Has a node know its parent, in the place of its frequency. */
function setParent(node: u32, parent: u32): void {
	put32(SORTED, node, (parent << SYMBOL_BITS) | (at32(SORTED, node) & SYMBOL_MASK));
}

/** Makes the tree of at least two leaves: afterwards each inner node but the root has its parent above the symbol that lies in its place. */
function joinNodes(used: u32): void {
	let leaf: u32 = 0;
	let inner: u32 = 0;
	for (let made: u32 = 0; made < used - 1; made++) {
		let frequency: u32 = 0;
		for (let child = 0; child < 2; child++) {
			if (leaf < used && (inner === made || frequencyAt(leaf) <= frequencyAt(inner))) {
				frequency += frequencyAt(leaf);
				leaf++;
			} else {
				frequency += frequencyAt(inner);
				setParent(inner, made);
				inner++;
			}
		}

		put32(SORTED, made, frequency | (at32(SORTED, made) & SYMBOL_MASK));
	}
}

/**
 * Counts the codes of each length, none of them longer than wanted. Leaves that lie deeper are first counted at the longest length, which then has more of them than
 * fit: until they do, a code of less than that length is made one bit longer, so that one of the longest can lie beside it.
 */
function countLengths(used: u32, mostBits: u32): void {
	memory.fill(WORK, 0, 32 * 4);
	let depth: u32 = 0;
	let node: i32 = <i32>used - 2;
	// Every inner node of a depth has two children: as many inner ones of the next as are there, and leaves.
	let inner: u32 = 1;
	put32(SORTED, node, at32(SORTED, node) & SYMBOL_MASK);
	node--;
	let space: u32 = 0;
	while (inner > 0) {
		depth++;
		let deeper: u32 = 0;
		for (; node >= 0 && (at32(SORTED, at32(SORTED, node) >> SYMBOL_BITS) >> SYMBOL_BITS) + 1 === depth; node--) {
			put32(SORTED, node, (at32(SORTED, node) & SYMBOL_MASK) | (depth << SYMBOL_BITS));
			deeper++;
		}

		const bits = min(depth, mostBits);
		const leaves = 2 * inner - deeper;
		put32(WORK, bits, at32(WORK, bits) + leaves);
		space += leaves << (mostBits - bits);
		inner = deeper;
	}

	for (; space > (<u32>1) << mostBits; space--) {
		let bits = mostBits - 1;
		while (at32(WORK, bits) === 0) {
			bits--;
		}

		put32(WORK, mostBits, at32(WORK, mostBits) - 1);
		put32(WORK, bits, at32(WORK, bits) - 1);
		put32(WORK, bits + 1, at32(WORK, bits + 1) + 2);
	}
}

/** The lowest bits of a code, the first one lowest. */
export function reverse(code: u32, bits: u32): u32 {
	let c = code;
	c = ((c & 0x5555) << 1) | ((c >> 1) & 0x5555);
	c = ((c & 0x3333) << 2) | ((c >> 2) & 0x3333);
	c = ((c & 0x0f0f) << 4) | ((c >> 4) & 0x0f0f);
	c = ((c & 0xff) << 8) | (c >> 8);
	return c >> (16 - bits);
}

function assignCodes(symbols: u32, mostBits: u32, lengths: usize, codes: usize): void {
	let code: u32 = 0;
	put32(WORK, 0, 0);
	for (let bits: u32 = 1; bits <= mostBits; bits++) {
		code = (code + at32(WORK, bits - 1)) << 1;
		put32(NEXT_CODES, bits, code);
	}

	for (let symbol: u32 = 0; symbol < symbols; symbol++) {
		const bits = at8(lengths, symbol);
		if (bits > 0) {
			const next = at32(NEXT_CODES, bits);
			put32(NEXT_CODES, bits, next + 1);
			put32(codes, symbol, reverse(next, bits));
		}
	}
}

/** Makes a code of at most that many bits: a length of one byte for every symbol, and for the used ones the bits. */
export function makeCode(counts: usize, symbols: u32, mostBits: u32, lengths: usize, codes: usize): void {
	memory.fill(lengths, 0, symbols);
	const used = sortSymbols(counts, symbols);
	if (used < 2) {
		// Some readers want a code of two symbols at least.
		const only: u32 = used === 1 ? at32(SORTED, 0) & SYMBOL_MASK : 0;
		const other: u32 = only === 0 ? 1 : only;
		store<u8>(lengths, 1);
		put32(codes, 0, 0);
		store<u8>(lengths + <usize>other, 1);
		put32(codes, other, 1);
		return;
	}

	joinNodes(used);
	countLengths(used, mostBits);
	let rarest: u32 = 0;
	for (let bits: u32 = mostBits; bits >= 1; bits--) {
		for (let left = at32(WORK, bits); left > 0; left--) {
			store<u8>(lengths + <usize>(at32(SORTED, rarest) & SYMBOL_MASK), <u8>bits);
			rarest++;
		}
	}

	assignCodes(symbols, mostBits, lengths, codes);
}
