/** Numbers that look random and are the same for the same seed (mulberry32). */
export type Random = {
	/** A whole number from 0 up to, not including, the limit. */
	readonly below: (limit: number) => number;
	/** One of the items; undefined when there is none. */
	readonly pick: <Item>(items: readonly Item[]) => Item | undefined;
	readonly chance: (percent: number) => boolean;
};

export const createRandom = (seed: number): Random => {
	let state = seed >>> 0;
	const next = (): number => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	const below = (limit: number): number => Math.floor(next() * limit);
	return {below, pick: items => items[below(items.length)], chance: percent => below(100) < percent};
};
