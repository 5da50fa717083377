/** The lengths of codes as they are written: runs of equal ones taken together (RFC 1951, 3.2.7). */
import {
	ALL_LENGTHS,
	at8,
	count,
	DIST_LENGTHS,
	LITLEN_LENGTHS,
	RUN_CODE_SYMBOLS,
	RUN_COUNTS,
	RUN_EXTRAS,
	RUN_SYMBOLS,
} from './layout';

/** How many there are. */
export let runs: u32 = 0;

function addRun(symbol: u32, extra: u32): void {
	store<u8>(RUN_SYMBOLS + runs, <u8>symbol);
	store<u8>(RUN_EXTRAS + runs, <u8>extra);
	count(RUN_COUNTS, symbol);
	runs++;
}

/** Takes equal code lengths together. */
function addRunsOf(length: u32, times: u32): void {
	let left = times;
	if (length === 0) {
		while (left >= 11) {
			const taken: u32 = min(left, 138);
			addRun(18, taken - 11);
			left -= taken;
		}

		if (left >= 3) {
			addRun(17, left - 3);
			left = 0;
		}
	} else if (left >= 4) {
		addRun(length, 0);
		left--;
		while (left >= 3) {
			const taken: u32 = min(left, 6);
			addRun(16, taken - 3);
			left -= taken;
		}
	}

	for (; left > 0; left--) {
		addRun(length, 0);
	}
}

/** Makes the runs of both codes' lengths, and counts their symbols. */
export function findRuns(litlens: u32, dists: u32): void {
	memory.copy(ALL_LENGTHS, LITLEN_LENGTHS, litlens);
	memory.copy(ALL_LENGTHS + <usize>litlens, DIST_LENGTHS, dists);
	memory.fill(RUN_COUNTS, 0, RUN_CODE_SYMBOLS * 4);
	runs = 0;
	const all = litlens + dists;
	let index: u32 = 0;
	while (index < all) {
		const length = at8(ALL_LENGTHS, index);
		let times: u32 = 1;
		while (index + times < all && at8(ALL_LENGTHS, index + times) === length) {
			times++;
		}

		addRunsOf(length, times);
		index += times;
	}
}

export function runExtraBits(symbol: u32): u32 {
	return symbol === 16 ? 2 : symbol === 17 ? 3 : symbol === 18 ? 7 : 0;
}
