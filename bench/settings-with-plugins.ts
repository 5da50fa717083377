import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

/** A plugin that has a part in everything the dashboard asks plugins for at its start. */
const pluginText = (place: number): string => `
import {definePlugin} from 'printkeep/plugin';

export default definePlugin({
	apiVersion: 1,
	id: 'bench${place}',
	name: 'Bench ${place}',
	hooks: {beforeBackup() {}, afterBackup() {}},
	settings: {defaults: {host: 'example', retries: 3}},
	onStartup() {},
	onEvent() {},
	screens: [
		{type: 'status', name: 'line', title: 'Line', content: () => [{type: 'text', text: 'plugin ${place}'}]},
		{type: 'tab', name: 'tab', title: 'Tab', content: () => [{type: 'text', text: 'Here'}]},
	],
});
`;

/** Makes plugins and settings that name them. Gives the folder of the settings. */
export const settingsWithPlugins = (folder: string, count: number): string => {
	const plugins = join(folder, 'plugins');
	const settings = join(folder, 'settings-with-plugins');
	mkdirSync(plugins, {mode: 0o700});
	mkdirSync(settings, {mode: 0o700});
	const entries = Array.from({length: count}, (_, index) => {
		const source = join(plugins, `bench-${index + 1}.mjs`);
		writeFileSync(source, pluginText(index + 1), {mode: 0o600});
		return {source, enabled: true};
	});
	writeFileSync(join(settings, 'settings.json'), JSON.stringify({plugins: entries}), {mode: 0o600});
	return settings;
};
