import {defaultPoolSize, inlinePool, type Pool, type StartPool} from './pool.js';

/** The pool of one job: started when it is first asked for. */
export type JobPool = {
	readonly pool: () => Pool;
	readonly close: () => Promise<void>;
};

/**
 * Prepares the pool of a job.
 * @param start missing: everything is done on the calling thread.
 * @param size tasks at the same time; as many as the machine has cores, up to four, when missing.
 */
export const createJobPool = (start: StartPool | undefined, size: number = defaultPoolSize()): JobPool => {
	let pool: Pool | undefined;
	return {
		pool() {
			pool ??= start && size > 1 ? start(size) : inlinePool;
			return pool;
		},
		async close() {
			await pool?.close();
		},
	};
};
