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

/** What the engine's own thread reads, which it tells afterwards and pays for at the next pause. */
export type ReadMeter = {
	readonly onRead: (bytes: number) => void;
	/** @throws cancelled */
	readonly pay: () => Promise<void>;
};

export const createReadMeter = ({take}: Pick<Pace, 'take'>): ReadMeter => {
	let owed = 0;
	return {
		onRead(bytes) {
			owed += bytes;
		},
		async pay() {
			if (owed > 0) {
				const bytes = owed;
				owed = 0;
				await take(bytes);
			}
		},
	};
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
