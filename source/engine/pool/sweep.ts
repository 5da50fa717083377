/**
 * Takes garbage away in time. Each call of zlib leaves objects behind that only a full collection frees, and with them memory outside of the heap, which V8
 * hardly counts: left to itself, it lets tens of megabytes gather before it looks.
 */
import {getHeapStatistics} from 'node:v8';
import {runInNewContext} from 'node:vm';

/** Memory outside of the heap that may gather. */
const mostBytes = 8 * 1024 * 1024;
/** Looking is cheap, and not for nothing. */
const tasksBetweenLooks = 4;

type Collect = () => void;

/** Threads that were started after V8 was told to show its collector have it; the first thread has to ask for it. Null where it was not told. */
const findCollector = (): Collect | null => {
	const own = (globalThis as {readonly gc?: unknown}).gc;
	if (typeof own === 'function') {
		return own as Collect;
	}

	const found: unknown = runInNewContext('globalThis.gc');
	return typeof found === 'function' ? (found as Collect) : null;
};

/** Makes what a thread calls after each task it has done. */
export const createSweep = (): (() => void) => {
	let collect: Collect | null | undefined;
	let tasks = 0;
	let leftBytes = 0;
	return () => {
		tasks++;
		if (tasks % tasksBetweenLooks !== 0) {
			return;
		}

		const bytes = getHeapStatistics().external_memory;
		leftBytes = Math.min(leftBytes, bytes);
		if (bytes - leftBytes > mostBytes) {
			collect = collect === undefined ? findCollector() : collect;
			collect?.();
			leftBytes = getHeapStatistics().external_memory;
		}
	};
};
