/** Installs the plugins of a backup that are missing, as OctoPrint's own restore does it, but one by one and without believing that it worked. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type {InstanceRef, PluginRecord, ReinstalledPlugin} from '../../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../../errors.js';
import {safeText} from '../../../format/safe-text.js';
import type {ReinstallOptions, ServerPorts} from '../../adapter.js';
import {withoutCredentials} from '../../download-address.js';
import {isSameVersion} from '../../python-version.js';
import {readConfiguration} from '../configuration.js';
import {placesOf} from '../places.js';
import {pluginRepository} from '../plugin-commands.js';
import {incompatibility} from './compatibility.js';
import {askFacts, type Facts} from './facts.js';
import {installPlugin} from './install-plugin.js';
import {loadRepository, type Repository} from './load-repository.js';
import {writeConstraints} from './pip.js';
import {type Place, preparePlace} from './place.js';
import type {RepositoryPlugin} from './repository.js';

/** Keys that are also names of files. */
const plainKey = /^[\w-]+(?:\.[\w-]+)*$/u;

/** True for a plugin that is a file or folder in OctoPrint's own folder for them. */
const isSingleFile = (folder: string, key: string): boolean =>
	plainKey.test(key) &&
	[`${key}.py`, path.join(key, '__init__.py')].some(name => fs.existsSync(path.join(folder, name)));

type Known =
	| {readonly type: 'settled'; readonly result: ReinstalledPlugin}
	| {readonly type: 'wanted'; readonly entry: RepositoryPlugin; readonly archive: string};

/** What can be told of a plugin before anything is fetched for it. */
const lookUp = (
	{key, name, url, version: wanted}: PluginRecord,
	{
		facts,
		repository,
		pluginFolder,
	}: {readonly facts: Facts; readonly repository: Repository; readonly pluginFolder: string},
): Known => {
	const settled = (outcome: ReinstalledPlugin['outcome'], reason: string, version: string | null = null): Known => ({
		type: 'settled',
		result: {key, name, wanted, outcome, version, reason, attempts: 0},
	});
	const there = facts.plugins.get(key);
	if (there) {
		return settled(
			'present',
			wanted === null || isSameVersion(wanted, there.version) ? '' : `${safeText(wanted)} was backed up.`,
			there.version,
		);
	}

	if (facts.own.has(key)) {
		return settled('present', 'It comes with this OctoPrint.');
	}

	if (isSingleFile(pluginFolder, key)) {
		return settled('present', `It lies in ${safeText(pluginFolder)}.`);
	}

	const entry = repository.plugins.get(key);
	if (!entry) {
		return settled(
			'unknown',
			`The repository does not have it${url === null ? '' : `; its page is ${safeText(withoutCredentials(url))}`}.`,
		);
	}

	const reason = incompatibility(entry, {
		octoprint: facts.octoprint ?? '',
		python: facts.python,
		platform: facts.platform,
	});
	if (reason !== '') {
		return settled('incompatible', reason);
	}

	return entry.archive === null
		? settled('failed', 'The repository names no archive of it that can be fetched.')
		: {type: 'wanted', entry, archive: entry.archive};
};

/** @throws failed without pip, permission-denied */
const checkRights = ({prefix}: Place, {pip, isVirtual, isWritable, hasUserPackages}: Facts): void => {
	if (pip === null) {
		throw new PrintkeepError('failed', `There is no pip in ${safeText(prefix)}, which installs plugins.`, {
			hint: `Install it with: ${safeText(path.join(prefix, 'bin/python'))} -m ensurepip`,
		});
	}

	if (!isWritable && (isVirtual || !hasUserPackages)) {
		throw new PrintkeepError('permission-denied', `You may not install anything in ${safeText(prefix)}.`, {
			hint: 'Run printkeep as the user that OctoPrint runs as, or as root.',
		});
	}
};

const reinstallAll = async (
	ports: ServerPorts,
	place: Place,
	{instance, options}: {readonly instance: InstanceRef; readonly options: ReinstallOptions},
): Promise<void> => {
	const {plugins, dryRun, signal, onStep, onDone} = options;
	const facts = await askFacts(ports, place, signal);
	checkRights(place, facts);
	const source = options.repository ?? pluginRepository;
	const repository = await loadRepository(ports, {source, folder: place.folder, signal});
	const constraints = writeConstraints(place, facts);
	const pluginFolder = placesOf(instance, readConfiguration(instance)).folder('plugins').real;
	for (const [index, plugin] of plugins.entries()) {
		signal.throwIfAborted();
		onStep(plugin, 'looking');
		const known = lookUp(plugin, {facts, repository, pluginFolder});
		const {key, name, version: wanted} = plugin;
		if (known.type === 'settled') {
			onDone(known.result, '');
			continue;
		}

		if (dryRun) {
			const host = safeText(new URL(known.archive).host);
			onDone({key, name, wanted, outcome: 'would-install', version: null, reason: `From ${host}.`, attempts: 0}, '');
			continue;
		}

		try {
			const {result, detail} = await installPlugin(
				{
					ports,
					place,
					facts,
					repository,
					constraints,
					fromIndex: options.fromIndex,
					signal,
					onStep: doing => {
						onStep(plugin, doing);
					},
				},
				plugin,
				{entry: known.entry, archive: known.archive, folder: path.join(place.folder, String(index))},
			);
			onDone(result, detail);
		} catch (error) {
			// One plugin never stands in the way of the others, unless it is the person who does.
			signal.throwIfAborted();
			const {message, detail = ''} = toPrintkeepError(error, 'It could not be fetched');
			onDone({key, name, wanted, outcome: 'failed', version: null, reason: message, attempts: 1}, detail);
		}
	}
};

/**
 * Installs the plugins that are missing, one after the other; see `ServerAdapter.reinstallPlugins`.
 * @throws failed, permission-denied, remote-failed, not-found, usage, cancelled
 */
export const reinstallPlugins = async (
	ports: ServerPorts,
	instance: InstanceRef,
	options: ReinstallOptions,
): Promise<void> => {
	const place = await preparePlace(ports, instance);
	try {
		await reinstallAll(ports, place, {instance, options});
	} finally {
		await place.remove();
	}
};
