/**
 * The helper threads of a job: as many as the machine has cores, so that archives are packed and unpacked side by side. Tasks are answered in any order;
 * whoever asks puts them in order again.
 */
import {setImmediate} from 'node:timers/promises';
import {Worker} from 'node:worker_threads';
import {type ErrorData, fromErrorData, PrintkeepError} from '../../errors.js';
import {keepUsualMemory} from '../archive/room.js';
import {type Disk, systemDisk} from '../disk.js';
import {taskHandlers} from './handlers.js';
import {createSweep} from './sweep.js';
import type {TaskInput, TaskName, TaskOutput} from './tasks.js';

export type Pool = {
	/** Tasks done at the same time; 1 when the engine's own thread does them. */
	readonly size: number;
	/**
	 * Does a task.
	 * @param transfer buffers of the input that are moved to the thread and may not be used afterwards.
	 * @throws what the task throws; engine-crashed when its thread died
	 */
	readonly run: <Name extends TaskName>(
		name: Name,
		input: TaskInput<Name>,
		transfer?: readonly ArrayBuffer[],
	) => Promise<TaskOutput<Name>>;
	/** Ends the threads. Tasks that are not done fail. */
	readonly close: () => Promise<void>;
};

export type PoolOptions = {
	/** True gives the threads a low priority for the processor. */
	readonly isNice?: boolean;
	/** Told once the system's numbers of the threads, when all have got it. */
	readonly onThreads?: ((threads: readonly number[]) => void) | undefined;
	/**
	 * True makes the calling thread one of them: it does a task whenever the others have enough, and its own work in between. A thread costs 20 MB and more,
	 * and one that only waits for the others leaves its core idle. Not for a thread that somebody waits for.
	 */
	readonly takesPart?: boolean;
};

/** Starts a pool. Its threads work on the system's disk: whoever works on another one has no threads. */
export type StartPool = (size: number, options?: PoolOptions) => Pool;

/** What a helper thread is started with. */
export type HelperData = {readonly isNice: boolean};

/** The first message of a thread whose priority was lowered. */
export type ThreadMessage = {readonly thread: number};

export type TaskMessage = {readonly id: number; readonly name: TaskName; readonly input: unknown};
export type TaskReply =
	| {readonly id: number; readonly ok: true; readonly output: unknown}
	| {readonly id: number; readonly ok: false; readonly error: ErrorData};

/** More threads than this gain little on the boards this is for, and each takes 10 MB and its buffers. */
export const mostThreads = 4;
/** The second waits in the thread, so that it never idles between two. */
const tasksPerThread = 2;
/** While the calling thread is at a task, it hands nothing out: what waits in the others has to last. */
const tasksBesideOwn = 3;
/** Tasks between whose pieces the thread does other things. While the calling thread is at one, it goes on handing out, so nobody need have much waiting. */
const givesWay: ReadonlySet<TaskName> = new Set<TaskName>(['unpack-large', 'digest-files']);
/** Megabytes of JavaScript objects a helper may hold; its buffers are not among them. */
const heapMegabytes = 64;

/** Makes a pool of one: tasks are done at once, on the thread that asks. @param disk what they change goes through it. */
export const createInlinePool = (disk: Disk): Pool => ({
	size: 1,
	run: async (name, input) => (await taskHandlers[name](input, disk)).output,
	close: async () => undefined,
});

/** The pool of one over the system's disk, for tasks that only read. */
export const inlinePool: Pool = createInlinePool(systemDisk);

type Waiting = {
	readonly message: TaskMessage;
	readonly transfer: readonly ArrayBuffer[];
	readonly resolve: (output: never) => void;
	readonly reject: (error: unknown) => void;
};

type Helper = {readonly thread: Worker; readonly running: Map<number, Waiting>};

/** The calling thread as one of the pool. */
type OwnLane = {
	/** True while it is at a task. */
	readonly isBusy: () => boolean;
	/** Does a task, not before the caller has returned to the event loop. */
	readonly start: (waiting: Waiting) => void;
	/** Resolves when the task that was begun has ended. */
	readonly settle: () => Promise<void>;
};

const createOwnLane = (onFree: () => void): OwnLane => {
	const sweep = createSweep();
	let running: Promise<void> | null = null;
	const work = async ({message: {name, input}, resolve, reject}: Waiting): Promise<void> => {
		// Answers of the other threads, and what is done with them, come first.
		await setImmediate();
		try {
			// The pairing of name and input was checked where the message was made.
			const {output} = await taskHandlers[name](input as never, systemDisk);
			resolve(output as never);
			sweep();
		} catch (error) {
			reject(error);
		}
	};
	return {
		isBusy: () => running !== null,
		start(waiting) {
			running = work(waiting).then(() => {
				running = null;
				onFree();
			});
		},
		settle: async () => running ?? undefined,
	};
};

const died = (cause?: unknown): PrintkeepError =>
	new PrintkeepError('engine-crashed', 'A helper thread of the archive engine stopped unexpectedly.', {
		hint: 'No finished backup was touched. Try again, with one thread if it happens twice: --jobs 1',
		cause,
	});

/** Starts helper threads. @param helperUrl the bundled `helper.js`. */
export const startThreadPool = (
	helperUrl: URL,
	size: number,
	{isNice = false, onThreads, takesPart = false}: PoolOptions = {},
): Pool => {
	keepUsualMemory();
	const threads = takesPart ? Math.max(1, size - 1) : size;
	const mostPerThread = takesPart ? tasksBesideOwn : tasksPerThread;
	const queue: Waiting[] = [];
	const helpers: Helper[] = [];
	const lowered: number[] = [];
	let nextId = 1;
	let isClosed = false;
	let failure: PrintkeepError | null = null;

	const dispatch = (): void => {
		while (queue.length > 0) {
			const [idlest] = helpers.toSorted((a, b) => a.running.size - b.running.size);
			const [first] = queue;
			const isOurs = takesPart && first !== undefined && givesWay.has(first.message.name) && !own.isBusy();
			if (isOurs && idlest?.running.size !== 0) {
				queue.shift();
				own.start(first);
				continue;
			}

			if (!idlest || idlest.running.size >= mostPerThread) {
				break;
			}

			const next = queue.shift();
			if (next) {
				idlest.running.set(next.message.id, next);
				try {
					idlest.thread.postMessage(next.message, [...next.transfer]);
				} catch (error) {
					// What cannot be sent is never answered.
					idlest.running.delete(next.message.id);
					next.reject(error);
				}
			}
		}

		const next = takesPart && !own.isBusy() ? queue.shift() : undefined;
		if (next) {
			own.start(next);
		}
	};
	const own = createOwnLane(dispatch);

	/** Nothing new is begun; what living threads are at is ended and answered, since what it changes on disk must not change behind anybody's back. */
	const fail = (cause: unknown, dead: readonly Helper[]): void => {
		failure ??= died(cause);
		for (const waiting of [...dead.flatMap(({running}) => [...running.values()]), ...queue.splice(0)]) {
			waiting.reject(failure);
		}

		for (const {running} of dead) {
			running.clear();
		}
	};

	for (let index = 0; index < threads; index++) {
		const thread = new Worker(helperUrl, {
			stdout: false,
			stderr: false,
			// Files are opened on one thread and closed on another.
			trackUnmanagedFds: false,
			workerData: {isNice} satisfies HelperData,
			resourceLimits: {maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: 8},
		});
		const helper: Helper = {thread, running: new Map()};
		helpers.push(helper);
		thread.on('message', (reply: TaskReply | ThreadMessage) => {
			if ('thread' in reply) {
				lowered.push(reply.thread);
				if (lowered.length === threads) {
					onThreads?.(lowered);
				}

				return;
			}

			const waiting = helper.running.get(reply.id);
			helper.running.delete(reply.id);
			dispatch();
			if (reply.ok) {
				waiting?.resolve(reply.output as never);
			} else {
				waiting?.reject(fromErrorData(reply.error));
			}
		});
		thread.on('error', error => fail(error, [helper]));
		thread.on('messageerror', error => {
			fail(error, [helper]);
			void thread.terminate();
		});
		thread.on('exit', () => {
			if (!isClosed) {
				fail(undefined, [helper]);
			}
		});
	}

	return {
		size,
		async run(name, input, transfer = []) {
			if (failure || isClosed) {
				throw failure ?? died();
			}

			return new Promise((resolve, reject) => {
				queue.push({message: {id: nextId++, name, input}, transfer, resolve, reject});
				dispatch();
			});
		},
		async close() {
			isClosed = true;
			fail(undefined, helpers);
			await Promise.all([...helpers.map(async ({thread}) => thread.terminate()), own.settle()]);
		},
	};
};
