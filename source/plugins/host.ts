/**
 * The plugin thread seen from outside: starts it, asks it, and ends it when a plugin does not give it back. What a plugin does wrong is put down to that
 * plugin: one that blocked the thread, used it up or ended it is not loaded again until the next start; the others go on in a new thread.
 * Why one long file: starting, asking and ending share one state, which has to be right in every order of events.
 */
import {isPrintkeepError, PrintkeepError, toErrorData} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {PluginInstance} from './api.js';
import {type HostLimits, limitOf, usualLimits} from './limits.js';
import type {
	CallName,
	FromHost,
	HostRequestName,
	HostRequests,
	PluginCalls,
	PluginConfiguration,
	PluginDescription,
	StoredSettings,
} from './messages.js';
import {noPlugin} from './no-plugin.js';
import {inOrder} from './order.js';
import {type PluginWorker, startPluginWorker, type ThreadEnd} from './plugin-worker.js';
import {resolveSource} from './resolve-source.js';

export type PluginStatus = {
	readonly source: string;
	/** `failed`: it was loaded, and is not asked any more. `refused`: it was never loaded. */
	readonly state: 'active' | 'failed' | 'refused';
	/** Why, in words; also of an active plugin's last failure. Empty when nothing ever went wrong. */
	readonly reason: string;
	readonly description: PluginDescription | null;
};

export type CallOptions = {
	readonly instance?: PluginInstance | null;
	readonly signal?: AbortSignal | undefined;
	/** Told how many bytes a transfer is past. Any sign of life gives it its time anew. */
	readonly onProgress?: ((bytes: number) => void) | undefined;
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
		options?: CallOptions,
	) => Promise<unknown>;
	/** Tells why a plugin is not to be asked any more. */
	readonly isolate: (id: string, reason: string) => void;
	/**
	 * Counts an answer against a plugin that is none.
	 * @param name of what was asked, where that decides how much it weighs. @returns what to throw
	 */
	readonly refuse: (id: string, reason: string, name?: CallName) => PrintkeepError;
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
	/** Told when a plugin has other agents than before. */
	readonly onAgentsChanged?: ((plugin: string) => void) | undefined;
	readonly limits?: Partial<HostLimits>;
};

type Slot = {
	readonly source: string;
	readonly url: string;
	description: PluginDescription | null;
	state: PluginStatus['state'] | 'loading';
	reason: string;
	failures: number;
};

type Pending = {
	readonly slot: Slot;
	readonly name: CallName;
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: unknown) => void;
	/** True when the plugin may have done something already. */
	isBegun: boolean;
	readonly onProgress: (bytes: number) => void;
};

type Thread = {
	readonly worker: PluginWorker;
	/** The slots it was started with, in the order of its plugins. */
	readonly slots: readonly Slot[];
	readonly ready: PromiseWithResolvers<void>;
	/** Ends it when a plugin takes too long to be loaded. */
	loadTime: NodeJS.Timeout | undefined;
};

/** What a call ends with that never reached its plugin, since the thread ended because of another one: it can be made again. */
const notBegun = Symbol('not begun');

const nameOf = ({description, source}: Slot): string => safeText(description?.id ?? source);

const failed = (slot: Slot, reason: string): PrintkeepError =>
	new PrintkeepError('plugin-failed', `The plugin ${nameOf(slot)} failed: ${reason}`, {
		hint: `Switch it off with: printkeep plugins disable ${nameOf(slot)}`,
	});

/** Calls whose failure is told and has no consequences: a server of which nobody knows what it does can still be backed up. */
const mild: ReadonlySet<CallName> = new Set(['adapterReadiness']);

/** What a plugin is asked around a job: throwing is its way to say no, and each job says so by itself. */
const mayRefuse: ReadonlySet<CallName> = new Set(['beforeBackup', 'afterBackup', 'beforeRestore', 'afterRestore']);

/** What an agent says of the place it stands for is no fault of the plugin's. Undefined for everything else. */
const agentRefusal = (
	name: CallName,
	{message, code}: {readonly message: string; readonly code: string},
): PrintkeepError | undefined => {
	const isAgent = name.startsWith('agent');
	if (isAgent && code === 'not-found') {
		return new PrintkeepError('not-found', safeText(message), {hint: 'See what is there with: printkeep agents AGENT'});
	}

	if (isAgent && code === 'no-agent') {
		return new PrintkeepError('no-agent', safeText(message), {hint: 'See which there are with: printkeep agents'});
	}

	return isAgent && code === 'agent-error'
		? new PrintkeepError('remote-failed', safeText(message), {
				hint: 'Nothing is wrong with your backups here. Try again later.',
			})
		: undefined;
};

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
	let isStarted = false;
	const workers: PluginWorker[] = [];
	let restarting: Promise<void> | undefined;
	/** As they are stored now: a new thread starts with these. */
	const stored: Record<string, StoredSettings> = {...options.configuration.settings};

	const fail = (slot: Slot, reason: string, isOver: boolean, isMild = false): void => {
		slot.reason = reason;
		slot.failures += isMild ? 0 : 1;
		if ((isOver || slot.failures >= limits.failures) && slot.state !== 'refused') {
			slot.state = slot.description ? 'failed' : 'refused';
		}

		options.onFailure(nameOf(slot), reason);
	};

	const onDeath = (dead: Thread, {why, plugin}: ThreadEnd): void => {
		clearTimeout(dead.loadTime);
		const asked = [...new Set([...pending.values()].map(({slot}) => slot))];
		const culprit =
			dead.slots[plugin] ??
			dead.slots.find(({state}) => state === 'loading') ??
			(asked.length === 1 ? asked[0] : undefined);
		thread = null;
		if (isClosed) {
			// Nobody is to blame for an end that was asked for.
		} else if (culprit) {
			// One whose time was over has been told of.
			if (culprit.state === 'active' || culprit.state === 'loading') {
				fail(culprit, why, true);
			}
		} else {
			unexplained++;
			options.onLog('warning', '', `The plugin thread ended, and no plugin can be named for it: ${why}`);
		}

		const others = culprit ? `The plugin thread was ended because of ${nameOf(culprit)}.` : why;
		for (const [id, {slot, reject, isBegun}] of [...pending]) {
			pending.delete(id);
			if (slot !== culprit && !isBegun && !isClosed) {
				reject(notBegun);
			} else {
				reject(Object.assign(failed(slot, slot === culprit ? why : others), {isTold: true}));
			}
		}

		dead.ready.resolve();
	};

	const answer = async (running: Thread, message: Extract<FromHost, {type: 'request'}>): Promise<void> => {
		const {id, name, input} = message;
		const plugin = running.slots[message.plugin]?.description?.id ?? '';
		try {
			// Name and input were paired where the message was made.
			const value = await (options.requests[name] as (input: unknown, plugin: string) => Promise<unknown>)(
				input,
				plugin,
			);
			if (message.name === 'saveSettings') {
				stored[message.input.id] = message.input.stored;
			}

			running.worker.send({type: 'answer', id, ok: true, value});
		} catch (error) {
			running.worker.send({type: 'answer', id, ok: false, error: toErrorData(error)});
		}
	};

	const onMessage = (running: Thread, message: FromHost): void => {
		const slot = 'plugin' in message ? running.slots[message.plugin] : undefined;
		switch (message.type) {
			case 'loaded':
				if (slot) {
					slot.description = message.description;
					slot.state = 'active';
					// The next one has its own time.
					running.loadTime?.refresh();
				}

				break;
			case 'refused':
				if (slot) {
					slot.state = 'refused';
					slot.reason = safeText(message.reason);
					options.onFailure(nameOf(slot), slot.reason);
					running.loadTime?.refresh();
				}

				break;
			case 'ready':
				running.ready.resolve();
				break;
			case 'begun': {
				const asked = pending.get(message.id);
				if (asked) {
					asked.isBegun = true;
				}

				break;
			}

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
							: (agentRefusal(asked.name, message) ?? failed(asked.slot, safeText(message.message)));
					asked.reject(Object.assign(error, {pluginCode: message.code}));
				}

				break;
			}

			case 'request':
				void answer(running, message);
				break;
			case 'log':
				options.onLog(message.level, slot ? nameOf(slot) : '', safeText(message.text));
				break;
			case 'call-progress':
				pending.get(message.id)?.onProgress(message.bytes);
				break;
			case 'agents-changed':
				if (slot) {
					options.onAgentsChanged?.(nameOf(slot));
				}

				break;
			case 'flood':
				running.worker.end('It said more than anybody could read.', message.plugin);
				break;
			case 'stray':
				if (!slot) {
					options.onLog('warning', '', `In the plugin thread: ${safeText(message.message)}`);
				} else if (slot.state === 'active') {
					fail(slot, safeText(message.message), false);
				}

				break;
		}
	};

	const startThread = async (): Promise<void> => {
		const wanted = slots.filter(({state}) => state === 'loading' || state === 'active');
		for (const slot of wanted) {
			slot.state = 'loading';
		}

		const worker = startPluginWorker({
			url: options.url,
			limits,
			data: {
				plugins: wanted.map(({source, url}) => ({source, url})),
				settings: stored,
				stateFolder: options.stateFolder,
				apiUrl: options.apiUrl,
			},
			isAsked: () => pending.size > 0,
			isLoading: () => wanted.some(({state}) => state === 'loading'),
			onMessage: message => onMessage(running, message),
			onPrinted: line => options.onLog('info', '', safeText(line)),
		});
		const running: Thread = {worker, slots: wanted, ready: Promise.withResolvers<void>(), loadTime: undefined};
		thread = running;
		workers.push(worker);
		void worker.over.then(ended => onDeath(running, ended));
		running.loadTime = setTimeout(() => {
			const place = worker.atWork();
			const loading = wanted.findIndex(({state}) => state === 'loading');
			worker.end(`It was not loaded within ${limits.loadMilliseconds / 1000} seconds.`, place === -1 ? loading : place);
		}, limits.loadMilliseconds);
		await running.ready.promise;
		clearTimeout(running.loadTime);
	};

	const bySource = (id: string): Slot | undefined => slots.find(({description}) => description?.id === id);

	const ask = async <Name extends CallName>(
		slot: Slot,
		name: Name,
		input: PluginCalls[Name]['input'],
		{instance = null, signal, onProgress}: CallOptions = {},
	): Promise<unknown> => {
		const running = thread;
		const place = running?.slots.indexOf(slot) ?? -1;
		if (!running || running.worker.isEnding() || place === -1) {
			throw notBegun;
		}

		const id = nextId++;
		const limit = limitOf(limits, name, slot.description?.timeLimits ?? {});
		const {promise, resolve, reject} = Promise.withResolvers<unknown>();
		const abandon = (error: unknown): void => {
			if (pending.delete(id)) {
				running.worker.send({type: 'abandon', id});
				reject(error);
			}
		};
		const expire = (): void => {
			if (pending.has(id)) {
				const reason = onProgress
					? `${name} did not get on for ${limit / 1000} seconds.`
					: `${name} did not answer within ${limit / 1000} seconds.`;
				fail(slot, reason, !mild.has(name), mild.has(name));
				abandon(Object.assign(failed(slot, reason), {isTold: true}));
			}
		};
		// An answer that came while this thread was held up is read before anything is made of its time.
		const timer = setTimeout(() => setImmediate(expire), limit);
		pending.set(id, {
			slot,
			name,
			resolve,
			reject,
			isBegun: false,
			onProgress(bytes) {
				timer.refresh();
				onProgress?.(bytes);
			},
		});
		const onAbort = (): void => abandon(signal?.reason);
		signal?.addEventListener('abort', onAbort, {once: true});
		if (signal?.aborted) {
			onAbort();
		} else {
			running.worker.send({type: 'call', id, plugin: place, name, instance, input});
		}

		// Whoever waits for an answer keeps the process alive; an idle thread does not.
		running.worker.hold(true);
		try {
			return await promise;
		} finally {
			clearTimeout(timer);
			signal?.removeEventListener('abort', onAbort);
			if (pending.size === 0) {
				running.worker.hold(false);
			}
		}
	};

	/** The plugins of a thread that run and have an ability, in their order. */
	const inTurn = ({slots: all}: Thread, ability: string): readonly Slot[] => {
		const able = all.flatMap(slot => {
			const {state, description} = slot;
			return state === 'active' && description?.abilities.includes(ability) ? [{slot, ...description}] : [];
		});
		return inOrder(able, ability).map(({slot}) => slot);
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
					['watchAgents', 'agents'],
				] as const;
				for (const [name, ability] of steps) {
					for (const slot of inTurn(started, ability)) {
						if (slot.state === 'active') {
							await ask(slot, name, null).catch((error: unknown) => note(slot, name, error));
						}
					}
				}

				if (started.worker.isEnding()) {
					await started.worker.over;
				} else {
					return;
				}
			}

			if (!slots.some(({state}) => state === 'active' || state === 'loading')) {
				return;
			}
		}

		for (const slot of slots) {
			if (slot.state === 'loading' || slot.state === 'active') {
				slot.state = slot.description ? 'failed' : 'refused';
				slot.reason ||= 'The plugin thread could not be kept running.';
			}
		}
	};

	/** Counts a failure that was not counted where it was found. */
	const note = (slot: Slot, name: CallName, error: unknown): void => {
		const isDeath = error === notBegun || thread === null || slot.state !== 'active';
		const isTold = typeof error === 'object' && error !== null && 'isTold' in error;
		// What was asked for was wrong, or what an agent stands for says no: not the plugin.
		const isInnocent = isPrintkeepError(error) && error.code !== 'plugin-failed';
		if (!isDeath && !isTold && !isInnocent) {
			const reason = toErrorData(error).message.replace(/^The plugin \S+ failed: /u, '');
			fail(slot, reason, false, mild.has(name) || mayRefuse.has(name));
		}
	};

	/** Waits for a thread that can be asked; there is none afterwards when none could be kept running. */
	const ready = async (): Promise<void> => {
		if (thread?.worker.isEnding()) {
			await thread.worker.over;
		}

		if (!thread && !isClosed && slots.some(({state}) => state === 'active')) {
			// The last one died of another plugin: the others go on in a new one.
			restarting ??= startPlugins().finally(() => {
				restarting = undefined;
			});
		}

		await restarting;
	};

	const start = async (): Promise<void> => {
		starting ??= (async () => {
			for (const {source, enabled} of options.configuration.entries) {
				if (!enabled) {
					continue;
				}

				const found = resolveSource(source, options.packageFolder);
				const common = {source, description: null, failures: 0};
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

			isStarted = true;
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
		async call(id, name, input, callOptions = {}) {
			await start();
			// Each thread that ends takes one plugin out, so that this has an end.
			for (let left = slots.length + 2; left > 0; left--) {
				await ready();
				const slot = bySource(id);
				// A server that was brought to rest is let go on by whoever did it, whatever happened to that plugin since.
				const isLetting = name === 'adapterRelease' && slot?.state === 'failed' && thread !== null;
				if (!slot || (slot.state !== 'active' && !isLetting)) {
					throw slot
						? new PrintkeepError('plugin-failed', `The plugin ${safeText(id)} is not running.`, {
								hint: 'See why with: printkeep plugins list',
							})
						: noPlugin(id);
				}

				try {
					return await ask(slot, name, input, callOptions);
				} catch (error) {
					callOptions.signal?.throwIfAborted();
					note(slot, name, error);
					if (error !== notBegun) {
						throw error;
					}
				}
			}

			throw new PrintkeepError('plugin-failed', `The plugin ${safeText(id)} is not running.`, {
				hint: 'See why with: printkeep plugins list',
			});
		},
		isolate(id, reason) {
			const slot = bySource(id);
			if (slot && slot.state === 'active') {
				fail(slot, reason, true);
			}
		},
		refuse(id, reason, name) {
			const slot = bySource(id);
			if (!slot) {
				return new PrintkeepError('plugin-failed', `The plugin ${safeText(id)} failed: ${reason}`);
			}

			fail(slot, reason, false, name !== undefined && mild.has(name));
			return failed(slot, reason);
		},
		async close() {
			const running = thread;
			if (isStarted && running && !running.worker.isEnding()) {
				for (const slot of inTurn(running, 'life')) {
					await ask(slot, 'onShutdown', null).catch((error: unknown) => note(slot, 'onShutdown', error));
				}
			}

			isClosed = true;
			thread?.worker.end('Printkeep ends.');
			await thread?.worker.over;
			await starting;
			// One that waits for the system keeps the process from ending by itself, which it then has to be made to.
			for (const worker of workers) {
				worker.hold(true);
			}
		},
	};
};
