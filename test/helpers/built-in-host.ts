import {existsSync} from 'node:fs';
import {join} from 'node:path';
import type {PluginInstance, PluginRecordData, PluginServerActivity} from '../../source/plugins/api.js';
import {createPluginHost, type PluginHost} from '../../source/plugins/host.js';

/** The built thread; the test script builds it first. */
const hostUrl = new URL('../../dist/plugin-host.js', import.meta.url);

export type BuiltInHost = {
	readonly host: PluginHost;
	readonly instance: PluginInstance;
	/** What it wrote into the log, with the level in front. */
	readonly lines: readonly string[];
	/** Why it failed, each time. */
	readonly failures: readonly string[];
	/** What it stored as its settings, last. */
	readonly stored: () => PluginRecordData | null;
	readonly stateFolder: string;
};

/** A plugin that comes with printkeep in a real plugin thread of its own. The caller closes the host. */
export const startBuiltIn = (
	id: string,
	root: string,
	{
		settings = {},
		activity = async () => ({state: 'idle', detail: ''}),
		name = 'octoprint',
		others = [],
	}: {
		readonly settings?: PluginRecordData;
		readonly activity?: () => Promise<PluginServerActivity>;
		readonly name?: string;
		/** Sources of plugins that share the thread with it. */
		readonly others?: readonly string[];
	} = {},
): BuiltInHost => {
	if (!existsSync(hostUrl)) {
		throw new Error(`${hostUrl.pathname} is missing: run "npm run build" first`);
	}

	const lines: string[] = [];
	const failures: string[] = [];
	let stored: PluginRecordData | null = null;
	const stateFolder = join(root, 'state');
	const host = createPluginHost({
		url: hostUrl,
		apiUrl: new URL('../../dist/plugin.js', import.meta.url).href,
		configuration: {
			entries: [`builtin:${id}`, ...others].map(source => ({source, enabled: true})),
			settings: {[id]: {version: 1, values: settings}},
		},
		packageFolder: root,
		stateFolder,
		requests: {
			serverActivity: activity,
			createBackup: async () => ({name: 'none.zip'}),
			deleteBackup: async () => null,
			async saveSettings(saved) {
				stored = saved.stored.values;
				return null;
			},
		},
		onLog: (level, _plugin, text) => lines.push(`${level} ${text}`),
		onFailure: (_plugin, reason) => failures.push(reason),
	});
	const instance = {name, kind: 'octoprint', dataFolder: join(root, 'data'), store: join(root, 'store')};
	return {host, instance, lines, failures, stored: () => stored, stateFolder: join(stateFolder, id)};
};
