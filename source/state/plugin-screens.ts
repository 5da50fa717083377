/** Which screens plugins have, and what the header says of them: pure. */
import type {PluginInfo} from '../client/protocol.js';
import type {ScreenBlock, ScreenType, Tone} from '../plugins/api.js';
import type {PluginDescription} from '../plugins/messages.js';
import {inOrder} from '../plugins/order.js';

/** A screen and the plugin it belongs to. */
export type ScreenOfPlugin = PluginDescription['screens'][number] & {
	readonly plugin: string;
	readonly pluginName: string;
};

/** What is known of the plugins that work, in their order. */
export const activePlugins = (list: readonly PluginInfo[]): readonly PluginDescription[] =>
	inOrder(
		list.flatMap(({state, description}) => (state === 'active' && description ? [description] : [])),
		'screens',
	);

/** The screens of one type, in the order they are shown. */
export const screensOfType = (list: readonly PluginInfo[], type: ScreenType): readonly ScreenOfPlugin[] =>
	activePlugins(list)
		.flatMap(({id, name, screens}) => screens.map(screen => ({...screen, plugin: id, pluginName: name})))
		.filter(screen => screen.type === type)
		// The sort is stable: screens of one order stay as their plugins are.
		.sort((left, right) => left.order - right.order);

/** Screens of the dashboard that a plugin’s may be shown instead of. Where plugins are switched off, and where something is decided, is never among them. */
export const replaceable = ['home', 'backups', 'create', 'log', 'trash', 'import'] as const;

export type Replaceable = (typeof replaceable)[number];

/** The tab that is shown instead of a screen of the dashboard; undefined when none is. */
export const replacementOf = (list: readonly PluginInfo[], screen: string): ScreenOfPlugin | undefined =>
	(replaceable as readonly string[]).includes(screen)
		? screensOfType(list, 'tab').find(({replaces}) => replaces === screen)
		: undefined;

/** The one line a status screen is: its first piece that is one. Null when there is nothing to say. */
export const statusLine = (blocks: readonly ScreenBlock[]): {readonly text: string; readonly tone: Tone} | null => {
	for (const block of blocks) {
		if (block.type === 'text' && block.text.trim() !== '') {
			return {text: block.text.trim().split('\n', 1)[0] ?? '', tone: block.tone ?? 'plain'};
		}

		const [field] = block.type === 'fields' ? block.fields : [];
		if (field) {
			return {text: `${field.label} ${field.value}`, tone: field.tone ?? 'plain'};
		}

		if (block.type === 'progress') {
			return {text: `${block.label} ${Math.floor(block.percent)}%`, tone: 'accent'};
		}
	}

	return null;
};
