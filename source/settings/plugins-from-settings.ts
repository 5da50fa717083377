/** Plugins as the settings of this machine name them, for an engine. */
import type {StartPlugins} from '../plugins/service-types.js';
import {systemPlugins} from '../plugins/system-plugins.js';
import type {Paths} from './paths.js';
import {openSettings} from './store.js';

/** Plain data, so that it crosses into the engine's thread. */
export type PluginProgram = {
	/** Address of the program of the plugin thread. */
	readonly url: string;
	/** Address of the module behind `printkeep/plugin`. */
	readonly apiUrl: string;
	readonly paths: Paths;
};

/** Makes the engine's port for plugins; the settings are read when they are needed. */
export const pluginsFromSettings = ({url, apiUrl, paths}: PluginProgram): StartPlugins => {
	const settings = openSettings(paths);
	return systemPlugins({
		url,
		apiUrl,
		settingsFolder: paths.settingsFolder,
		stateFolder: paths.stateFolder,
		readConfiguration() {
			try {
				const {plugins, pluginSettings} = settings.read();
				return {entries: plugins, settings: pluginSettings};
			} catch {
				// A damaged file is told by whoever needs the settings for anything else.
				return {entries: [], settings: {}};
			}
		},
		saveSettings: async (id, stored) => settings.setPluginSettings(id, stored),
	});
};
