/** What each call does with a plugin. What a plugin answers is checked by whoever asked; here it only has to be plain data. */
import type {Plugin, PluginAdapter, PluginContext} from '../api.js';
import type {CallName, PluginCalls} from '../messages.js';
import {downloadFrom, type ThreadAgents, uploadTo} from './agents.js';
import type {ThreadSettings} from './plugin-settings.js';

/** Servers an adapter has brought to rest, by what lets each of them go on. */
export type Resting = {
	/** @returns its token */
	readonly keep: (release: () => unknown) => number;
	/** Lets it go on; a token counts once. */
	readonly release: (token: number) => Promise<void>;
};

export const createResting = (): Resting => {
	const waiting = new Map<number, () => unknown>();
	let next = 1;
	return {
		keep(release) {
			waiting.set(next, release);
			return next++;
		},
		async release(token) {
			const release = waiting.get(token);
			waiting.delete(token);
			if (!release) {
				throw new RangeError('There is nothing to let go on.');
			}

			await release();
		},
	};
};

const adapterOf = ({adapter}: Plugin): PluginAdapter => {
	if (!adapter) {
		throw new RangeError('It knows no kind of server.');
	}

	return adapter;
};

/** `id`: as it was when it was loaded. */
export type LoadedPlugin = {
	readonly id: string;
	readonly plugin: Plugin;
	readonly settings: ThreadSettings;
	readonly agents: ThreadAgents;
	readonly resting: Resting;
};

/** What a call may tell before it answers. */
export type CallReports = {
	/** Bytes a transfer is past. */
	readonly progress: (bytes: number) => void;
	readonly agentsChanged: () => void;
};

type Handlers = {
	readonly [Name in CallName]: (
		loaded: LoadedPlugin,
		input: PluginCalls[Name]['input'],
		context: PluginContext,
		reports: CallReports,
	) => Promise<unknown>;
};

export const callHandlers: Handlers = {
	additionalExcludes: async ({plugin}, {excludes}, context) =>
		(await plugin.hooks?.additionalExcludes?.(excludes, context)) ?? [],
	beforeBackup: async ({plugin}, input, context) => plugin.hooks?.beforeBackup?.(input, context),
	afterBackup: async ({plugin}, input, context) => plugin.hooks?.afterBackup?.(input, context),
	beforeRestore: async ({plugin}, input, context) => plugin.hooks?.beforeRestore?.(input, context),
	afterRestore: async ({plugin}, input, context) => plugin.hooks?.afterRestore?.(input, context),
	onEvent: async ({plugin}, {name, payload}, context) => plugin.onEvent?.(name, payload, context),
	onProgress: async ({plugin}, {job, percent}, context) => plugin.onProgress?.(job, percent, context),
	initializeSettings: async ({settings}, _input, context) => settings.initialize(context),
	onStartup: async ({plugin}, _input, context) => plugin.onStartup?.(context),
	onAfterStartup: async ({plugin}, _input, context) => plugin.onAfterStartup?.(context),
	onShutdown: async ({plugin}, _input, context) => plugin.onShutdown?.(context),
	onPendingRemoval: async ({plugin}, _input, context) => plugin.onPendingRemoval?.(context),
	environment: async ({plugin}, _input, context) => (await plugin.environment?.(context)) ?? {},
	onEnvironment: async ({plugin}, {facts}, context) => plugin.onEnvironment?.(facts, context),
	async command({plugin}, {name, data}, context) {
		const command = Object.hasOwn(plugin.commands ?? {}, name) ? plugin.commands?.[name] : undefined;
		if (!command) {
			throw new RangeError(`It has no command called ${name}.`);
		}

		return command.run(data, context);
	},
	get: async ({plugin}, _input, context) => (await plugin.get?.(context)) ?? null,
	async screen({plugin}, {name}, context) {
		const screen = plugin.screens?.find(one => one.name === name);
		if (!screen) {
			throw new RangeError(`It has no screen called ${name}.`);
		}

		return screen.content(context);
	},
	wizard: async ({plugin}, _input, context) => ({
		required: (await plugin.wizard?.required(context)) === true,
		details: (await plugin.wizard?.details?.(context)) ?? null,
	}),
	finishWizard: async ({plugin}, {handled}, context) => plugin.wizard?.onFinish?.(handled, context),
	readSettings: async ({settings}, _input, context) => settings.visible(context),
	async changeSettings({settings}, {changes}, context) {
		await settings.change(changes, context);
		return settings.visible(context);
	},
	cleanSettings: async ({settings}, _input, context) => settings.clean(context),
	adapterDetect: async ({plugin}, _input, context) => adapterOf(plugin).detect(context),
	adapterInspect: async ({plugin}, {dataFolder}, context) => adapterOf(plugin).inspect(dataFolder, context),
	adapterParts: async ({plugin}, {dataFolder}, context) => adapterOf(plugin).parts(dataFolder, context),
	adapterQuiesce: async ({plugin, resting}, {dataFolder}, context) => {
		const release = await adapterOf(plugin).quiesce?.(dataFolder, context);
		if (typeof release !== 'function') {
			throw new TypeError('quiesce did not answer with a function.');
		}

		const token = resting.keep(release);
		if (context.signal.aborted) {
			// Whoever asked has gone: nobody else would let the server go on.
			await resting.release(token);
		}

		return token;
	},
	adapterRelease: async ({resting}, {token}) => resting.release(token),
	adapterReadiness: async ({plugin}, {dataFolder}, context) => adapterOf(plugin).readiness?.(dataFolder, context),
	watchAgents: async ({agents}, _input, context, {agentsChanged}) => agents.watch(agentsChanged, context),
	agents: async ({agents}, _input, context) => (await agents.list(context)).map(({id, name}) => ({id, name})),
	agentBackups: async ({agents}, {agent}, context) => (await agents.find(agent, context)).list(context),
	agentGet: async ({agents}, {agent, id}, context) => (await agents.find(agent, context)).get(id, context),
	agentUpload: async ({agents}, input, context, {progress}) =>
		uploadTo(await agents.find(input.agent, context), input, {context, tell: progress}),
	agentDownload: async ({agents}, input, context, {progress}) =>
		downloadFrom(await agents.find(input.agent, context), input, {context, tell: progress}),
	agentDelete: async ({agents}, {agent, id}, context) => (await agents.find(agent, context)).delete(id, context),
};
