/** Has the entries of an archive checked side by side, ahead of whoever takes the results in the order of the archive. */
import type {Pool} from '../pool/pool.js';
import type {CheckEntriesOutput} from './check-entries.js';
import type {OpenArchive} from './reader.js';
import {methodStored} from './zip-format.js';

/** What is checked in one go; `first` is a position in the order of the entries' data. */
export type CheckUnit =
	| {
			readonly type: 'run';
			readonly first: number;
			readonly count: number;
			/** Where whatever follows it begins. */
			readonly end: number;
			readonly checked: Promise<CheckEntriesOutput>;
	  }
	/** Left to the caller: a large entry. */
	| {readonly type: 'single'; readonly first: number; readonly end: number};

export type CheckAhead = {
	/** Begins, if nobody has yet: results may come long before they are asked for. */
	readonly start: () => void;
	/** The next unit; null after the last. Starts more. */
	readonly next: () => CheckUnit | null;
	/** Starts nothing any more, and waits until nothing reads the archive. */
	readonly settle: () => Promise<void>;
};

type Bounds = {
	/** Of a run. */
	readonly entries: number;
	readonly packedBytes: number;
	readonly bytes: number;
	/** Compressed entries up to this size are unpacked in one go. */
	readonly mostAtOnce: number;
	/** Larger ones than this are left to the caller: a thread tells nothing until it is done. */
	readonly mostInThread: number;
};

const megabyte = 1024 * 1024;

/** A thread is busy with such a run for some 10 ms, which is more than what it costs to ask for it. */
const runBounds: Bounds = {
	entries: 256,
	packedBytes: 2 * megabyte,
	bytes: 8 * megabyte,
	mostAtOnce: 8 * megabyte,
	mostInThread: 64 * megabyte,
};
/** On the engine's own thread a run must end sooner, so that others get their turn. */
const inlineBounds: Bounds = {
	entries: 64,
	packedBytes: megabyte / 2,
	bytes: megabyte,
	mostAtOnce: megabyte,
	mostInThread: megabyte,
};
/** Runs under way, for each thread: the queue must last while this thread hashes. */
const runsPerThread = 3;
/** How far the threads may be ahead of the results, so that what this thread reads after them is still in the system's memory. */
const mostPackedBytesAhead = 64 * megabyte;

/**
 * Plans the checking of an archive.
 * @param order numbers of its records in the order of their data.
 */
export const createCheckAhead = ({
	archive,
	order,
	pool,
	unpack,
	leaveDatabases,
}: {
	readonly archive: OpenArchive;
	readonly order: Uint32Array;
	readonly pool: Pool;
	readonly unpack: boolean;
	readonly leaveDatabases: boolean;
}): CheckAhead => {
	const {descriptor, directory, source} = archive.internals;
	const {headerOffsets, packedSizes, sizes} = directory;
	const isInline = pool.size === 1;
	const bounds = isInline ? inlineBounds : runBounds;
	const mostRuns = isInline ? 1 : pool.size * runsPerThread;
	const waiting: CheckUnit[] = [];
	const running = new Set<Promise<unknown>>();
	let planned = 0;
	let isStopped = false;

	const startOf = (index: number): number => headerOffsets[order[index] ?? -1] ?? source.directoryOffset;

	const largerOf = (number: number): number => Math.max(sizes[number] ?? 0, packedSizes[number] ?? 0);

	/** True for what a thread unpacks piece by piece. Stored entries come in pieces anyway. */
	const isLarge = (number: number): boolean =>
		largerOf(number) > bounds.mostAtOnce && directory.record(number).rawMethod !== methodStored;

	/** Number of entries of the run that begins at a position; 0 when the entry there is read on its own. */
	const countRun = (first: number): number => {
		let bytes = 0;
		let packedBytes = 0;
		let index = first;
		while (index < order.length && index - first < bounds.entries) {
			const number = order[index] ?? 0;
			// Without unpacking, headers are all there is to read.
			const size = unpack ? (sizes[number] ?? 0) : 0;
			const packed = unpack ? (packedSizes[number] ?? 0) : 0;
			if (unpack && largerOf(number) > bounds.mostInThread) {
				break;
			}

			if (unpack && isLarge(number)) {
				return Math.max(1, index - first);
			}

			bytes += size;
			packedBytes += packed;
			if (index > first && (bytes > bounds.bytes || packedBytes > bounds.packedBytes)) {
				break;
			}

			index++;
		}

		return index - first;
	};

	const recordsOf = (first: number, count: number): Uint8Array<ArrayBuffer> => {
		const numbers = order.subarray(first, first + count);
		let bytes = 0;
		let isOneRange = true;
		for (let index = 0; index < count; index++) {
			const number = numbers[index] ?? 0;
			isOneRange &&= number === (numbers[0] ?? 0) + index;
			bytes += directory.end(number) - directory.start(number);
		}

		const records = new Uint8Array(bytes);
		const copy = (start: number, length: number, to: number): void => {
			const held = directory.bytes.at(start, length);
			records.set(held.bytes.subarray(held.start, held.start + length), to);
		};

		if (isOneRange) {
			copy(directory.start(numbers[0] ?? 0), bytes, 0);
			return records;
		}

		let position = 0;
		for (const number of numbers) {
			const length = directory.end(number) - directory.start(number);
			copy(directory.start(number), length, position);
			position += length;
		}

		return records;
	};

	const startRun = (first: number, count: number): CheckUnit => {
		const end = startOf(first + count);
		const records = recordsOf(first, count);
		const isOneLarge = unpack && count === 1 && isLarge(order[first] ?? 0);
		const checked = pool.run(
			isOneLarge ? 'check-large' : 'check-entries',
			{
				descriptor,
				fileBytes: archive.bytes,
				directoryOffset: source.directoryOffset,
				records,
				count,
				end,
				unpack,
				leaveDatabases,
			},
			[records.buffer],
		);
		// A failure is thrown where its turn comes; until then it must not count as unhandled.
		const settled = checked
			.catch(() => undefined)
			.then(() => {
				running.delete(settled);
				if (!isInline) {
					startMore();
				}
			});
		running.add(settled);
		return {type: 'run', first, count, end, checked};
	};

	const startMore = (): void => {
		while (!isStopped && planned < order.length && (running.size < mostRuns || waiting.length === 0)) {
			const [next] = waiting;
			if (next && startOf(planned) - startOf(next.first) > mostPackedBytesAhead) {
				return;
			}

			const count = countRun(planned);
			waiting.push(
				count === 0 ? {type: 'single', first: planned, end: startOf(planned + 1)} : startRun(planned, count),
			);
			planned += Math.max(1, count);
			if (isInline) {
				return;
			}
		}
	};

	return {
		start: startMore,
		next() {
			if (!isInline || waiting.length === 0) {
				startMore();
			}

			return waiting.shift() ?? null;
		},
		async settle() {
			isStopped = true;
			await Promise.all(running);
		},
	};
};
