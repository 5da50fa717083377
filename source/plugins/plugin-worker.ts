/**
 * The thread plugins run in, seen from outside: started, watched and ended here. What is asked of it, and what follows from its end, is decided in host.ts.
 */
import {MessageChannel, receiveMessageOnPort, Worker} from 'node:worker_threads';
import {safeText} from '../format/safe-text.js';
import type {HostLimits} from './limits.js';
import {type FromHost, type HostData, markBytes, markPlaces, type ToHost} from './messages.js';

export type ThreadEnd = {
	/** Why, in a sentence. */
	readonly why: string;
	/** Place of the plugin it is put down to; -1 when none can be named. */
	readonly plugin: number;
};

export type PluginWorker = {
	readonly send: (message: ToHost) => void;
	/** True from the moment on in which it is told to end, or has ended. */
	readonly isEnding: () => boolean;
	/** Ends it. @param plugin place of the one to blame; the one at work when missing. */
	readonly end: (why: string, plugin?: number) => void;
	/** The plugin at work at this moment; -1 for none. */
	readonly atWork: () => number;
	/** Resolves when it has ended, or could not be ended and is left behind. */
	readonly over: Promise<ThreadEnd>;
	/** Whether the process stays alive for it. */
	readonly hold: (isNeeded: boolean) => void;
};

export type WorkerOptions = {
	/** Program of the thread. */
	readonly url: URL;
	readonly data: Omit<HostData, 'running' | 'linesPerSecond'>;
	readonly limits: HostLimits;
	/** True while somebody waits for an answer: then it is looked at even when no plugin seems to run. */
	readonly isAsked: () => boolean;
	/** True while modules are loaded, which may take its time on a slow card: for that another limit holds. */
	readonly isLoading: () => boolean;
	readonly onMessage: (message: FromHost) => void;
	/** Told what was printed past the plugins, by threads of theirs. */
	readonly onPrinted: (line: string) => void;
};

/** Most that V8 takes before it ends the thread itself. Far more than is allowed: of a single piece that does not fit, the whole process would die. */
const heapMegabytes = 1024;

/** Ends programs that plugins have left running, with what these have started. */
const endPrograms = (pids: ReadonlySet<number>): void => {
	for (const pid of pids) {
		try {
			process.kill(-pid, 'SIGKILL');
		} catch {
			// It has ended meanwhile.
		}
	}
};

/** Which plugin memory has grown under, from one look to the next. */
const createGrowth = (mark: Int32Array): {readonly note: (bytes: number) => void; readonly most: () => number} => {
	const grown = new Map<number, number>();
	let before = 0;
	return {
		note(bytes) {
			const place = (mark[markPlaces.now] || mark[markPlaces.last] || 0) - 1;
			if (bytes < before) {
				// What was given back was everybody's.
				for (const [plugin, own] of grown) {
					grown.set(plugin, (own * bytes) / before);
				}
			} else {
				grown.set(place, (grown.get(place) ?? 0) + bytes - before);
			}

			before = bytes;
		},
		most: () => [...grown].filter(([place]) => place !== -1).sort((left, right) => right[1] - left[1])[0]?.[0] ?? -1,
	};
};

export const startPluginWorker = (options: WorkerOptions): PluginWorker => {
	const {limits} = options;
	const shared = new SharedArrayBuffer(markBytes);
	const mark = new Int32Array(shared);
	const {port1: port, port2} = new MessageChannel();
	const worker = new Worker(options.url, {
		workerData: {
			...options.data,
			running: shared,
			linesPerSecond: limits.linesPerSecond,
			port: port2,
		} satisfies HostData & {readonly port: typeof port2},
		transferList: [port2],
		resourceLimits: {maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: 8},
		// What a plugin prints is none of the screen's.
		stdout: true,
		stderr: true,
		stdin: false,
		trackUnmanagedFds: true,
	});
	const {promise: over, resolve} = Promise.withResolvers<ThreadEnd>();
	const growth = createGrowth(mark);
	const programs = new Set<number>();
	const tooMuch = `It took more than ${Math.round(limits.memoryBytes / 1_000_000)} MB of memory.`;
	let ending: {readonly why: string; readonly plugin: number | undefined} | undefined;
	let leaving: NodeJS.Timeout | undefined;
	let isOver = false;
	let hasExited = false;
	let detail = '';
	let silentMilliseconds = 0;
	let lookedAt = performance.now();
	let count = 0;
	let isMeasured = false;
	let collection: 'none' | 'asked' | 'done' = 'none';

	const atWork = (): number => (mark[markPlaces.now] ?? 0) - 1;

	const onMessage = (message: FromHost): void => {
		silentMilliseconds = 0;
		switch (message.type) {
			case 'child':
				programs[message.isRunning ? 'add' : 'delete'](message.pid);
				break;
			case 'collected':
				collection = 'done';
				measure();
				break;
			case 'pong':
				break;
			default:
				options.onMessage(message);
		}
	};

	const finish = (): void => {
		if (isOver) {
			return;
		}

		isOver = true;
		clearInterval(watchdog);
		clearTimeout(leaving);
		// What it has said before counts.
		for (let last = receiveMessageOnPort(port); last; last = receiveMessageOnPort(port)) {
			onMessage(last.message as FromHost);
		}

		port.close();
		endPrograms(programs);
		const last = (mark[markPlaces.now] || mark[markPlaces.last] || 0) - 1;
		resolve({why: ending?.why ?? detail, plugin: ending?.plugin ?? last});
	};

	const end = (why: string, plugin?: number): void => {
		if (!ending) {
			const blamed = plugin ?? atWork();
			ending = {why, plugin: blamed === -1 ? undefined : blamed};
			void worker.terminate();
			leaving = setTimeout(finish, limits.endMilliseconds);
		}
	};

	/** Looks how much memory it has, when it had time to give back what nobody holds. */
	const measure = (): void => {
		if (isMeasured) {
			return;
		}

		isMeasured = true;
		worker.getHeapStatistics().then(
			({used_heap_size: heap, external_memory: external}) => {
				isMeasured = false;
				const bytes = heap + external;
				growth.note(bytes);
				if (bytes <= limits.memoryBytes) {
					collection = 'none';
				} else if (collection === 'done' || bytes > 2 * limits.memoryBytes) {
					end(tooMuch, growth.most());
				} else if (collection === 'none') {
					collection = 'asked';
					send({type: 'collect'});
				}
			},
			() => undefined,
		);
	};

	const look = (): void => {
		const now = performance.now();
		const passed = now - lookedAt;
		lookedAt = now;
		const isActive = mark[markPlaces.now] !== 0 || mark[markPlaces.count] !== count || options.isAsked();
		count = mark[markPlaces.count] ?? 0;
		if (ending || !isActive) {
			silentMilliseconds = 0;
			return;
		}

		// While this thread was held up itself, nobody could have read an answer.
		silentMilliseconds += Math.min(passed, 2 * limits.lookMilliseconds);
		if (silentMilliseconds > limits.blockedMilliseconds && !options.isLoading()) {
			end(`It kept the plugin thread busy for over ${limits.blockedMilliseconds / 1000} seconds.`);
			return;
		}

		send({type: 'ping', id: 0});
		measure();
	};

	const send = (message: ToHost): void => {
		if (!ending && !isOver) {
			port.postMessage(message);
		}
	};

	for (const stream of [worker.stdout, worker.stderr]) {
		let printed = 0;
		stream.setEncoding('utf8').on('data', (text: string) => {
			printed += text.length;
			for (const line of printed <= limits.printedCharacters ? text.split('\n') : []) {
				if (line !== '') {
					options.onPrinted(line);
				}
			}
		});
	}

	port.on('message', onMessage);
	worker.on('error', error => {
		const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
		detail = isMemory
			? tooMuch
			: `It ended the plugin thread: ${safeText(error instanceof Error ? error.message : String(error))}`;
	});
	worker.on('exit', code => {
		hasExited = true;
		detail ||= `It ended the plugin thread with code ${code}.`;
		finish();
	});
	const watchdog = setInterval(look, limits.lookMilliseconds);
	watchdog.unref();
	port.unref();
	worker.unref();
	return {
		send,
		isEnding: () => ending !== undefined || isOver,
		end,
		atWork,
		over,
		hold(isNeeded) {
			if (!hasExited) {
				worker[isNeeded ? 'ref' : 'unref']();
			}
		},
	};
};
