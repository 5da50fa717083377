import type {Disk} from '../../source/engine/disk.js';

export type DiskFault = {
	/** Call of the port that fails. */
	readonly call: keyof Disk;
	/** The how-manieth call of it fails, counted from 1. */
	readonly number: number;
	/** System error code, `ENOSPC`. */
	readonly code: string;
};

/** A disk that fails once, as the system would, and says whether it got there. */
export const makeFailingDisk = (
	disk: Disk,
	{call, number, code}: DiskFault,
): {readonly disk: Disk; readonly hasFailed: () => boolean} => {
	let calls = 0;
	let hasFailed = false;
	const failure = (): Error => Object.assign(new Error(`${code}: injected, ${call}`), {code, syscall: call});
	const original = disk[call] as (...args: unknown[]) => unknown;
	const isAsynchronous = call.startsWith('sync');
	const failing = (...args: unknown[]): unknown => {
		calls++;
		if (calls !== number) {
			return original(...args);
		}

		hasFailed = true;
		if (isAsynchronous) {
			return Promise.reject(failure());
		}

		throw failure();
	};

	return {disk: {...disk, [call]: failing}, hasFailed: () => hasFailed};
};
