import type {Clock} from '../clock.js';
import {PrintkeepError} from '../errors.js';

const sliceMilliseconds = 10;

/** The error of a job that was cancelled. */
export const cancelledError = (): PrintkeepError => new PrintkeepError('cancelled', 'The job was cancelled.');

/**
 * Makes the function a job calls between small pieces of synchronous work: it lets other work of the thread run once the job has kept it
 * busy for 10 ms, and throws `cancelled` when the signal says so.
 * @param pay what else it waits for.
 */
export const createBreathe = (clock: Clock, signal: AbortSignal, pay?: () => Promise<void>): (() => Promise<void>) => {
	let sliceStart = clock.monotonic();
	return async () => {
		if (signal.aborted) {
			throw cancelledError();
		}

		await pay?.();
		if (clock.monotonic() - sliceStart < sliceMilliseconds) {
			return;
		}

		await new Promise<void>(resolve => {
			setImmediate(resolve);
		});
		sliceStart = clock.monotonic();
		if (signal.aborted) {
			throw cancelledError();
		}
	};
};
