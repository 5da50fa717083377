/** Asks the plugins installed in an OctoPrint what they want left out of a backup, as OctoPrint's own backup does. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type {InstanceRef} from '../../client/protocol.js';
import type {LoneResult, PluginAnswer, PluginAnswers, PluginPoll, ServerPorts} from '../adapter.js';
import {whyNotRoots} from '../roots-alone.js';
import {makeScratchFolder} from '../scratch-folder.js';
import {configFileOf, readConfiguration} from './configuration.js';
import {pluginsOf} from './environment.js';
import {folderKeys, targetOf} from './folders.js';
import {type Places, placesOf} from './places.js';
import {pluginFingerprint} from './plugin-fingerprint.js';
import {findPluginRunner, type PluginRunner} from './plugin-runner.js';
import {pluginScript} from './plugin-script.js';

/** Forty times what loading OctoPrint and a few plugins takes on a desktop, for small boards; a hook that hangs must not keep a backup much longer. */
const timeoutMilliseconds = 60_000;

/** Of an answer: ten thousand paths, about. */
const maximumBytes = 1_000_000;

const maximumPlugins = 1000;

const textOf = (value: unknown): string | null => (typeof value === 'string' && value.length <= 4096 ? value : null);

const answerOf = (value: unknown): PluginAnswer | null => {
	if (typeof value !== 'object' || value === null) {
		return null;
	}

	const fields = new Map<string, unknown>(Object.entries(value));
	const plugin = textOf(fields.get('plugin'));
	const items = fields.get('items');
	const error = textOf(fields.get('error'));
	return plugin === null
		? null
		: {
				plugin,
				name: textOf(fields.get('name')) || plugin,
				items: Array.isArray(items) ? items.map(textOf) : null,
				...(error === null ? {} : {error}),
			};
};

/** Reads what the script wrote: it may have been written by a plugin, and is believed nothing but its form. */
export const parseAnswers = (text: string): PluginAnswers => {
	const no = (reason: string): PluginAnswers => ({type: 'no-answer', reason, detail: ''});
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return no('what they answered cannot be understood');
	}

	const list = typeof value === 'object' && value !== null && 'plugins' in value ? value.plugins : null;
	if (!Array.isArray(list) || list.length > maximumPlugins) {
		return no('what they answered cannot be understood');
	}

	const plugins = list.map(answerOf);
	return plugins.every(plugin => plugin !== null)
		? {type: 'answer', plugins}
		: no('what they answered cannot be understood');
};

const failures = {
	'not-started': 'its Python could not be started',
	timeout: 'they took too long',
	'too-large': 'they answered too much',
	cancelled: 'that was cancelled',
} as const satisfies Record<Extract<LoneResult, {type: 'failure'}>['reason'], string>;

const answersOf = (result: LoneResult): PluginAnswers => {
	if (result.type === 'failure') {
		return {type: 'no-answer', reason: failures[result.reason], detail: result.detail};
	}

	return result.exitCode === 0
		? parseAnswers(result.answer)
		: {type: 'no-answer', reason: 'OctoPrint could not be started to ask them', detail: result.errors};
};

/** Places of the data by the names they have in a copy with everything in its usual place, the longest first. */
const placeNames = (places: Places): readonly (readonly [string, string])[] =>
	[...folderKeys.map(key => [targetOf(key), places.folder(key).real] as const), ['', places.base] as const].sort(
		([a], [b]) => b.length - a.length,
	);

const ask = async (
	ports: ServerPorts,
	instance: InstanceRef,
	{
		runner,
		places,
		told,
		signal,
	}: {
		readonly runner: PluginRunner;
		readonly places: Places;
		readonly told: readonly string[];
		readonly signal: AbortSignal;
	},
): Promise<PluginAnswers> => {
	const {interpreter, user, temporaryFolder, userBase} = runner;
	let scratch: Awaited<ReturnType<typeof makeScratchFolder>>;
	try {
		scratch = await makeScratchFolder(ports, {parent: temporaryFolder, user});
	} catch (error) {
		return {type: 'no-answer', reason: `there is no place for a copy in ${temporaryFolder}`, detail: String(error)};
	}

	try {
		const request = {
			scratch: scratch.path,
			config: configFileOf(instance),
			data: places.folder('data').real,
			plugins: places.folder('plugins').real,
			places: placeNames(places),
			told,
			seconds: timeoutMilliseconds / 1000 + 5,
		};
		const nowhere = 'http://127.0.0.1:9';
		return answersOf(
			await ports.runAlone({
				file: interpreter,
				args: ['-B', '-', JSON.stringify(request)],
				input: pluginScript,
				environment: {
					PATH: '/usr/local/bin:/usr/bin:/bin',
					HOME: scratch.path,
					TMPDIR: scratch.path,
					LC_ALL: 'C.UTF-8',
					PYTHONDONTWRITEBYTECODE: '1',
					...(userBase === null ? {} : {PYTHONUSERBASE: userBase}),
					http_proxy: nowhere,
					https_proxy: nowhere,
					HTTP_PROXY: nowhere,
					HTTPS_PROXY: nowhere,
				},
				workingFolder: scratch.path,
				...(user === undefined ? {} : {user}),
				timeoutMilliseconds,
				maximumBytes,
				signal,
			}),
		);
	} finally {
		await scratch.remove();
	}
};

const hasSingleFiles = (folder: string): boolean => {
	try {
		return fs
			.readdirSync(folder)
			.some(
				name =>
					!name.startsWith('__') && (name.endsWith('.py') || fs.existsSync(path.join(folder, name, '__init__.py'))),
			);
	} catch {
		return false;
	}
};

/**
 * A data folder that is root's has its plugins asked by root, who must not run what somebody else may have put there: the plugins that are files, and what the
 * configuration tells them. Empty when that is well, or when somebody else asks.
 */
const whyNotAsRoot = (
	{user, interpreter, environment, userBase}: PluginRunner,
	{
		places,
		configFile,
		pluginsFolder,
	}: {readonly places: Places; readonly configFile: string; readonly pluginsFolder: string},
): string =>
	user === undefined && process.geteuid?.() === 0
		? whyNotRoots(
				[interpreter, ...environment.folders, ...(userBase === null ? [] : [userBase]), places.base, configFile],
				[pluginsFolder],
			)
		: '';

/** Finds out how the plugins of an instance can be asked. */
export const pluginPoll = async (ports: ServerPorts, instance: InstanceRef): Promise<PluginPoll> => {
	try {
		const runner = findPluginRunner(ports, instance);
		if ('reason' in runner) {
			return {type: 'unavailable', reason: runner.reason};
		}

		const places = placesOf(instance, readConfiguration(instance));
		const pluginsFolder = places.folder('plugins').real;
		// None of those that come with OctoPrint has anything to leave out.
		if (pluginsOf(runner.environment).length === 0 && !hasSingleFiles(pluginsFolder)) {
			return {type: 'nobody'};
		}

		const foreign = whyNotAsRoot(runner, {places, configFile: configFileOf(instance), pluginsFolder});
		if (foreign !== '') {
			return {type: 'unavailable', reason: `root would run what others can change: ${foreign}`};
		}

		return {
			type: 'available',
			fingerprint: pluginFingerprint(instance, {runner, pluginsFolder}),
			ask: async ({told, signal}) => ask(ports, instance, {runner, places, told, signal}),
		};
	} catch {
		return {type: 'unavailable', reason: 'its configuration cannot be read'};
	}
};
