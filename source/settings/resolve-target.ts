import * as fs from 'node:fs';
import * as path from 'node:path';
import type {Client} from '../client/client.js';
import type {Instance, InstanceRef, Result, ServerKind, Target} from '../client/protocol.js';
import {isPluginKind} from '../client/server-kind.js';
import {type ErrorCode, isPrintkeepError, PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {nameFor} from './instance-name.js';
import type {Paths} from './paths.js';
import type {InstanceSettings, Settings} from './schema.js';
import {defaultInstanceSettings} from './schema.js';
import {toTarget} from './to-target.js';

/** How a person says which instance and store is meant. Paths are absolute. */
export type TargetOptions = {
	readonly instance?: string | undefined;
	readonly basedir?: string | undefined;
	readonly config?: string | undefined;
	readonly store?: string | undefined;
	/** Without any instance, resolve to one that does not exist, for work on archives alone. */
	readonly withoutInstance?: boolean | undefined;
	/**
	 * Ends an interrupted restore before the instance is looked at, since its data folder may be in pieces, and tells of it when there was one. Without
	 * it nothing is touched.
	 */
	readonly onRecovery?: ((result: Result<'recover.pending'>) => void) | undefined;
};

export type ResolvedTarget = {
	readonly target: Target;
	readonly instance: Instance;
	readonly settings: InstanceSettings;
	/** True when the settings know the instance by name. */
	readonly registered: boolean;
	/** Why there is no instance, when only archives can be worked on; null when there is one. */
	readonly missing: PrintkeepError | null;
};

const realPath = (file: string): string => {
	try {
		return fs.realpathSync(file);
	} catch {
		return path.resolve(file);
	}
};

/** The settings of an instance nobody has set anything for. */
export const settingsFor = ({kind, dataFolder, configFile, python}: InstanceRef): InstanceSettings => ({
	kind,
	dataFolder,
	...(configFile === undefined ? {} : {configFile}),
	...(python === undefined ? {} : {python}),
	...defaultInstanceSettings,
});

/** The registered instance on a data folder, however the folder is spelled. */
export const findRegistered = (
	settings: Settings,
	dataFolder: string,
): {readonly name: string; readonly settings: InstanceSettings} | undefined => {
	const wanted = realPath(dataFolder);
	const found = Object.entries(settings.instances).find(([, instance]) => realPath(instance.dataFolder) === wanted);
	return found && {name: found[0], settings: found[1]};
};

/**
 * An instance the settings know but whose folder is gone: its backups can still be listed, checked and restored
 * elsewhere, which is what they are for.
 */
const lostInstance = (name: string, settings: InstanceSettings, reason: string): Instance => ({
	name,
	kind: settings.kind,
	dataFolder: settings.dataFolder,
	...(settings.configFile === undefined ? {} : {configFile: settings.configFile}),
	...(settings.python === undefined ? {} : {python: settings.python}),
	version: null,
	versionSource: 'unknown',
	foundBy: 'settings',
	nativeBackupFolder: isPluginKind(settings.kind) ? '' : path.join(settings.dataFolder, 'data', 'backup'),
	running: null,
	problems: [reason],
});

/** Errors after which the backups of an instance are worth the more: its folder has gone, or nothing here knows such a server. */
const lost: ReadonlySet<ErrorCode> = new Set(['missing-folder', 'no-instance', 'no-plugin', 'plugin-failed']);

const noInstance = (message: string, hint: string): PrintkeepError =>
	new PrintkeepError('no-instance', message, {hint});

const basedirHint = 'Name its data folder with --basedir DIR (OctoPrint’s is usually ~/.octoprint).';

const ambiguous = (names: readonly string[]): PrintkeepError =>
	new PrintkeepError('ambiguous-instance', `There are several instances: ${names.join(', ')}.`, {
		hint: 'Choose one with --instance NAME, or run `printkeep config set default-instance NAME` once.',
	});

/**
 * Finds the instance and store a command or the dashboard works on: `--basedir`, `--instance`, the default instance,
 * else the only one that is registered, else the only one found on this host.
 * Errors: no-instance, ambiguous-instance, missing-folder, source-unreadable.
 */
export const resolveTarget = async (
	client: Client,
	settings: Settings,
	paths: Paths,
	options: TargetOptions = {},
): Promise<ResolvedTarget> => {
	const finish = (instance: Instance, own: InstanceSettings, registered: boolean): ResolvedTarget => ({
		target: toTarget(instance, own, paths, options.store ?? own.store),
		instance,
		settings: own,
		registered,
		missing: null,
	});

	/** Ends an interrupted restore in a data folder. True when there was one. */
	const recover = async (instance: InstanceRef, own: InstanceSettings): Promise<boolean> => {
		if (!options.onRecovery) {
			return false;
		}

		const result = await client.request('recover.pending', {
			target: toTarget(instance, own, paths, options.store ?? own.store),
		});
		if (result.type !== 'none') {
			options.onRecovery(result);
		}

		return result.type !== 'none';
	};

	const recoverUnknown = async (
		dataFolder: string,
		name = 'octoprint',
		kind: ServerKind = 'octoprint',
	): Promise<boolean> => {
		const reference: InstanceRef = {name, kind, dataFolder};
		return recover(reference, settingsFor(reference));
	};

	const inspect = async (ref: {
		readonly dataFolder: string;
		readonly configFile?: string | undefined;
		readonly python?: string | undefined;
		readonly name?: string;
		readonly kind?: ServerKind;
	}): Promise<Instance> => {
		const configFile = options.config ?? ref.configFile;
		return client.request('instances.inspect', {
			dataFolder: ref.dataFolder,
			...(configFile === undefined ? {} : {configFile}),
			...(ref.python === undefined ? {} : {python: ref.python}),
			...(ref.name === undefined ? {} : {name: ref.name}),
			...(ref.kind === undefined ? {} : {kind: ref.kind}),
		});
	};

	const registered = async (name: string, own: InstanceSettings): Promise<ResolvedTarget> => {
		const {kind, dataFolder} = own;
		await recover({name, kind, dataFolder}, own);
		try {
			return finish(await inspect({...own, name}), own, true);
		} catch (error) {
			if (isPrintkeepError(error) && lost.has(error.code)) {
				return finish(lostInstance(name, own, error.message), own, true);
			}

			throw error;
		}
	};

	if (options.basedir !== undefined) {
		const known = findRegistered(settings, options.basedir);
		if (known && (options.instance === undefined || options.instance === known.name)) {
			return registered(known.name, known.settings);
		}

		await recoverUnknown(options.basedir, options.instance);
		const instance = await inspect({
			dataFolder: options.basedir,
			...(options.instance === undefined ? {} : {name: options.instance}),
		});
		const name = options.instance ?? nameFor(instance, settings);
		return finish({...instance, name}, settingsFor(instance), false);
	}

	const wanted = options.instance ?? (settings.defaultInstance === '' ? undefined : settings.defaultInstance);
	const known =
		wanted !== undefined && Object.hasOwn(settings.instances, wanted) ? settings.instances[wanted] : undefined;
	if (wanted !== undefined && known) {
		return registered(wanted, known);
	}

	const entries = Object.entries(settings.instances);
	const [only] = entries;
	if (options.instance === undefined && only) {
		if (entries.length > 1) {
			throw ambiguous(entries.map(([name]) => name));
		}

		return registered(...only);
	}

	const isMeant = ({name}: Instance): boolean => wanted === undefined || name === wanted;
	// Plugins are asked only where nothing else is found: nobody else has to wait for them.
	const find = async () => {
		const own = await client.request('instances.find', {extraFolders: []});
		if (own.found.some(isMeant)) {
			return own;
		}

		const theirs = await client.request('instances.find', {extraFolders: [], asksPlugins: 'only'});
		return {found: [...own.found, ...theirs.found], unusable: [...own.unusable, ...theirs.unusable]};
	};
	let {found, unusable} = await find();
	let isRecovered = false;
	for (const {dataFolder, kind} of found) {
		isRecovered = (await recoverUnknown(dataFolder, undefined, kind)) || isRecovered;
	}

	for (const {dataFolder} of unusable) {
		isRecovered = (await recoverUnknown(dataFolder)) || isRecovered;
	}

	if (isRecovered) {
		({found, unusable} = await find());
	}

	const candidates = found.filter(isMeant);
	const [candidate] = candidates;
	if (candidate && candidates.length === 1) {
		const instance = options.config === undefined ? candidate : await inspect(candidate);
		return finish(instance, settingsFor(instance), false);
	}

	if (candidates.length > 1) {
		throw ambiguous(candidates.map(({name}) => name));
	}

	if (wanted !== undefined) {
		const names = [...new Set([...entries.map(([name]) => name), ...found.map(({name}) => name)])];
		throw noInstance(
			`There is no instance called “${safeText(wanted)}” here.`,
			names.length === 0 ? basedirHint : `Instances: ${names.join(', ')}.`,
		);
	}

	const [first] = unusable;
	const missing = first
		? noInstance(`A print server was found in ${safeText(first.dataFolder)}, but ${safeText(first.reason)}`, first.hint)
		: noInstance('No print server was found on this host.', basedirHint);
	if (!options.withoutInstance) {
		throw missing;
	}

	const own = settingsFor({
		name: 'octoprint',
		kind: 'octoprint',
		dataFolder: path.join(paths.stateFolder, 'no-instance'),
	});
	return {...finish(lostInstance('octoprint', own, missing.message), own, false), missing};
};
