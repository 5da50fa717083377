/**
 * The plugin thread seen from outside: starts it, asks it, and ends it when a plugin does not give it back. What a plugin does wrong is put down to that
 * plugin: one that blocked the thread, used it up or ended it is not loaded again until the next start; the others go on in a new thread.
 * Why one long file: starting, asking and ending share one state, which has to be right in every order of events.
 */
import {Worker} from 'node:worker_threads';
import {isPrintkeepError, PrintkeepError, toErrorData} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {PluginInstance} from './api.js';
import {type HostLimits, limitOf, usualLimits} from './limits.js';
import type {
	CallName,
	FromHost,
	HostData,
	HostRequestName,
	HostRequests,
	PluginCalls,
	PluginConfiguration,
	PluginDescription,
	ToHost,
} from './messages.js';
import {resolveSource} from './resolve-source.js';

export type PluginStatus = {
	readonly source: string;
	/** `failed`: it was loaded, and is not asked any more. `refused`: it was never loaded. */
	readonly state: 'active' | 'failed' | 'refused';
	/** Why, in words; also of an active plugin's last failure. Empty when nothing ever went wrong. */
	readonly reason: string;
	readonly description: PluginDescription | null;
};

export type PluginHost = {
	/** Starts the thread and every plugin, once. Never rejects: what cannot be started is told by `plugins`. */
	readonly start: () => Promise<void>;
	readonly plugins: () => readonly PluginStatus[];
	/**
	 * Asks one plugin. What it answers is plain data, and not checked any further.
	 * @param id of the plugin. @throws plugin-failed with the plugin's name; cancelled when the signal says so.
	 */
	readonly call: <Name extends CallName>(
		id: string,
		name: Name,
		input: PluginCalls[Name]['input'],
		options?: {readonly instance?: PluginInstance | null; readonly signal?: AbortSignal | undefined},
	) => Promise<unknown>;
	/** Tells why a plugin is not to be asked any more. */
	readonly isolate: (id: string, reason: string) => void;
	/** Lets plugins shut down, and ends the thread. */
	readonly close: () => Promise<void>;
};

export type HostOptions = {
	/** Program of the thread. */
	readonly url: URL;
	/** Module behind `printkeep/plugin`. */
	readonly apiUrl: string;
	readonly configuration: PluginConfiguration;
	/** Folder whose `node_modules` has the packages. */
	readonly packageFolder: string;
	/** Folder for private folders of plugins. */
	readonly stateFolder: string;
	readonly requests: {
		readonly [Name in HostRequestName]: (
			input: HostRequests[Name]['input'],
			plugin: string,
		) => Promise<HostRequests[Name]['output']>;
	};
	readonly onLog: (level: 'debug' | 'info' | 'warning' | 'error', plugin: string, text: string) => void;
	/** Told of every failure, and of none twice. */
	readonly onFailure: (plugin: string, reason: string) => void;
	readonly limits?: Partial<HostLimits>;
};

type Slot = {
	readonly source: string;
	readonly url: string;
	description: PluginDescription | null;
	state: PluginStatus['state'] | 'loading';
	reason: string;
	failures: number;
	/** Log lines in the present second. */
	lines: number;
};

type Pending = {
	readonly slot: Slot;
	readonly name: CallName;
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: unknown) => void;
};

type Thread = {
	readonly worker: Worker;
	readonly running: Int32Array;
	/** The slots it was started with, in the order of its plugins. */
	readonly slots: readonly Slot[];
	readonly ready: PromiseWithResolvers<void>;
	/** Resolves when it is gone. */
	readonly over: PromiseWithResolvers<void>;
	/** Answered a ping, and when it was asked. */
	lastPong: number;
	isEnding: boolean;
	/** Why it was ended from outside; empty when it ended by itself. */
	why: string;
};

const nameOf = ({description, source}: Slot): string => safeText(description?.id ?? source);

const failed = (slot: Slot, reason: string): PrintkeepError =>
	new PrintkeepError('plugin-failed', `The plugin ${nameOf(slot)} failed: ${reason}`, {
		hint: `See what it says with: printkeep plugins list, and switch it off with: printkeep plugins disable ${nameOf(slot)}`,
	});

/** Makes the host; nothing is started before it is asked to. */
export const createPluginHost = (options: HostOptions): PluginHost => {
	const limits = {...usualLimits, ...options.limits};
	const slots: Slot[] = [];
	const pending = new Map<number, Pending>();
	let thread: Thread | null = null;
	let starting: Promise<void> | undefined;
	let isClosed = false;
	let nextId = 1;
	let unexplained = 0;
	let restarting: Promise<void> | undefined;
	let watchdog: NodeJS.Timeout | undefined;

	const fail = (slot: Slot, reason: string, isOver: boolean): void => {
		slot.reason = reason;
		slot.failures++;
		if ((isOver || slot.failures >= limits.failures) && slot.state !== 'refused') {
			slot.state = slot.description ? 'failed' : 'refused';
		}

		options.onFailure(nameOf(slot), reason);
	};

	/** Ends the thread, and puts it down to a plugin as soon as it is over. */
	const end = (running: Thread, why: string): void => {
		if (!running.isEnding) {
			running.isEnding = true;
			running.why = why;
			void running.worker.terminate();
		}
	};

	const onDeath = (dead: Thread, detail: string): void => {
		dead.isEnding = true;
		clearInterval(watchdog);
		const marked = dead.slots[(dead.running[0] ?? 0) - 1] ?? dead.slots.find(({state}) => state === 'loading');
		const asked = [...new Set([...pending.values()].map(({slot}) => slot))];
		const culprit = marked ?? (asked.length === 1 ? asked[0] : undefined);
		const why = dead.why || detail;
		thread = null;
		if (isClosed) {
			// Nobody is to blame for an end that was asked for.
		} else if (culprit) {
			fail(culprit, why, true);
		} else {
			unexplained++;
			options.onLog('warning', '', `The plugin thread ended, and no plugin can be named for it: ${why}`);
		}

		const others = culprit ? `The plugin thread was ended because of ${nameOf(culprit)}.` : why;
		for (const [id, {slot, reject}] of [...pending]) {
			pending.delete(id);
			reject(failed(slot, slot === culprit ? why : others));
		}

		dead.ready.resolve();
		dead.over.resolve();
	};

	const answer = async (running: Thread, message: Extract<FromHost, {type: 'request'}>): Promise<void> => {
		const {id, name, input} = message;
		const plugin = running.slots[message.plugin]?.description?.id ?? '';
		const reply = (value: ToHost): void => {
			if (!running.isEnding) {
				running.worker.postMessage(value);
			}
		};
		try {
			// Name and input were paired where the message was made.
			const value = await (options.requests[name] as (input: unknown, plugin: string) => Promise<unknown>)(
				input,
				plugin,
			);
			reply({type: 'answer', id, ok: true, value});
		} catch (error) {
			reply({type: 'answer', id, ok: false, error: toErrorData(error)});
		}
	};

	const onMessage = (running: Thread, message: FromHost): void => {
		const slot = 'plugin' in message ? running.slots[message.plugin] : undefined;
		switch (message.type) {
			case 'loaded':
				if (slot) {
					slot.description = message.description;
					slot.state = 'active';
				}

				break;
			case 'refused':
				if (slot) {
					slot.state = 'refused';
					slot.reason = message.reason;
					options.onFailure(nameOf(slot), message.reason);
				}

				break;
			case 'ready':
				running.ready.resolve();
				break;
			case 'reply': {
				const asked = pending.get(message.id);
				pending.delete(message.id);
				if (!asked) {
					break;
				}

				if (message.ok) {
					asked.resolve(JSON.parse(message.json));
				} else {
					const error =
						message.code === 'invalid-setting'
							? new PrintkeepError('invalid-setting', safeText(message.message), {
									hint: `See what there is with: printkeep plugins settings ${nameOf(asked.slot)}`,
								})
							: failed(asked.slot, safeText(message.message));
					asked.reject(Object.assign(error, {pluginCode: message.code}));
				}

				break;
			}

			case 'request':
				void answer(running, message);
				break;
			case 'log':
				if (slot && slot.state === 'active') {
					slot.lines++;
					if (slot.lines === limits.linesPerSecond) {
						fail(slot, 'It wrote more into the log than anybody could read, and is not asked any more.', true);
					} else if (slot.lines < limits.linesPerSecond) {
						options.onLog(message.level, nameOf(slot), safeText(message.text));
					}
				}

				break;
			case 'stray':
				if (slot) {
					fail(slot, safeText(message.message), false);
				} else {
					options.onLog('warning', '', `In the plugin thread: ${safeText(message.message)}`);
				}

				break;
			case 'pong':
				running.lastPong = performance.now();
				break;
		}
	};

	/** While modules are loaded, which may take its time on a slow card, another limit holds. */
	const isLoaded = (running: Thread): boolean => running.slots.every(({state}) => state !== 'loading');

	/** Looks whether the thread still answers and how much memory it has. */
	const watch = (running: Thread): void => {
		for (const slot of running.slots) {
			slot.lines = 0;
		}

		if (running.isEnding) {
			return;
		}

		if (isLoaded(running) && performance.now() - running.lastPong > limits.blockedMilliseconds) {
			end(running, `It kept the plugin thread busy for over ${limits.blockedMilliseconds / 1000} seconds.`);
			return;
		}

		running.worker.postMessage({type: 'ping', id: 0} satisfies ToHost);
		running.worker
			.getHeapStatistics()
			.then(({external_memory: external}) => {
				if (external > limits.externalBytes) {
					end(running, `It took more than ${Math.round(limits.externalBytes / 1_000_000)} MB of memory.`);
				}
			})
			.catch(() => undefined);
	};

	const startThread = async (): Promise<void> => {
		const shared = new SharedArrayBuffer(4);
		const wanted = slots.filter(({state}) => state === 'loading' || state === 'active');
		for (const slot of wanted) {
			slot.state = 'loading';
		}

		const worker = new Worker(options.url, {
			workerData: {
				plugins: wanted.map(({source, url}) => ({source, url})),
				settings: options.configuration.settings,
				stateFolder: options.stateFolder,
				apiUrl: options.apiUrl,
				running: shared,
			} satisfies HostData,
			resourceLimits: {maxOldGenerationSizeMb: limits.heapMegabytes, maxYoungGenerationSizeMb: 8},
			// What a plugin prints is none of the screen's.
			stdout: true,
			stderr: true,
			stdin: false,
			trackUnmanagedFds: true,
		});
		const running: Thread = {
			worker,
			running: new Int32Array(shared),
			slots: wanted,
			ready: Promise.withResolvers<void>(),
			over: Promise.withResolvers<void>(),
			lastPong: performance.now(),
			isEnding: false,
			why: '',
		};
		thread = running;
		let detail = '';
		for (const stream of [worker.stdout, worker.stderr]) {
			let printed = 0;
			stream.setEncoding('utf8').on('data', (text: string) => {
				printed += text.length;
				for (const line of printed <= limits.printedCharacters ? text.split('\n') : []) {
					if (line !== '') {
						options.onLog('info', '', safeText(line));
					}
				}
			});
		}

		worker.on('message', (message: FromHost) => onMessage(running, message));
		worker.on('error', error => {
			const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
			detail = isMemory
				? `It took more than ${limits.heapMegabytes} MB of memory.`
				: `It ended the plugin thread: ${safeText(error instanceof Error ? error.message : String(error))}`;
		});
		worker.on('exit', code => onDeath(running, detail || `It ended the plugin thread with code ${code}.`));
		clearInterval(watchdog);
		watchdog = setInterval(() => watch(running), limits.lookMilliseconds);
		watchdog.unref();
		worker.unref();
		const loadTime = setTimeout(
			() => end(running, `It was not loaded within ${limits.loadMilliseconds / 1000} seconds.`),
			limits.loadMilliseconds,
		);
		worker.on('message', ({type}: FromHost) => {
			// The next one has its own time.
			if (type === 'loaded' || type === 'refused') {
				loadTime.refresh();
			}
		});
		await running.ready.promise;
		clearTimeout(loadTime);
	};

	const bySource = (id: string): Slot | undefined => slots.find(({description}) => description?.id === id);

	const ask = async <Name extends CallName>(
		slot: Slot,
		name: Name,
		input: PluginCalls[Name]['input'],
		instance: PluginInstance | null,
		signal: AbortSignal | undefined,
	): Promise<unknown> => {
		const running = thread;
		const place = running?.slots.indexOf(slot) ?? -1;
		if (!running || running.isEnding || place === -1) {
			throw failed(slot, slot.reason || 'The plugin thread is not there.');
		}

		const id = nextId++;
		const limit = limitOf(limits, name, slot.description?.timeLimits ?? {});
		const {promise, resolve, reject} = Promise.withResolvers<unknown>();
		pending.set(id, {slot, name, resolve, reject});
		const abandon = (error: unknown): void => {
			if (pending.delete(id)) {
				if (!running.isEnding) {
					running.worker.postMessage({type: 'abandon', id} satisfies ToHost);
				}

				reject(error);
			}
		};
		const timer = setTimeout(() => {
			const reason = `${name} did not answer within ${limit / 1000} seconds.`;
			fail(slot, reason, true);
			abandon(Object.assign(failed(slot, reason), {isTold: true}));
		}, limit);
		const onAbort = (): void => abandon(signal?.reason);
		signal?.addEventListener('abort', onAbort, {once: true});
		if (signal?.aborted) {
			onAbort();
		} else {
			running.worker.postMessage({type: 'call', id, plugin: place, name, instance, input} satisfies ToHost);
		}

		// Whoever waits for an answer keeps the process alive; an idle thread does not.
		running.worker.ref();
		try {
			return await promise;
		} finally {
			clearTimeout(timer);
			signal?.removeEventListener('abort', onAbort);
			if (pending.size === 0) {
				running.worker.unref();
			}
		}
	};

	/** Starts what the thread has loaded; a plugin that ends it costs another turn. */
	const startPlugins = async (): Promise<void> => {
		while (!isClosed && unexplained < 2) {
			await startThread();
			const started = thread;
			if (started) {
				const steps = [
					['initializeSettings', 'settings'],
					['onStartup', 'life'],
					['onAfterStartup', 'life'],
				] as const;
				for (const [name, ability] of steps) {
					for (const slot of started.slots) {
						if (slot.state === 'active' && slot.description?.abilities.includes(ability)) {
							await ask(slot, name, null, null, undefined).catch((error: unknown) => note(slot, error));
						}
					}
				}

				if (thread === started) {
					return;
				}
			}

			if (!slots.some(({state}) => state === 'active' || state === 'loading')) {
				return;
			}
		}

		for (const slot of slots) {
			if (slot.state === 'loading') {
				slot.state = 'refused';
				slot.reason ||= 'The plugin thread could not be kept running.';
			}
		}
	};

	/** Counts a failure that was not counted where it was found. */
	const note = (slot: Slot, error: unknown): void => {
		const isDeath = thread === null || slot.state !== 'active';
		const isTold = typeof error === 'object' && error !== null && 'isTold' in error;
		// What was asked for was wrong, and not the plugin.
		const isInnocent = isPrintkeepError(error) && error.code === 'invalid-setting';
		if (!isDeath && !isTold && !isInnocent) {
			fail(slot, toErrorData(error).message.replace(/^The plugin \S+ failed: /u, ''), false);
		}
	};

	const start = async (): Promise<void> => {
		starting ??= (async () => {
			for (const {source, enabled} of options.configuration.entries) {
				if (!enabled) {
					continue;
				}

				const found = resolveSource(source, options.packageFolder);
				const common = {source, description: null, failures: 0, lines: 0};
				slots.push(
					found.type === 'module'
						? {...common, url: found.url, state: 'loading', reason: ''}
						: {...common, url: '', state: 'refused', reason: found.reason},
				);
				if (found.type === 'refused') {
					options.onFailure(safeText(source), found.reason);
				}
			}

			if (slots.some(({state}) => state === 'loading')) {
				await startPlugins();
			}
		})();
		return starting;
	};

	return {
		start,
		plugins: () =>
			slots.map(({source, state, reason, description}) => ({
				source,
				state: state === 'loading' ? 'active' : state,
				reason,
				description,
			})),
		async call(id, name, input, {instance = null, signal} = {}) {
			await start();
			if (thread?.isEnding) {
				await thread.over.promise;
			}

			if (!thread && !isClosed && slots.some(({state}) => state === 'active')) {
				// The last one died of another plugin: this one goes on in a new one.
				restarting ??= startPlugins().finally(() => {
					restarting = undefined;
				});
			}

			await restarting;
			const slot = bySource(id);
			if (slot?.state !== 'active') {
				throw new PrintkeepError(slot ? 'plugin-failed' : 'no-plugin', `The plugin ${safeText(id)} is not running.`, {
					hint: 'See why with: printkeep plugins list',
				});
			}

			try {
				return await ask(slot, name, input, instance, signal);
			} catch (error) {
				if (signal?.aborted !== true) {
					note(slot, error);
				}

				throw error;
			}
		},
		isolate(id, reason) {
			const slot = bySource(id);
			if (slot && slot.state === 'active') {
				fail(slot, reason, true);
			}
		},
		async close() {
			await starting;
			const running = thread;
			if (running && !running.isEnding) {
				const ending = running.slots.filter(
					({state, description}) => state === 'active' && description?.abilities.includes('life'),
				);
				await Promise.all(
					ending.map(async slot => ask(slot, 'onShutdown', null, null, undefined).catch(() => undefined)),
				);
			}

			isClosed = true;
			clearInterval(watchdog);
			if (thread) {
				thread.isEnding = true;
				await thread.worker.terminate();
			}
		},
	};
};
