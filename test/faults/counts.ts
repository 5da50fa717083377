/** Counts of what a fault suite tried, told at the end of `npm run test:faults`: a suite that tried nothing proves nothing. */
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

/** True in the full sweep, false in the bounded part that runs with every change. */
export const isFull = process.env.PRINTKEEP_FAULTS === 'full';

/** Takes every item in the full sweep; in the bounded part about so many, spread evenly, the first and the last among them. */
export const sampled = <Item>(items: readonly Item[], bounded: number): readonly Item[] =>
	isFull || items.length <= bounded
		? items
		: Array.from(
				{length: bounded},
				(_, index) => items[Math.round((index * (items.length - 1)) / Math.max(1, bounded - 1))] as Item,
			);

export type Counts = {
	readonly add: (what: string, count?: number) => void;
	readonly get: (what: string) => number;
	/** Hands the counts over; call it once, after the suite's last test. */
	readonly tell: () => void;
};

/** Counts for a suite, in the order in which things were first counted. */
export const createCounts = (suite: string): Counts => {
	const counts = new Map<string, number>();
	return {
		add(what, count = 1) {
			counts.set(what, (counts.get(what) ?? 0) + count);
		},
		get: what => counts.get(what) ?? 0,
		tell() {
			const folder = process.env.PRINTKEEP_FAULT_COUNTS;
			const text = JSON.stringify({suite, counts: Object.fromEntries(counts)});
			if (folder === undefined) {
				console.log(text);
			} else {
				writeFileSync(join(folder, `${suite.replaceAll(/[^\w]+/g, '-')}.json`), text);
			}
		},
	};
};
