/** Enabling, disabling, removing and checking plugins. */
import type {PluginInfo} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {CommandContext} from '../context.js';
import {builtInIds, findEntry, sourceOf, titleOf} from '../plugin-names.js';
import {defineSubcommand} from '../subcommands.js';
import {suggest} from '../suggest.js';

const one = {usage: 'PLUGIN', minimum: 1, maximum: 1} as const;

const abilitiesOf = ({description}: PluginInfo): string => {
	const can = [
		...(description?.hooks ?? []),
		...(description?.abilities ?? []),
		...(description?.commands ?? []).map(({name}) => `command ${name}`),
		...(description?.screens ?? []).map(({type}) => type),
	];
	return can.length === 0 ? 'nothing' : [...new Set(can.map(safeText))].join(', ');
};

/** A word about what does nothing, which is most likely misspelt. */
const unknownLines = ({description}: PluginInfo): readonly string[] =>
	description === null || description.unknown.length === 0
		? []
		: [`printkeep knows nothing called ${description.unknown.map(safeText).join(', ')}: is it misspelt?`];

const load = async (context: CommandContext, source: string): Promise<PluginInfo> =>
	(await context.client()).request('plugins.check', {source});

/** @param text as the person named it. */
const needLoaded = (info: PluginInfo, text: string): void => {
	if (info.state !== 'active') {
		const meant = /^[a-z][a-z-]*$/u.test(text) ? suggest(text, builtInIds) : undefined;
		throw new PrintkeepError('plugin-failed', `The plugin ${titleOf(info)} cannot be used: ${info.reason}`, {
			hint:
				meant === undefined || meant === text ? 'Nothing was changed.' : `Nothing was changed. Did you mean ${meant}?`,
		});
	}
};

export const enableSubcommand = defineSubcommand({
	name: 'enable',
	details: [
		'`plugins enable` takes the id of one that comes with printkeep, the path of a module, or the name of a package that was installed beside the settings. It is loaded once to see that it can be. A plugin is a program and runs with your rights: enable only what you trust.',
	],
	operands: one,
	options: {},
	examples: [
		{command: 'printkeep plugins enable notify', meaning: 'Be told when a backup fails.'},
		{command: 'printkeep plugins enable ./my-plugin.mjs', meaning: 'Use a plugin of your own.'},
	],
	async run(context, {operands: [text = '']}) {
		const {plugins: entries} = context.settings.read();
		const source = sourceOf(text, context.absolute);
		// One that was switched off may be meant by its id.
		const known = entries.find(entry => entry.source === source) ?? null;
		const named = known ?? (/^[./~]/u.test(text) ? null : await findEntry(context, text).catch(() => null));
		const info = await load(context, named?.source ?? source);
		needLoaded(info, text);
		const twin = (await (await context.client()).request('plugins.list', {})).find(
			other => other.source !== info.source && other.description?.id === info.description?.id,
		);
		if (twin) {
			throw new PrintkeepError('plugin-failed', `There is a plugin called ${titleOf(info)} already: ${twin.source}.`, {
				hint: `Remove that one first: printkeep plugins remove ${titleOf(info)}`,
			});
		}

		const entry = {source: info.source, enabled: true, ...(info.description ? {id: info.description.id} : {})};
		await context.settings.changePlugins(present =>
			present.some(other => other.source === info.source)
				? present.map(other => (other.source === info.source ? entry : other))
				: [...present, entry],
		);
		context.print(`Enabled ${titleOf(info)}. It can do: ${abilitiesOf(info)}.`, ...unknownLines(info));
		if (info.description?.needs) {
			context.print(
				info.description.needs === 'restart'
					? 'Dashboards that are open use it after they were started anew.'
					: 'Dashboards that are open use it after their plugins were reloaded.',
			);
		}

		return {exit: 0, json: {plugin: info}};
	},
});

export const disableSubcommand = defineSubcommand({
	name: 'disable',
	details: ['`plugins disable` keeps its settings; `plugins remove` forgets the plugin and its settings.'],
	operands: one,
	options: {},
	examples: [],
	async run(context, {operands: [text = '']}) {
		const found = await findEntry(context, text);
		const {source} = found;
		await context.settings.changePlugins(entries =>
			entries.map(entry => (entry.source === source ? {...found, enabled: false} : entry)),
		);
		context.print(`Disabled ${safeText(text)}.`);
		return {exit: 0, json: {source}};
	},
});

export const removeSubcommand = defineSubcommand({
	name: 'remove',
	details: [],
	operands: one,
	options: {},
	examples: [],
	async run(context, {operands: [text = '']}) {
		const {source, id: noted, enabled} = await findEntry(context, text);
		const client = await context.client();
		const running = enabled ? await client.request('plugins.list', {}) : [];
		const description = running.find(info => info.source === source)?.description ?? null;
		const id = description?.id ?? noted;
		if (description) {
			// What it does about its own end may fail; it goes all the same.
			await client.request('plugins.removing', {plugin: description.id}).catch(() => undefined);
		}

		await context.settings.changePlugins(entries => entries.filter(entry => entry.source !== source));
		// It is ended before its settings are forgotten, since it may store some at its end.
		await client.request('plugins.reload', {});
		if (id !== undefined) {
			await context.settings.setPluginSettings(id, null);
		}

		context.print(`Removed ${safeText(id ?? titleOf({source, description}))}. Its files stay where they are.`);
		return {exit: 0, json: {source}};
	},
});

export const checkSubcommand = defineSubcommand({
	name: 'check',
	details: [
		'`plugins check` loads a plugin and tells how that went; without a name, each of the settings. Nothing is changed.',
	],
	operands: {usage: '[PLUGIN]', minimum: 0, maximum: 1},
	options: {},
	examples: [],
	async run(context, {operands: [text]}) {
		const {plugins: entries} = context.settings.read();
		const source = text === undefined ? null : sourceOf(text, context.absolute);
		const isThere = source !== null && (/^[./~]/u.test(text ?? '') || source !== text || source.includes('/'));
		const sources =
			text === undefined
				? entries.map(entry => entry.source)
				: [isThere ? (source ?? text) : (await findEntry(context, text).catch(() => ({source: text}))).source];
		const results: PluginInfo[] = [];
		for (const name of sources) {
			const info = await load(context, name);
			results.push(info);
			context.print(
				info.state === 'active'
					? `${titleOf(info)}: fine. It can do: ${abilitiesOf(info)}.`
					: `${titleOf(info)}: ${info.state}. ${info.reason}`,
				...unknownLines(info),
			);
		}

		if (results.length === 0) {
			context.print('There are no plugins to check.');
		}

		return {exit: results.every(({state}) => state === 'active') ? 0 : 1, json: {plugins: results}};
	},
});
