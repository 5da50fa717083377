/** The list of plugins: those the settings name, their tabs, and those that come with printkeep. Pure. */
import type {PluginInfo} from '../client/protocol.js';
import {safeText} from '../format/safe-text.js';
import type {PluginDescription, PluginEntry} from '../plugins/messages.js';
import {builtInPrefix} from '../plugins/resolve-source.js';
import {screensOfType} from '../state/plugin-screens.js';
import type {PluginsState} from '../state/plugins-model.js';
import type {Tone} from './theme.js';

export type PluginState = 'active' | 'failed' | 'refused' | 'starting' | 'off';

export type PluginRow =
	| {
			readonly type: 'plugin';
			readonly key: string;
			readonly source: string;
			readonly name: string;
			readonly version: string;
			readonly state: PluginState;
			readonly needsRestart: boolean;
			/** What it does, or why it does not. */
			readonly about: string;
	  }
	| {
			readonly type: 'tab';
			readonly key: string;
			/** Of the plugin it belongs to. */
			readonly source: string;
			readonly plugin: string;
			readonly screen: string;
			readonly title: string;
	  };

export const pluginStateLooks = {
	active: {word: 'active', tone: 'ok'},
	failed: {word: 'failed', tone: 'error'},
	refused: {word: 'refused', tone: 'error'},
	starting: {word: 'starting', tone: 'muted'},
	off: {word: 'off', tone: 'muted'},
} as const satisfies Record<PluginState, {readonly word: string; readonly tone: Tone}>;

/** What a source is called before the plugin itself has said: the file’s name, or that of the built-in or package. */
const sourceName = (source: string): string =>
	source.startsWith(builtInPrefix)
		? source.slice(builtInPrefix.length)
		: source.startsWith('/')
			? (source.split('/').findLast(part => part !== '' && !/^index\.[cm]?js$/u.test(part)) ?? source)
			: source;

/** What a plugin is called. Safe to show. */
export const pluginTitle = (source: string, description: PluginDescription | null | undefined): string =>
	safeText(description?.name ?? sourceName(source));

const rowOf = (
	{source, enabled}: PluginEntry,
	info: PluginInfo | undefined,
	{state: listState, needRestart, known}: PluginsState,
	builtIns: Readonly<Record<string, string>>,
): Extract<PluginRow, {type: 'plugin'}> => {
	const state = !enabled ? 'off' : (info?.state ?? (listState === 'failed' ? 'failed' : 'starting'));
	const description = info?.description ?? known.get(source) ?? null;
	return {
		type: 'plugin',
		key: source,
		source,
		name: pluginTitle(source, description),
		version: safeText(description?.version ?? ''),
		state,
		needsRestart: needRestart.has(source),
		about: safeText(
			state === 'failed' || state === 'refused'
				? (info?.reason ?? '')
				: description?.description || (builtIns[source] ?? source),
		),
	};
};

/**
 * The rows of the list.
 * @param entries as the settings name them. @param builtIns what those that come with printkeep do, by their sources.
 */
export const pluginRows = (
	entries: readonly PluginEntry[],
	plugins: PluginsState,
	builtIns: Readonly<Record<string, string>>,
): readonly PluginRow[] => {
	const named = new Set(entries.map(({source}) => source));
	return [
		...entries.flatMap((entry): readonly PluginRow[] => {
			const info = entry.enabled ? plugins.list.find(({source}) => source === entry.source) : undefined;
			const {description, state} = info ?? {};
			const tabs = info && state === 'active' ? screensOfType([info], 'tab') : [];
			return [
				rowOf(entry, info, plugins, builtIns),
				...tabs.map(
					({name, title}): PluginRow => ({
						type: 'tab',
						key: `${entry.source}\0${name}`,
						source: entry.source,
						plugin: description?.id ?? '',
						screen: name,
						title: safeText(title),
					}),
				),
			];
		}),
		...Object.keys(builtIns)
			.filter(source => !named.has(source))
			.map(source => rowOf({source, enabled: false}, undefined, plugins, builtIns)),
	];
};
