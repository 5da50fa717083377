/** The time, as a port: code that needs it takes a Clock, so that tests own it. */
export type Clock = {
	/** Milliseconds since the Unix epoch. May jump; never used for ordering. */
	readonly now: () => number;
	/** Milliseconds since an arbitrary start that never go back, for durations and rates. */
	readonly monotonic: () => number;
};

/** The clock of this machine. */
export const systemClock: Clock = {
	now: () => Date.now(),
	monotonic: () => performance.now(),
};
