/** What each call does with a plugin. What a plugin answers is checked by whoever asked; here it only has to be plain data. */
import type {Plugin, PluginContext} from '../api.js';
import type {CallName, PluginCalls} from '../messages.js';
import type {ThreadSettings} from './plugin-settings.js';

/** `id`: as it was when it was loaded. */
export type LoadedPlugin = {readonly id: string; readonly plugin: Plugin; readonly settings: ThreadSettings};

type Handlers = {
	readonly [Name in CallName]: (
		loaded: LoadedPlugin,
		input: PluginCalls[Name]['input'],
		context: PluginContext,
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
};
