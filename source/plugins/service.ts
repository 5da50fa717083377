/**
 * What the engine knows of plugins: hooks around its jobs, events, and everything that can be asked of them. Plugins are started when they are first
 * needed, and only when the settings name some.
 */
import type {InstanceRef} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {createAdapterLookup} from './adapters.js';
import {createAgentCalls} from './agents.js';
import type {PluginData, PluginInstance, PluginRecordData} from './api.js';
import {readBlocks} from './blocks.js';
import {createEventQueues} from './event-queues.js';
import type {PluginHost} from './host.js';
import type {CallName, PluginCalls, PluginDescription} from './messages.js';
import {noPlugin} from './no-plugin.js';
import {inOrder} from './order.js';
import {absenceOf, judge} from './policy.js';
import type {PluginExcludes, PluginService} from './service-types.js';
import {unlessAborted, within} from './waiting.js';

/** What a job and the screens need of an instance to tell plugins. */
export const toPluginInstance = (instance: InstanceRef, store: string): PluginInstance => ({
	name: instance.name,
	kind: instance.kind,
	dataFolder: instance.dataFolder,
	store,
});

const maximumItems = 10_000;

const isPaths = (answer: unknown): answer is readonly string[] =>
	Array.isArray(answer) && answer.length <= maximumItems && answer.every(item => typeof item === 'string');

const recordOf = (value: unknown): PluginRecordData =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PluginRecordData) : {};

/** How long a command may wait at its end for events that plugins are still busy with. */
const lingerMilliseconds = 20_000;

/**
 * @param createHost reads the settings as they are now and makes a host of them, null when they name no plugin; or one for a single plugin.
 */
export const createPluginService = (
	createHost: (source?: string) => PluginHost | null,
	isUsed: () => boolean,
): PluginService => {
	let host: PluginHost | null | undefined;
	let isClosed = false;
	let used: boolean | undefined;
	/** Asked for every event: the settings are read once. */
	const isInUse = (): boolean => {
		used ??= isUsed();
		return used;
	};

	const running = async (signal?: AbortSignal): Promise<PluginHost | null> => {
		if (isClosed) {
			return null;
		}

		host ??= createHost();
		await unlessAborted(host?.start(), signal);
		return host;
	};

	const call = async <Name extends CallName>(
		id: string,
		name: Name,
		input: PluginCalls[Name]['input'],
		options: {readonly instance?: PluginInstance | null; readonly signal?: AbortSignal | undefined} = {},
	): Promise<unknown> => {
		const started = await running();
		if (!started) {
			throw noPlugin(id);
		}

		return started.call(id, name, input, options);
	};

	const describe = (id: string): PluginDescription | null =>
		host?.plugins().find(({state, description}) => state === 'active' && description?.id === id)?.description ?? null;

	const active = (ability: string, has: (description: PluginDescription) => boolean): readonly string[] =>
		inOrder(
			(host?.plugins() ?? []).flatMap(({state, description}) =>
				state === 'active' && description ? [description] : [],
			),
			ability,
		)
			.filter(has)
			.map(({id}) => id);

	/** Those a job waits for at this moment. */
	const asked = new Set<string>();
	const asJob = async <Value>(id: string, ask: () => Promise<Value>): Promise<Value> => {
		asked.add(id);
		try {
			return await ask();
		} finally {
			asked.delete(id);
		}
	};

	/** Events on their way to plugins that are still being started. */
	const arriving = new Set<Promise<void>>();
	const queues = createEventQueues({
		call: async (id, name, input, instance) => call(id, name, input as never, {instance}),
		isolate: (id, reason) => host?.isolate(id, reason),
	});

	return {
		...createAdapterLookup(running),
		...createAgentCalls(running, () => active('agents', ({abilities}) => abilities.includes('agents'))),
		isUsed: isInUse,
		async start() {
			await running();
		},
		list: async () => (await running())?.plugins() ?? [],
		isAsked: id => asked.has(id),
		async hook(name, input, options) {
			const isBefore = name === 'beforeBackup' || name === 'beforeRestore';
			const signal = isBefore ? options.signal : undefined;
			const started = await running(signal);
			for (const status of isBefore ? (started?.plugins() ?? []) : []) {
				const absence = absenceOf(status);
				if (absence) {
					judge(absence, options, true);
				}
			}

			for (const id of active('hooks', ({hooks}) => hooks.includes(name))) {
				try {
					await asJob(id, async () => started?.call(id, name, input, {instance: options.instance, signal}));
				} catch (error) {
					judge(error, options, isBefore);
				}
			}
		},
		async excludes(excludes, told, options) {
			const started = await running(options.signal);
			const found: PluginExcludes[] = [];
			const known = [...excludes];
			for (const id of active('hooks', ({hooks}) => hooks.includes('additionalExcludes'))) {
				try {
					const {instance, signal} = options;
					const answer = await asJob(id, async () =>
						started?.call(id, 'additionalExcludes', {excludes: known}, {instance, signal}),
					);
					if (!isPaths(answer)) {
						throw started?.refuse(id, 'additionalExcludes did not answer with a list of paths.');
					}

					const items = answer;
					known.push(...told(id, items));
					found.push({plugin: id, items});
				} catch (error) {
					judge(error, options, true);
				}
			}

			return found;
		},
		event(event, instance) {
			if (isInUse() && !isClosed) {
				const arrival = running()
					.then(() => {
						queues.add(event, instance, {
							events: active('events', ({abilities}) => abilities.includes('events')),
							progress: active('progress', ({abilities}) => abilities.includes('progress')),
						});
					})
					.finally(() => arriving.delete(arrival));
				arriving.add(arrival);
			}
		},
		async environment(instance) {
			const started = await running();
			const facts: Record<string, PluginRecordData> = {};
			for (const id of active('environment', ({abilities}) => abilities.includes('environment'))) {
				try {
					facts[id] = recordOf(await asJob(id, async () => started?.call(id, 'environment', null, {instance})));
				} catch {
					// It is told as the plugin's failure; facts are not worth more.
				}
			}

			for (const id of active('environment', ({abilities}) => abilities.includes('onEnvironment'))) {
				await asJob(id, async () => started?.call(id, 'onEnvironment', {facts}, {instance})).catch(() => undefined);
			}

			return facts;
		},
		async check(source) {
			const alone = createHost(source);
			try {
				await alone?.start();
				const [status] = alone?.plugins() ?? [];
				return status ?? {source, state: 'refused', reason: 'It could not be looked at.', description: null};
			} finally {
				await alone?.close();
			}
		},
		async command(id, name, data, instance) {
			if (name === null) {
				return (await call(id, 'get', null, {instance})) as PluginData;
			}

			await running();
			const {commands = []} = describe(id) ?? {};
			const command = commands.find(one => one.name === name);
			const missing = command?.required.filter(parameter => data[parameter] === undefined) ?? [];
			if (describe(id) && (!command || missing.length > 0)) {
				const names = commands.map(one => one.name).join(', ');
				throw new PrintkeepError(
					'usage',
					command
						? `The command ${name} of the plugin ${id} needs ${missing.join(', ')}.`
						: `The plugin ${safeText(id)} has no command called ${safeText(name)}.`,
					{
						hint: command
							? `Give them as ${missing.map(parameter => `${parameter}=VALUE`).join(' ')}.`
							: names === ''
								? 'It has no commands at all.'
								: `It has: ${names}.`,
					},
				);
			}

			return (await call(id, 'command', {name, data}, {instance})) as PluginData;
		},
		async screen(id, name, instance) {
			const read = readBlocks(await call(id, 'screen', {name}, {instance}));
			if (read.type === 'refused') {
				throw host?.refuse(id, `its screen ${safeText(name)} ${read.reason}`);
			}

			return read.blocks;
		},
		async wizard(id) {
			const answer = recordOf(await call(id, 'wizard', null));
			return {required: answer.required === true, version: describe(id)?.wizardVersion ?? null};
		},
		async finishWizard(id, handled) {
			await call(id, 'finishWizard', {handled});
		},
		readSettings: async id => recordOf(await call(id, 'readSettings', null)),
		changeSettings: async (id, changes) => recordOf(await call(id, 'changeSettings', {changes})),
		async cleanSettings(id) {
			await call(id, 'cleanSettings', null);
		},
		async pendingRemoval(id) {
			const started = await running();
			const isThere = started
				?.plugins()
				.some(
					({state, description}) =>
						state === 'active' && description?.id === id && description.abilities.includes('onPendingRemoval'),
				);
			if (isThere) {
				await started?.call(id, 'onPendingRemoval', null);
			}
		},
		async reload() {
			const old = host;
			host = undefined;
			used = undefined;
			await old?.close();
		},
		async close(endJobs = async () => undefined) {
			// The first event is what starts plugins in a command that needs them for nothing else.
			await Promise.all(arriving);
			if (host) {
				const longest = Math.max(
					lingerMilliseconds,
					...host.plugins().map(({description}) => 1000 * (description?.timeLimits.onEvent ?? 0)),
				);
				await within(queues.drained(), longest);
			}

			await endJobs();
			isClosed = true;
			await host?.close();
		},
	};
};
