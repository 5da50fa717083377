/** Plugin hosts as an engine has them, with plugins that tests write: the thread runs the source as it is. */
import {chmodSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {build} from 'esbuild';
import {onTestFinished} from 'vitest';
import {createPluginHost, type HostOptions, type PluginHost} from '../../source/plugins/host.js';
import {type HostLimits, usualLimits} from '../../source/plugins/limits.js';
import type {CallName, StoredSettings} from '../../source/plugins/messages.js';
import {temporaryDirectory} from './test-directory.js';

export type PluginProgram = {readonly url: URL; readonly apiUrl: string};

/** Bundles the program of the plugin thread and the module behind `printkeep/plugin` into a folder, as the build does. */
export const bundlePluginProgram = async (folder: string): Promise<PluginProgram> => {
	await build({
		entryPoints: {
			'plugin-host': fileURLToPath(new URL('../../source/worker/plugin-host.ts', import.meta.url)),
			plugin: fileURLToPath(new URL('../../source/plugins/public.ts', import.meta.url)),
		},
		outdir: folder,
		outExtension: {'.js': '.mjs'},
		bundle: true,
		splitting: true,
		platform: 'node',
		format: 'esm',
		target: 'node22',
		logLevel: 'warning',
	});
	return {
		url: pathToFileURL(join(folder, 'plugin-host.mjs')),
		apiUrl: pathToFileURL(join(folder, 'plugin.mjs')).href,
	};
};

/** Milliseconds that tests have patience for, instead of seconds. */
export const shortLimits: HostLimits = {
	...usualLimits,
	calls: Object.fromEntries(Object.keys(usualLimits.calls).map(name => [name, 3000])) as Record<CallName, number>,
	loadMilliseconds: 3000,
	blockedMilliseconds: 500,
	lookMilliseconds: 50,
	endMilliseconds: 500,
};

export type PluginPlace = {
	readonly folder: string;
	/** Writes a module that nobody else can change, and returns its path. */
	readonly write: (name: string, text: string) => string;
};

export const makePluginPlace = (): PluginPlace => {
	const folder = temporaryDirectory();
	return {
		folder,
		write(name, text) {
			const path = join(folder, name);
			writeFileSync(path, text, {mode: 0o600});
			chmodSync(path, 0o600);
			return path;
		},
	};
};

/** A module that exports a plugin with these properties, written as source text. */
export const pluginText = (id: string, properties: string, before = ''): string =>
	`import {definePlugin} from 'printkeep/plugin';\n${before}\nexport default definePlugin({apiVersion: 1, id: '${id}', name: '${id}',\n${properties}});\n`;

export type TestHost = {
	readonly host: PluginHost;
	readonly logs: readonly string[];
	/** `plugin: reason` */
	readonly failures: readonly string[];
	readonly saved: Readonly<Record<string, StoredSettings>>;
	readonly folder: string;
	/** State and reason of a plugin, by id or the end of its source. */
	readonly stateOf: (id: string) => string;
	readonly reasonOf: (id: string) => string;
};

/**
 * Makes a host of plugins, in this order. It is closed with the test.
 * @param plugins what pluginText makes of them, by id; a text with `export` in it is the module as it is.
 */
export const makeHost = (
	program: PluginProgram,
	plugins: Readonly<Record<string, string>>,
	{
		limits = {},
		settings = {},
		requests,
	}: {
		readonly limits?: Partial<HostLimits>;
		readonly settings?: Readonly<Record<string, StoredSettings>>;
		readonly requests?: Partial<HostOptions['requests']>;
	} = {},
): TestHost => {
	const {folder, write} = makePluginPlace();
	const logs: string[] = [];
	const failures: string[] = [];
	const saved: Record<string, StoredSettings> = {};
	mkdirSync(join(folder, 'state'), {mode: 0o700});
	const host = createPluginHost({
		url: program.url,
		apiUrl: program.apiUrl,
		configuration: {
			entries: Object.entries(plugins).map(([id, text]) => ({
				source: write(`${id}.mjs`, text.includes('export ') ? text : pluginText(id, text)),
				enabled: true,
			})),
			settings,
		},
		packageFolder: folder,
		stateFolder: join(folder, 'state'),
		requests: {
			serverActivity: async () => ({state: 'idle', detail: ''}),
			createBackup: async () => ({name: 'made.zip'}),
			deleteBackup: async () => null,
			async saveSettings({id, stored}) {
				saved[id] = stored;
				return null;
			},
			...requests,
		},
		onLog: (level, plugin, text) => logs.push(`${level} ${plugin}: ${text}`),
		onFailure: (plugin, reason) => failures.push(`${plugin}: ${reason}`),
		limits: {...shortLimits, ...limits},
	});
	onTestFinished(host.close);
	const find = (id: string) =>
		host.plugins().find(({source, description}) => description?.id === id || source.endsWith(`/${id}.mjs`));
	return {
		host,
		logs,
		failures,
		saved,
		folder,
		stateOf: id => find(id)?.state ?? 'missing',
		reasonOf: id => find(id)?.reason ?? '',
	};
};

/** Lines of a file that plugins write to. */
export const linesOf = (path: string): readonly string[] => {
	try {
		return readFileSync(path, 'utf8').split('\n').filter(Boolean);
	} catch {
		return [];
	}
};
