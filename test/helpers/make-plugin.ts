/** Plugins as the engine lists them, and settings that name them. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {PluginInfo} from '../../source/client/protocol.js';
import type {ScreenType} from '../../source/plugins/api.js';
import type {PluginDescription} from '../../source/plugins/messages.js';
import {temporaryDirectory} from './test-directory.js';

export const aScreen = (
	type: ScreenType,
	name: string,
	changes: Partial<PluginDescription['screens'][number]> = {},
): PluginDescription['screens'][number] => ({
	type,
	name,
	title: name,
	replaces: null,
	mandatory: false,
	order: 0,
	...changes,
});

export const aPlugin = (
	id: string,
	changes: Partial<PluginDescription> = {},
	info: Partial<PluginInfo> = {},
): PluginInfo => ({
	source: `/opt/plugins/${id}.mjs`,
	state: 'active',
	reason: '',
	description: {
		source: `/opt/plugins/${id}.mjs`,
		id,
		name: id,
		version: '1.0.0',
		description: `What ${id} does`,
		author: '',
		url: '',
		needs: null,
		order: {},
		timeLimits: {},
		hooks: [],
		abilities: [],
		commands: [],
		hasGet: false,
		routes: [],
		screens: [],
		wizardVersion: null,
		themes: [],
		symbols: [],
		adapterKind: null,
		adapterTitle: null,
		restricted: [],
		unknown: [],
		...changes,
	},
	...info,
});

/** A new folder whose settings name these plugins; with what else is to be in the file. */
export const folderWithPlugins = (
	list: readonly PluginInfo[],
	{off = [], more = {}}: {readonly off?: readonly string[]; readonly more?: Readonly<Record<string, unknown>>} = {},
): string => {
	const folder = temporaryDirectory();
	mkdirSync(join(folder, 'settings'), {mode: 0o700});
	writeFileSync(
		join(folder, 'settings/settings.json'),
		JSON.stringify({
			plugins: [...list.map(({source}) => ({source, enabled: true})), ...off.map(source => ({source, enabled: false}))],
			...more,
		}),
		{mode: 0o600},
	);
	return folder;
};
