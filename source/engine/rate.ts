/** Estimates a rate over a sliding window, and says nothing before it knows enough. */
export type RateEstimator = {
	/** Notes that `bytes` in total were done at `monotonicMilliseconds`. */
	readonly record: (monotonicMilliseconds: number, bytes: number) => void;
	/** Bytes per second over the window; null while it is unknown or not worth telling. */
	readonly bytesPerSecond: () => number | null;
	readonly reset: () => void;
};

type Sample = {readonly at: number; readonly bytes: number};

const minimumSpanMilliseconds = 1000;
const minimumBytesPerSecond = 1000;

/**
 * @param windowMilliseconds how far back the rate looks; slow cards stutter, so the default is long.
 */
export const createRateEstimator = (windowMilliseconds = 15_000): RateEstimator => {
	let samples: Sample[] = [];
	return {
		record(at, bytes) {
			samples.push({at, bytes});
			const oldest = at - windowMilliseconds;
			// Keep one sample from before the window, so that the span covers all of it.
			while (samples.length > 2 && (samples[1]?.at ?? at) <= oldest) {
				samples.shift();
			}
		},
		bytesPerSecond() {
			const first = samples[0];
			const last = samples.at(-1);
			if (!first || !last || last.at - first.at < minimumSpanMilliseconds) {
				return null;
			}

			const rate = ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
			return rate >= minimumBytesPerSecond ? rate : null;
		},
		reset() {
			samples = [];
		},
	};
};
