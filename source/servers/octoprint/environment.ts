import * as fs from 'node:fs';
import * as path from 'node:path';
import type {InstanceRef, PluginRecord} from '../../client/protocol.js';
import type {ServerEnvironment, ServerPorts} from '../adapter.js';
import {look} from '../look.js';
import {distributionsWith, packageFolders, prefixOf, versionOf} from '../python-environment.js';
import {realPathOf} from '../real-path.js';
import {readConfiguration} from './configuration.js';
import {versionFromLogs} from './log-version.js';
import {placesOf} from './places.js';
import {serversOn} from './running.js';

/** Plugins that are packages of their own but come with OctoPrint. Source: `plugin_considered_bundled` in `octoprint/plugin/__init__.py`. */
const bundled = new Set(['firmware_check', 'file_check', 'pi_support']);

/** A Python environment with OctoPrint in it. */
export type PythonEnvironment = {
	/** The environment's folder. */
	readonly prefix: string;
	readonly folders: readonly string[];
	readonly version: string;
};

const usualPlaces = (home: string): readonly string[] =>
	[
		...['oprint', 'OctoPrint/venv', 'octoprint/venv', 'OctoPrint', 'octoprint', '.octoprint/venv'],
		...['.local/share/pipx/venvs/octoprint', '.local/pipx/venvs/octoprint', '.local'],
	].map(place => path.join(home, place));

const sharedPlaces = ['/opt/octopi/oprint', '/opt/octoprint/venv', '/opt/octoprint', '/opt/venv', '/usr/local', '/usr'];

/** Home folders that have to do with a data folder: it lies in them, or belongs to the same user. */
const homesOf = (ports: ServerPorts, dataFolder: string): readonly string[] => {
	const owner = look(dataFolder)?.uid;
	return ports.homeDirectories().filter(home => dataFolder.startsWith(`${home}/`) || look(home)?.uid === owner);
};

/** The environment OctoPrint is installed in for an instance; undefined when none is found. Best evidence first: what the person said, then what runs. */
export const findEnvironment = (ports: ServerPorts, instance: InstanceRef): PythonEnvironment | undefined => {
	const base = realPathOf(instance.dataFolder);
	const running = serversOn(ports, base) ?? [];
	const userFolders = [...running.map(({userBase}) => userBase), path.join(path.dirname(base), 'plugins')].flatMap(
		folder => (folder === null ? [] : packageFolders(folder)),
	);
	const candidates = [
		instance.python,
		...running.map(({python}) => python),
		...homesOf(ports, base).flatMap(usualPlaces),
		path.join(path.dirname(base), 'venv'),
		...sharedPlaces,
	];
	for (const candidate of candidates) {
		if (candidate) {
			const prefix = prefixOf(candidate);
			const folders = packageFolders(prefix);
			const version = versionOf(folders, 'octoprint');
			if (version !== undefined) {
				return {prefix, folders: [...folders, ...userFolders], version};
			}
		}
	}

	return undefined;
};

/** The interpreter of an environment; undefined when it has none. */
export const interpreterIn = ({prefix}: Pick<PythonEnvironment, 'prefix'>): string | undefined =>
	['python', 'python3'].map(name => path.join(prefix, 'bin', name)).find(file => fs.existsSync(file));

/** The interpreter of the environment OctoPrint is installed in; undefined when none is found. */
export const interpreterOf = (ports: ServerPorts, instance: InstanceRef): string | undefined => {
	const environment = findEnvironment(ports, instance);
	return environment && interpreterIn(environment);
};

/** The third-party plugins of an environment, by their keys. */
export const pluginsOf = ({folders}: Pick<PythonEnvironment, 'folders'>): readonly PluginRecord[] =>
	distributionsWith(folders, 'octoprint.plugin')
		.flatMap(({name, version, homePage, entryPoints}) =>
			(entryPoints.get('octoprint.plugin') ?? []).map(key => ({key, name, url: homePage, version})),
		)
		.filter(({key}, index, all) => !bundled.has(key) && all.findIndex(other => other.key === key) === index)
		.sort((a, b) => (a.key < b.key ? -1 : 1));

/** Version and plugins of an instance's server, without starting anything. */
export const environmentOf = async (ports: ServerPorts, instance: InstanceRef): Promise<ServerEnvironment> => {
	const environment = findEnvironment(ports, instance);
	if (environment) {
		return {version: environment.version, versionSource: 'environment', plugins: pluginsOf(environment)};
	}

	const version = versionFromLogs(placesOf(instance, readConfiguration(instance)).folder('logs').real);
	return version === undefined
		? {version: null, versionSource: 'unknown', plugins: null}
		: {version, versionSource: 'log', plugins: null};
};
