import {type Gauge, readGauge, stopTask} from './gauge.js';

/** Between two looks at how far a task is. */
const lookMilliseconds = 100;

/**
 * Tells how far a task is until it has ended.
 * @param onBytes gets the bytes since it was called before.
 * @param signal has the task stop when it is aborted.
 * @throws what the task throws
 */
export const followTask = async <Output>(
	task: Promise<Output>,
	gauge: Gauge,
	onBytes: (bytes: number) => void,
	signal?: AbortSignal,
): Promise<Output> => {
	let told = 0;
	const tell = (): void => {
		const bytes = readGauge(gauge);
		onBytes(bytes - told);
		told = bytes;
	};
	const stop = (): void => stopTask(gauge);
	const look = setInterval(tell, lookMilliseconds);
	signal?.addEventListener('abort', stop);
	try {
		if (signal?.aborted) {
			stop();
		}

		return await task;
	} finally {
		signal?.removeEventListener('abort', stop);
		clearInterval(look);
		tell();
	}
};
