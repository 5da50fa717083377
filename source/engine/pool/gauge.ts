/** How far a long task is, in memory that threads share: the thread that asked reads it, and can have the task stop. */
import {cancelledError} from '../breathe.js';

/** Two numbers: what is done, and whether it should stop. Crosses between threads as it is. */
export type Gauge = BigInt64Array<SharedArrayBuffer>;

const done = 0;
const isStopped = 1;

export const createGauge = (): Gauge => new BigInt64Array(new SharedArrayBuffer(16));

/** Bytes done so far. */
export const readGauge = (gauge: Gauge): number => Number(Atomics.load(gauge, done));

/** Has the task end with `cancelled` as soon as it looks. */
export const stopTask = (gauge: Gauge): void => {
	Atomics.store(gauge, isStopped, 1n);
};

/** Called by the task as it goes. @throws cancelled when it should stop */
export const advanceGauge = (gauge: Gauge, bytes: number): void => {
	Atomics.add(gauge, done, BigInt(bytes));
	if (Atomics.load(gauge, isStopped) !== 0n) {
		throw cancelledError();
	}
};
