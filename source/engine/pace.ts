/** Reading no faster than a person has said. */
import {setTimeout as wait} from 'node:timers/promises';
import type {Clock} from '../clock.js';
import {cancelledError} from './breathe.js';

export type Pace = {
	/** Waits until so many more bytes may be read. Whoever asks first goes first. @throws cancelled */
	readonly take: (bytes: number) => Promise<void>;
	/** Gives back what was asked for and not read. */
	readonly giveBack: (bytes: number) => void;
};

/** Time that nothing was read is not saved up: a pause is not followed by a rush. */
export const createPace = (clock: Clock, signal: AbortSignal, bytesPerSecond: number): Pace => {
	let freeAt = Number.NEGATIVE_INFINITY;
	const millisecondsFor = (bytes: number): number => (bytes / bytesPerSecond) * 1000;
	return {
		async take(bytes) {
			const now = clock.monotonic();
			const startsAt = Math.max(now, freeAt);
			freeAt = startsAt + millisecondsFor(bytes);
			if (startsAt > now) {
				await wait(startsAt - now, undefined, {signal}).catch(() => {
					throw cancelledError();
				});
			}
		},
		giveBack(bytes) {
			freeAt -= millisecondsFor(bytes);
		},
	};
};
