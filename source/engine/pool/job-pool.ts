import type {Disk} from '../disk.js';
import type {Pace} from '../pace.js';
import {pacedPool} from './paced-pool.js';
import {createInlinePool, type Pool, type StartPool} from './pool.js';

/** The pool of one job: started when it is first asked for. */
export type JobPool = {
	readonly pool: () => Pool;
	readonly close: () => Promise<void>;
};

export type JobPoolOptions = {
	/** Missing: everything is done on the calling thread. */
	readonly start: StartPool | undefined;
	/** What tasks change goes through it where there are no threads. */
	readonly disk: Disk;
	/** Tasks at the same time. */
	readonly size: number;
	/** True starts a helper thread even when one task at a time is enough. */
	readonly needsHelper?: boolean;
	/** True gives helper threads a low priority. */
	readonly isNice?: boolean;
	/** True makes the calling thread one of the pool's. */
	readonly takesPart?: boolean;
	/** Told the system's numbers of the helper threads, when they have it. */
	readonly onThreads?: (threads: readonly number[]) => void;
	/** How fast tasks may read. */
	readonly pace?: Pace | undefined;
};

/** Prepares the pool of a job. */
export const createJobPool = ({
	start,
	disk,
	size,
	needsHelper = false,
	isNice = false,
	takesPart = false,
	onThreads,
	pace,
}: JobPoolOptions): JobPool => {
	let pool: Pool | undefined;
	const startPool = (): Pool => {
		const started =
			start && (size > 1 || needsHelper)
				? start(size, {isNice, onThreads, takesPart: takesPart && size > 1})
				: createInlinePool(disk);
		return pace ? pacedPool(started, pace) : started;
	};

	return {
		pool() {
			pool ??= startPool();
			return pool;
		},
		async close() {
			await pool?.close();
		},
	};
};
