/**
 * The compressor, in AssemblyScript: `scripts/build-deflate.mjs` makes it a WebAssembly module, which `../deflater.ts` calls.
 *
 * It makes ordinary raw deflate streams (RFC 1951). zlib takes the longest match it finds; here each match is weighed: what its bytes would cost as literals, less
 * what its length and its distance cost, by what the block has used so far. G-code is mostly digits, which cost little one by one, so that short matches far
 * away cost more than they save. With these left out, the latest place of each of two hashes tells more than zlib finds in long searches.
 * What comes out depends on the content, the bytes before it and the effort alone, never on what was compressed before.
 */
import {beginOutput, endOutput, writeBlock, writeStored} from './block';
import {guessCosts, reckonCosts} from './costs';
// biome-ignore lint/style/useImportType: AssemblyScript has no other way of importing types.
import {chooseEffort, isNumeric, isUsual, looksAhead, Numeric, niceLength, Other, shorter, Usual} from './effort';
import {
	count,
	DIST_COUNTS,
	distSymbol,
	INPUT_START,
	LEAST_MATCH,
	LENGTH_BASES,
	LENGTH_SYMBOLS,
	LITLEN_COUNTS,
	MOST_MATCH,
	MOST_TOKENS,
	put32,
	TOKENS,
} from './layout';
import {beginInput, bestDistance, bestLength, endInput, enter, findMatch, inputEnd} from './matches';

/** Tokens until costs are reckoned anew: at first, then each time later by as many more, up to a number. */
const FIRST_COSTS: u32 = 200;
const LATER_COSTS: u32 = 4000;
/** The last tokens of a block are left for what one round adds. */
const SPARE_TOKENS: u32 = 8;

/** Where the bytes before the content belong, and behind them the content. */
export const INPUT: usize = INPUT_START;

let tokens: u32 = 0;
let isReady: bool = false;

function prepare(): void {
	let symbol: u32 = 0;
	for (let length: u32 = 3; length <= MOST_MATCH; length++) {
		while (symbol < 28 && <u32>load<u16>(LENGTH_BASES + ((<usize>symbol + 1) << 1)) <= length) {
			symbol++;
		}

		store<u8>(LENGTH_SYMBOLS + <usize>length, <u8>symbol);
	}

	isReady = true;
}

function addLiteral(at: usize): void {
	const byte: u32 = load<u8>(at);
	put32(TOKENS, tokens, byte);
	tokens++;
	count(LITLEN_COUNTS, byte);
}

function addMatch(length: u32, distance: u32): void {
	put32(TOKENS, tokens, (length << 16) | (distance - 1));
	tokens++;
	count(LITLEN_COUNTS, 257 + <u32>load<u8>(LENGTH_SYMBOLS + <usize>length));
	count(DIST_COUNTS, distSymbol(distance - 1));
}

/** Makes tokens of what is at a place: a literal, or a match with the literals before it that a look ahead was worth. Returns the place after. */
function takeNext<Way>(start: usize): usize {
	let at = start;
	let gain = findMatch<Way>(at, LEAST_MATCH - 1);
	if (gain === 0) {
		addLiteral(at);
		return at + 1;
	}

	let length = bestLength;
	let distance = bestDistance;
	let entered: u32 = 1;
	while (length < niceLength<Way>() && at + 2 < inputEnd && tokens < MOST_TOKENS - SPARE_TOKENS) {
		// What is much shorter does not save more.
		const least = max(length - shorter<Way>(), LEAST_MATCH - 1);
		let later = findMatch<Way>(at + 1, least);
		if (later > gain) {
			addLiteral(at);
			at++;
		} else if (looksAhead === 1) {
			entered = 2;
			break;
		} else {
			later = findMatch<Way>(at + 2, least);
			if (later <= gain) {
				entered = 3;
				break;
			}

			addLiteral(at);
			addLiteral(at + 1);
			at += 2;
		}

		gain = later;
		length = bestLength;
		distance = bestDistance;
	}

	addMatch(length, distance);
	const end = at + <usize>length;
	for (let place = at + <usize>entered; place < end; place++) {
		enter<Way>(place);
	}

	return end;
}

function beginBlock(): void {
	tokens = 0;
	memory.fill(LITLEN_COUNTS, 0, 288 * 4);
	memory.fill(DIST_COUNTS, 0, 32 * 4);
}

function begin(effort: u32, start: usize, bytes: u32): void {
	if (!isReady) {
		prepare();
	}

	chooseEffort(effort, start, bytes);
	beginInput(start + <usize>bytes);
	// Eight bytes are read at a time, also the last ones.
	store<u64>(inputEnd, 0);
	guessCosts(start, bytes);
	beginBlock();
}

/** Writes all blocks of content that begins at a place. Returns where what was not written begins. */
function takeAll<Way>(start: usize, isWhole: bool): usize {
	for (let at = INPUT_START; at < start; at++) {
		enter<Way>(at);
	}

	let at = start;
	let blockStart = start;
	let nextCosts = FIRST_COSTS;
	while (at < inputEnd) {
		at = takeNext<Way>(at);
		if (tokens >= MOST_TOKENS - 2 * SPARE_TOKENS) {
			writeBlock(tokens, blockStart, <u32>(at - blockStart), isWhole && at === inputEnd);
			reckonCosts();
			beginBlock();
			blockStart = at;
			nextCosts = LATER_COSTS;
		} else if (tokens >= nextCosts) {
			reckonCosts();
			nextCosts += nextCosts < FIRST_COSTS * 4 ? FIRST_COSTS : LATER_COSTS;
		}
	}

	return blockStart;
}

/**
 * Compresses content that lies at `INPUT`, behind as many bytes before it. At both ends of the output there must be room for 8 bytes more.
 * @param effort 0 is fast, 1 balanced, 2 small.
 * @param isWhole true ends the stream; false ends it at a whole byte, so that more can follow.
 * @returns the number of bytes at `output`: never more than the content's, 5 for every 16,000 of them, and 16.
 */
export function compress(effort: u32, before: u32, bytes: u32, output: usize, isWhole: bool): u32 {
	const start = INPUT_START + <usize>before;
	begin(effort, start, bytes);
	beginOutput(output);
	const blockStart = isNumeric
		? takeAll<Numeric>(start, isWhole)
		: isUsual
			? takeAll<Usual>(start, isWhole)
			: takeAll<Other>(start, isWhole);
	if (blockStart < inputEnd || (isWhole && bytes === 0)) {
		writeBlock(tokens, blockStart, <u32>(inputEnd - blockStart), isWhole);
	}

	if (!isWhole) {
		writeStored(inputEnd, 0, false);
	}

	endInput();
	return <u32>(endOutput() - output);
}
