/** What the dashboard knows of plugins, and how it changes: pure. */
import type {PluginInfo} from '../client/protocol.js';
import type {ErrorData} from '../errors.js';
import type {ScreenBlock, Tone} from '../plugins/api.js';
import type {PluginDescription} from '../plugins/messages.js';
import type {Loading} from './model.js';

/** One line for the header. Not made safe for showing. */
export type PluginLine = {
	readonly plugin: string;
	readonly screen: string;
	readonly text: string;
	readonly tone: Tone;
};

/** What a plugin wants to show over everything. */
export type PluginDialog = {
	readonly plugin: string;
	readonly screen: string;
	readonly title: string;
	readonly blocks: readonly ScreenBlock[];
};

/** A plugin that has something to ask, and has not been answered. */
export type PendingWizard = {readonly plugin: string; readonly version: number | null};

export type PluginsState = {
	/** Of the list. `idle` as long as the settings name none. */
	readonly state: Loading;
	readonly error: ErrorData | null;
	/** Those that are switched on, in the order of the settings. */
	readonly list: readonly PluginInfo[];
	/** What was last known of each source, also of those that were switched off since. */
	readonly known: ReadonlyMap<string, PluginDescription>;
	/** In the order they are shown. */
	readonly lines: readonly PluginLine[];
	readonly dialogs: readonly PluginDialog[];
	/** Dialogs that were closed: what was in them then, by plugin and screen. */
	readonly closed: ReadonlyMap<string, string>;
	readonly wizards: readonly PendingWizard[];
	/** Sources of plugins that were switched on or off and need printkeep to be started anew. */
	readonly needRestart: ReadonlySet<string>;
};

export const noPlugins: PluginsState = {
	state: 'idle',
	error: null,
	list: [],
	known: new Map(),
	lines: [],
	dialogs: [],
	closed: new Map(),
	wizards: [],
	needRestart: new Set(),
};

export type PluginUiEvent =
	| {readonly type: 'plugins-loading'}
	| {readonly type: 'plugins-loaded'; readonly list: readonly PluginInfo[]}
	| {readonly type: 'plugins-failed'; readonly error: ErrorData}
	| {
			readonly type: 'plugin-screens';
			readonly lines: readonly PluginLine[];
			readonly dialogs: readonly PluginDialog[];
	  }
	| {readonly type: 'plugin-dialog-closed'; readonly dialog: PluginDialog}
	| {readonly type: 'plugin-wizards'; readonly wizards: readonly PendingWizard[]}
	| {readonly type: 'plugin-wizard-done'; readonly plugin: string}
	| {readonly type: 'plugin-needs-restart'; readonly source: string};

/** Keeps what is known where nothing has changed, so that nothing is drawn anew. */
const keepSame = <Value>(before: Value, after: Value): Value =>
	JSON.stringify(before) === JSON.stringify(after) ? before : after;

const keyOf = ({plugin, screen}: PluginDialog): string => `${plugin}/${screen}`;

/** What is known after something was told. */
export const reducePlugins = (state: PluginsState, event: PluginUiEvent): PluginsState => {
	switch (event.type) {
		case 'plugins-loading':
			return {...state, state: state.state === 'ready' ? 'ready' : 'loading', error: null};
		case 'plugins-loaded': {
			const active = new Set(
				event.list.flatMap(({state: is, description}) => (is === 'active' && description ? [description.id] : [])),
			);
			const isActive = ({plugin}: {readonly plugin: string}): boolean => active.has(plugin);
			return {
				...state,
				state: 'ready',
				error: null,
				list: keepSame(state.list, event.list),
				known: new Map([
					...state.known,
					...event.list.flatMap(({source, description}) => (description ? [[source, description] as const] : [])),
				]),
				lines: keepSame(state.lines, state.lines.filter(isActive)),
				dialogs: keepSame(state.dialogs, state.dialogs.filter(isActive)),
				wizards: keepSame(state.wizards, state.wizards.filter(isActive)),
			};
		}

		case 'plugins-failed':
			return {...state, state: 'failed', error: event.error};
		case 'plugin-screens': {
			const lines = keepSame(state.lines, event.lines);
			const dialogs = keepSame(state.dialogs, event.dialogs);
			return lines === state.lines && dialogs === state.dialogs ? state : {...state, lines, dialogs};
		}

		case 'plugin-dialog-closed':
			return {
				...state,
				closed: new Map([...state.closed, [keyOf(event.dialog), JSON.stringify(event.dialog.blocks)]]),
			};
		case 'plugin-wizards':
			return {...state, wizards: keepSame(state.wizards, event.wizards)};
		case 'plugin-wizard-done':
			return {...state, wizards: state.wizards.filter(({plugin}) => plugin !== event.plugin)};
		case 'plugin-needs-restart':
			return {...state, needRestart: new Set([...state.needRestart, event.source])};
	}
};

/** The dialog to show: the first that was not closed with just this content. */
export const openDialog = ({dialogs, closed}: PluginsState): PluginDialog | undefined =>
	dialogs.find(dialog => closed.get(keyOf(dialog)) !== JSON.stringify(dialog.blocks));
