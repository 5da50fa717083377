/** Asks plugins for the dashboard. Nothing here is waited for by the first frame or by a key. */
import type {PluginInfo, Result} from '../client/protocol.js';
import {type ErrorData, toErrorData} from '../errors.js';
import type {PluginRecordData, ScreenBlock} from '../plugins/api.js';
import type {ActionTools} from './action-tools.js';
import {type ScreenOfPlugin, screensOfType, statusLine} from './plugin-screens.js';
import {wizardCandidates} from './plugin-wizards.js';
import type {PendingWizard, PluginDialog, PluginLine} from './plugins-model.js';

export type CommandEnd =
	| {readonly type: 'answer'; readonly value: Result<'plugins.command'>}
	| {readonly type: 'failed'; readonly error: ErrorData};

export type PluginActions = {
	/** Starts the plugins the settings name, lists them, and asks what they have for the header, over everything, and for the first run. */
	readonly loadPlugins: () => Promise<void>;
	/** Ends all plugins and does the same with those the settings name now. */
	readonly reloadPlugins: () => Promise<void>;
	/** Asks again what plugins have for the header and over everything. */
	readonly refreshPlugins: () => Promise<void>;
	/** What is on one of their screens now. */
	readonly pluginScreen: (plugin: string, screen: string) => Promise<readonly ScreenBlock[]>;
	/** Runs a command of a plugin. A failure has been shown and noted in the log. */
	readonly pluginCommand: (plugin: string, command: string, data: PluginRecordData) => Promise<CommandEnd>;
	/** Tells a plugin that its wizard was gone through, or skipped. */
	readonly wizardDone: (plugin: string, handled: boolean) => Promise<void>;
};

/** Makes the actions, and keeps what is known of plugins up to date while jobs begin and end. */
export const createPluginActions = ({client, store, dispatch, complain, target}: ActionTools): PluginActions => {
	const pluginScreen: PluginActions['pluginScreen'] = async (plugin, screen) =>
		client.request('plugins.screen', {plugin, screen, target: target()});

	/** Shows an error; the engine has noted what a plugin did wrong in the log already. */
	const tell = (error: unknown, doing: string): ErrorData => {
		const data = toErrorData(error, doing);
		if (data.code !== 'plugin-failed') {
			return complain(error, doing);
		}

		dispatch({type: 'toast', level: 'error', text: data.message});
		return data;
	};

	/** Null for a screen that could not be asked: the engine tells of it as the plugin’s failure. */
	const contentOf = async ({plugin, name}: ScreenOfPlugin): Promise<readonly ScreenBlock[] | null> => {
		try {
			return await pluginScreen(plugin, name);
		} catch {
			return null;
		}
	};

	const contentsOf = async (screens: readonly ScreenOfPlugin[]) =>
		Promise.all(screens.map(async screen => ({screen, blocks: (await contentOf(screen)) ?? []})));

	const askScreens = async (): Promise<void> => {
		const {list} = store.get().plugins;
		const [lines, dialogs] = await Promise.all([
			contentsOf(screensOfType(list, 'status')),
			contentsOf(screensOfType(list, 'overlay')),
		]);
		dispatch({
			type: 'plugin-screens',
			lines: lines.flatMap(({screen, blocks}): readonly PluginLine[] => {
				const line = statusLine(blocks);
				return line === null ? [] : [{plugin: screen.plugin, screen: screen.name, ...line}];
			}),
			dialogs: dialogs.flatMap(({screen, blocks}): readonly PluginDialog[] =>
				blocks.length === 0
					? []
					: [{plugin: screen.plugin, screen: screen.name, title: `${screen.pluginName}: ${screen.title}`, blocks}],
			),
		});
	};

	let asking: Promise<void> | undefined;
	let isAskedAgain = false;
	/** One round at a time: what is asked meanwhile is asked once after it. */
	const refreshPlugins = async (): Promise<void> => {
		if (store.get().plugins.list.length === 0) {
			return;
		}

		if (asking) {
			isAskedAgain = true;
			return asking;
		}

		asking = (async () => {
			do {
				isAskedAgain = false;
				await askScreens();
			} while (isAskedAgain);
		})().finally(() => {
			asking = undefined;
		});
		return asking;
	};

	let round = 0;
	const readList = async (): Promise<readonly PluginInfo[] | null> => {
		const own = ++round;
		const isAnyOn = store.get().settings.plugins.some(({enabled}) => enabled);
		dispatch({type: 'plugins-loading'});
		try {
			const list = isAnyOn ? await client.request('plugins.list', {}) : [];
			if (own !== round) {
				return null;
			}

			dispatch({type: 'plugins-loaded', list});
			return list;
		} catch (error) {
			if (own === round) {
				dispatch({type: 'plugins-failed', error: toErrorData(error, 'The plugins could not be listed')});
			}

			return null;
		}
	};

	const askWizards = async (list: readonly PluginInfo[]): Promise<void> => {
		const wizards: PendingWizard[] = [];
		for (const wizard of wizardCandidates(list, store.get().settings.pluginWizards)) {
			try {
				const {required} = await client.request('plugins.wizard', {plugin: wizard.plugin});
				if (required) {
					wizards.push(wizard);
				}
			} catch {
				// The engine tells of it as the plugin’s failure.
			}
		}

		dispatch({type: 'plugin-wizards', wizards});
	};

	const loadPlugins = async (): Promise<void> => {
		// Who has no plugins is spared all of it.
		if (store.get().settings.plugins.length === 0 && store.get().plugins.state === 'idle') {
			return;
		}

		const list = await readList();
		if (list) {
			await Promise.all([refreshPlugins(), askWizards(list)]);
		}
	};

	client.subscribe(event => {
		switch (event.type) {
			case 'job-started':
			case 'job-finished':
				void refreshPlugins();
				break;
			case 'plugin-failed':
				// What it is now stands in the list; asking it again would make it fail again.
				if (store.get().plugins.state === 'ready') {
					void readList();
				}

				break;
			case 'engine-restarted':
				void loadPlugins();
				break;
			default:
				break;
		}
	});

	return {
		loadPlugins,
		async reloadPlugins() {
			try {
				await client.request('plugins.reload', {});
			} catch (error) {
				dispatch({type: 'plugins-failed', error: toErrorData(error, 'The plugins could not be started again')});
				return;
			}

			await loadPlugins();
		},
		refreshPlugins,
		pluginScreen,
		async pluginCommand(plugin, command, data) {
			try {
				return {
					type: 'answer',
					value: await client.request('plugins.command', {plugin, command, data, target: target()}),
				};
			} catch (error) {
				return {type: 'failed', error: tell(error, 'The command could not be run')};
			}
		},
		async wizardDone(plugin, handled) {
			dispatch({type: 'plugin-wizard-done', plugin});
			try {
				await client.request('plugins.finishWizard', {plugin, handled});
			} catch (error) {
				tell(error, 'The plugin could not be told');
			}

			await refreshPlugins();
		},
	};
};
