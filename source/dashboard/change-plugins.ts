/** Switches plugins on and off, and keeps what was answered in their wizards. */

import type {PluginInfo} from '../client/protocol.js';
import {toErrorData} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {PendingWizard} from '../state/plugins-model.js';
import type {DashboardContextValue} from './dashboard-context.js';
import {pluginTitle} from './plugin-rows.js';

type Tools = Pick<DashboardContextValue, 'actions' | 'settings' | 'store'>;

const readSettings = ({actions, settings}: Tools): void =>
	actions.dispatch({type: 'settings-changed', settings: settings.read()});

/** Reads the settings anew, and starts the plugins they name then. */
export const readPluginsAnew = async (tools: Tools): Promise<void> => {
	try {
		readSettings(tools);
	} catch (error) {
		tools.actions.toast('error', toErrorData(error, 'The settings could not be read').message);
		return;
	}

	await tools.actions.reloadPlugins();
};

/** Switches a plugin on or off in the settings, starts the plugins anew, and says what came of it. */
export const switchPlugin = async (tools: Tools, source: string, enabled: boolean): Promise<void> => {
	const {actions, settings, store} = tools;
	const infoOf = (): PluginInfo | undefined => store.get().plugins.list.find(info => info.source === source);
	const before = infoOf();
	try {
		await settings.changePlugins(entries =>
			entries.some(entry => entry.source === source)
				? entries.map(entry => (entry.source === source ? {...entry, enabled} : entry))
				: [...entries, {source, enabled}],
		);
		readSettings(tools);
	} catch (error) {
		const {message, hint} = toErrorData(error, 'The plugin could not be switched');
		actions.toast('error', `${message} ${hint}`.trimEnd());
		return;
	}

	actions.toast(
		'info',
		`${enabled ? 'Starting' : 'Ending'} ${pluginTitle(source, store.get().plugins.known.get(source))}...`,
	);
	await actions.reloadPlugins();
	const after = infoOf() ?? before;
	const title = pluginTitle(source, store.get().plugins.known.get(source));
	if (enabled && after && after.state !== 'active') {
		actions.toast('error', `${title} does not run: ${safeText(after.reason)}`);
	} else if (after?.description?.needs === 'restart') {
		actions.dispatch({type: 'plugin-needs-restart', source});
		actions.toast('warning', `${title} is ${enabled ? 'enabled' : 'disabled'}: quit printkeep and start it again`);
	} else {
		actions.toast('info', `${title} is ${enabled ? 'enabled' : 'disabled'}`);
	}
};

/** Keeps that a wizard was gone through or skipped, so that it is not shown again before it is a newer one, and tells the plugin. */
export const finishWizard = async (tools: Tools, {plugin, version}: PendingWizard, handled: boolean): Promise<void> => {
	try {
		await tools.settings.setGlobal({
			pluginWizards: {...tools.settings.read().pluginWizards, [plugin]: version},
		});
		readSettings(tools);
	} catch (error) {
		tools.actions.toast('error', toErrorData(error, 'The settings could not be kept').message);
	}

	await tools.actions.wizardDone(plugin, handled);
};
