/** Plugins as the settings of this machine name them. */
import {join} from 'node:path';
import {createPluginHost} from './host.js';
import type {PluginConfiguration, StoredSettings} from './messages.js';
import {createPluginService} from './service.js';
import type {StartPlugins} from './service-types.js';

export type SystemPluginOptions = {
	/** Program of the plugin thread, and the module behind `printkeep/plugin`. */
	readonly url: string;
	readonly apiUrl: string;
	readonly settingsFolder: string;
	readonly stateFolder: string;
	/** Reads the settings anew; what cannot be read names no plugin. */
	readonly readConfiguration: () => PluginConfiguration;
	readonly saveSettings: (id: string, stored: StoredSettings) => Promise<void>;
};

/** Makes the port of the engine. Nothing is read before something is asked. */
export const systemPlugins =
	({url, apiUrl, settingsFolder, stateFolder, readConfiguration, saveSettings}: SystemPluginOptions): StartPlugins =>
	({onLog, onFailure, onAgentsChanged, requests}) => {
		const isNamed = ({entries}: PluginConfiguration): boolean => entries.some(({enabled}) => enabled);
		return createPluginService(
			source => {
				const settings = readConfiguration();
				const configuration = source === undefined ? settings : {...settings, entries: [{source, enabled: true}]};
				return isNamed(configuration)
					? createPluginHost({
							url: new URL(url),
							apiUrl,
							configuration,
							packageFolder: settingsFolder,
							stateFolder: join(stateFolder, 'plugins'),
							requests: {
								...requests,
								async saveSettings({id, stored}) {
									await saveSettings(id, stored);
									return null;
								},
							},
							onLog,
							onFailure,
							onAgentsChanged,
						})
					: null;
			},
			() => isNamed(readConfiguration()),
		);
	};
