/** Reads what a module exports as a plugin, without trusting a single value of it. */
import {pluginKindName} from '../../client/server-kind.js';
import type {ScreenType} from '../api.js';
import {apiVersion, type Plugin} from '../api.js';
import type {PluginDescription} from '../messages.js';

const screenTypes: readonly string[] = [
	'tab',
	'status',
	'settings',
	'wizard',
	'about',
	'overlay',
] satisfies readonly ScreenType[];

const hookNames = ['additionalExcludes', 'beforeBackup', 'afterBackup', 'beforeRestore', 'afterRestore'] as const;

/** Everything a plugin may have, so that what is misspelt can be named. */
const properties: {readonly [Name in keyof Required<Plugin>]: true} = {
	apiVersion: true,
	id: true,
	name: true,
	version: true,
	description: true,
	author: true,
	url: true,
	order: true,
	needs: true,
	timeLimits: true,
	hooks: true,
	onEvent: true,
	onProgress: true,
	settings: true,
	onStartup: true,
	onAfterStartup: true,
	onShutdown: true,
	onPendingRemoval: true,
	environment: true,
	onEnvironment: true,
	commands: true,
	get: true,
	routes: true,
	screens: true,
	wizard: true,
	themes: true,
	symbols: true,
	adapter: true,
	agents: true,
	helpers: true,
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const lineOf = (value: unknown, length = 200): string => (typeof value === 'string' ? value.slice(0, length) : '');

const numbersOf = (value: unknown): Record<string, number> =>
	isRecord(value)
		? Object.fromEntries(Object.entries(value).filter((entry): entry is [string, number] => Number.isFinite(entry[1])))
		: {};

const textsOf = (value: unknown): Record<string, string> =>
	isRecord(value)
		? Object.fromEntries(
				Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
			)
		: {};

const listOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
	Array.isArray(value) ? value.filter(isRecord) : [];

/** What is wrong with the parts of it that are functions or lists where something else was given; empty when nothing is. */
const shapeProblem = (plugin: Readonly<Record<string, unknown>>): string => {
	const functions = [
		...['onEvent', 'onProgress', 'onStartup', 'onAfterStartup', 'onShutdown', 'onPendingRemoval'],
		...['environment', 'onEnvironment', 'get'],
	];
	const wrongFunction = functions.find(name => plugin[name] !== undefined && typeof plugin[name] !== 'function');
	if (wrongFunction !== undefined) {
		return `${wrongFunction} is no function`;
	}

	const {hooks, commands, screens, settings, adapter, agents} = plugin;
	if (hooks !== undefined) {
		if (!isRecord(hooks)) {
			return 'hooks is no object';
		}

		const wrongHook = Object.entries(hooks).find(
			([name, hook]) => !(hookNames as readonly string[]).includes(name) || typeof hook !== 'function',
		);
		if (wrongHook) {
			return `hooks.${lineOf(wrongHook[0], 60)} is no hook there is, or no function`;
		}
	}

	if (adapter !== undefined) {
		const wrong = ['detect', 'inspect', 'parts'].find(
			name => !isRecord(adapter) || typeof adapter[name] !== 'function',
		);
		if (wrong !== undefined) {
			return `adapter has no function ${wrong}`;
		}

		if (!isRecord(adapter) || typeof adapter.kind !== 'string' || !pluginKindName.test(adapter.kind)) {
			return 'adapter.kind is missing, or not made of small letters, digits and -';
		}

		const wrongOptional = ['quiesce', 'readiness'].find(
			name => adapter[name] !== undefined && typeof adapter[name] !== 'function',
		);
		if (wrongOptional !== undefined) {
			return `adapter.${wrongOptional} is no function`;
		}
	}

	if (agents !== undefined) {
		if (!isRecord(agents) || typeof agents.agents !== 'function') {
			return 'agents has no function agents';
		}

		if (agents.onChange !== undefined && typeof agents.onChange !== 'function') {
			return 'agents.onChange is no function';
		}
	}

	if (settings !== undefined && !(isRecord(settings) && isRecord(settings.defaults))) {
		return 'settings has no defaults';
	}

	if (commands !== undefined) {
		const wrongCommand = isRecord(commands)
			? Object.entries(commands).find(
					([name, command]) =>
						!/^[a-z][a-z0-9_-]*$/iu.test(name) || !isRecord(command) || typeof command.run !== 'function',
				)
			: (['commands', null] as const);
		if (wrongCommand) {
			return `the command ${lineOf(wrongCommand[0], 60)} cannot be run`;
		}
	}

	if (screens !== undefined) {
		const names = listOf(screens).map(({name}) => name);
		const isRight =
			Array.isArray(screens) &&
			listOf(screens).length === screens.length &&
			listOf(screens).every(
				({type, name, content}) =>
					typeof type === 'string' &&
					screenTypes.includes(type) &&
					typeof name === 'string' &&
					typeof content === 'function',
			);
		if (!isRight || new Set(names).size !== names.length) {
			return 'a screen has no known type, no name of its own or no content';
		}
	}

	return '';
};

/**
 * The plugin a module exports: its default export, or the one called `plugin`.
 * @returns the plugin and what is known of it as plain data, or why it cannot be used.
 */
export const readPlugin = (
	source: string,
	exported: Readonly<Record<string, unknown>>,
):
	| {readonly type: 'plugin'; readonly plugin: Plugin; readonly description: PluginDescription}
	| {readonly type: 'refused'; readonly reason: string} => {
	const value = exported.default ?? exported.plugin;
	const refuse = (reason: string) => ({type: 'refused', reason}) as const;
	if (!isRecord(value)) {
		return refuse('Its module exports no plugin: `export default definePlugin({…})` is missing.');
	}

	if (value.apiVersion !== apiVersion) {
		return refuse(
			`It was written for version ${lineOf(String(value.apiVersion), 20)} of the plugin API, and this printkeep has version ${apiVersion}.`,
		);
	}

	const {id} = value;
	if (typeof id !== 'string' || !/^[a-z][a-z0-9_-]{0,63}$/u.test(id)) {
		return refuse('Its id is missing, or not made of small letters, digits, - and _.');
	}

	const problem = shapeProblem(value);
	if (problem !== '') {
		return refuse(`It is not made as a plugin should be: ${problem}.`);
	}

	// What was checked above has the types of a plugin; the rest is read with care below and where it is used.
	const plugin = value as unknown as Plugin;
	const has = (name: keyof Plugin): boolean => plugin[name] !== undefined;
	const abilities = (
		[
			['events', has('onEvent')],
			['progress', has('onProgress')],
			['settings', has('settings')],
			['life', has('onStartup') || has('onAfterStartup') || has('onShutdown')],
			['environment', has('environment')],
			['onEnvironment', has('onEnvironment')],
			['onPendingRemoval', has('onPendingRemoval')],
			['wizard', has('wizard')],
			['adapter', has('adapter')],
			['agents', has('agents')],
			['helpers', has('helpers')],
		] as const
	)
		.filter(([, isThere]) => isThere)
		.map(([name]) => name);
	const {restricted} = plugin.settings ?? {};
	return {
		type: 'plugin',
		plugin,
		description: {
			source,
			id,
			name: lineOf(plugin.name, 100) || id,
			version: lineOf(plugin.version, 50),
			description: lineOf(plugin.description, 500),
			author: lineOf(plugin.author, 100),
			url: lineOf(plugin.url, 300),
			needs: plugin.needs === 'restart' || plugin.needs === 'reload' ? plugin.needs : null,
			order: typeof plugin.order === 'number' ? {all: plugin.order} : numbersOf(plugin.order),
			timeLimits: numbersOf(plugin.timeLimits),
			hooks: Object.keys(plugin.hooks ?? {}),
			abilities,
			commands: Object.entries(plugin.commands ?? {}).map(([name, {description, required, adminOnly}]) => ({
				name,
				description: lineOf(description, 300),
				required: Array.isArray(required) ? required.filter(item => typeof item === 'string') : [],
				adminOnly: adminOnly === true,
			})),
			hasGet: has('get'),
			routes: listOf(plugin.routes).map(route => ({
				method: lineOf(route.method, 10),
				path: lineOf(route.path),
				public: route.public === true,
			})),
			screens: (plugin.screens ?? []).map(({type, name, title, replaces, mandatory, order}) => ({
				type,
				name,
				title: lineOf(title, 60) || name,
				replaces: typeof replaces === 'string' ? replaces : null,
				mandatory: mandatory === true,
				order: typeof order === 'number' ? order : 0,
			})),
			wizardVersion: typeof plugin.wizard?.version === 'number' ? plugin.wizard.version : null,
			themes: listOf(plugin.themes).map(theme => ({name: lineOf(theme.name, 60), tones: textsOf(theme.tones)})),
			symbols: listOf(plugin.symbols).map(set => ({name: lineOf(set.name, 60), symbols: textsOf(set.symbols)})),
			adapterKind: isRecord(plugin.adapter) ? lineOf(plugin.adapter.kind, 60) : null,
			adapterTitle: isRecord(plugin.adapter) ? lineOf(plugin.adapter.title, 60) : null,
			adapterHas: (['quiesce', 'readiness'] as const).filter(name => plugin.adapter?.[name] !== undefined),
			restricted: [...(restricted?.never ?? []), ...(restricted?.admin ?? []), ...(restricted?.user ?? [])].filter(
				path => Array.isArray(path) && path.every(step => typeof step === 'string'),
			),
			unknown: Object.keys(value)
				.filter(name => !Object.hasOwn(properties, name))
				.map(name => lineOf(name, 60)),
		},
	};
};
