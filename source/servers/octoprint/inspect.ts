import * as fs from 'node:fs';
import * as path from 'node:path';
import type {Instance, InstanceRef} from '../../client/protocol.js';
import {isPrintkeepError, PrintkeepError, toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {shellQuote} from '../../format/shell-quote.js';
import type {ServerPorts} from '../adapter.js';
import {nameOfFolder} from '../instance-names.js';
import {look} from '../look.js';
import {realPathOf} from '../real-path.js';
import {configFileOf, readConfiguration} from './configuration.js';
import {environmentOf, interpreterOf} from './environment.js';
import {leftoversOf} from './leftovers.js';
import {placesOf} from './places.js';
import {isRunning} from './running.js';

/** What only OctoPrint puts into a folder, beside its configuration. */
const signs = ['users.yaml', 'data', 'uploads', 'printerProfiles', 'generated', 'logs/octoprint.log'];

const exists = (file: string): boolean => look(file) !== undefined;

const unreadable = (error: unknown, dataFolder: string): PrintkeepError => {
	const {message} = toPrintkeepError(error, `The data folder ${safeText(dataFolder)} cannot be read`);
	return new PrintkeepError('source-unreadable', message, {
		hint: 'Run printkeep as the user OctoPrint runs as, for example with: sudo -u pi printkeep',
		cause: error,
	});
};

/** True when a restore of printkeep's has left its private folder, beside the data folder or inside it. */
const hasWorkFolder = (dataFolder: string): boolean =>
	exists(path.join(path.dirname(dataFolder), `.printkeep-${path.basename(dataFolder)}`)) ||
	exists(path.join(dataFolder, '.printkeep'));

/** How sure it is that a folder is OctoPrint's: `certain` with its configuration and more, `likely` with either. */
export const proofOf = (dataFolder: string, configFile?: string): 'certain' | 'likely' | 'none' => {
	const found = signs.filter(sign => exists(path.join(dataFolder, sign))).length;
	if (exists(configFileOf({dataFolder, ...(configFile === undefined ? {} : {configFile})}))) {
		return found > 0 ? 'certain' : 'likely';
	}

	// The configuration may be just what was lost, and is to be restored; or it is on its way while a restore was interrupted.
	return found >= 2 || hasWorkFolder(dataFolder) ? 'likely' : 'none';
};

const otherFolderHint = 'Run `printkeep instances` to see what is there.';

/** OctoPrint renames its data folder before it restores, and deletes it under its new name when it starts, whether it has become another one or not. */
const missingHint = (dataFolder: string): string => {
	const renamed = `${path.resolve(dataFolder)}.bck`;
	return exists(renamed)
		? `A restore by OctoPrint was interrupted: ${safeText(renamed)} is the old data folder. OctoPrint deletes it at its next start, so put it back before: mv -T ${shellQuote(renamed)} ${shellQuote(path.resolve(dataFolder))}`
		: `Is its disk mounted? ${otherFolderHint}`;
};

/**
 * Checks that a folder is the data folder of an OctoPrint, and can be read.
 * @throws PrintkeepError missing-folder, no-instance, source-unreadable.
 */
export const checkDataFolder = (dataFolder: string, configFile?: string): void => {
	try {
		const stats = fs.statSync(dataFolder, {throwIfNoEntry: false});
		if (!stats?.isDirectory()) {
			throw new PrintkeepError(
				'missing-folder',
				stats ? `${safeText(dataFolder)} is no folder.` : `The folder ${safeText(dataFolder)} does not exist.`,
				{hint: stats ? otherFolderHint : missingHint(dataFolder)},
			);
		}

		// Listing needs the right to read, looking at something inside the right to enter.
		fs.readdirSync(dataFolder);
		fs.statSync(`${dataFolder}/.`);
		if (configFile !== undefined && !exists(configFile)) {
			throw new PrintkeepError('missing-folder', `The configuration file ${safeText(configFile)} does not exist.`, {
				hint: 'Give the file OctoPrint is started with as --config, or leave it out for config.yaml in the data folder.',
			});
		}
	} catch (error) {
		throw isPrintkeepError(error) ? error : unreadable(error, dataFolder);
	}

	if (proofOf(dataFolder, configFile) === 'none') {
		throw new PrintkeepError(
			'no-instance',
			`${safeText(dataFolder)} is no data folder of OctoPrint: it has no config.yaml.`,
			{
				hint: 'The data folder is usually ~/.octoprint of the user OctoPrint runs as; a service shows it as --basedir.',
			},
		);
	}
};

/** What is known of an instance beside its folder. */
export type Evidence = {
	readonly dataFolder: string;
	readonly configFile?: string;
	readonly name?: string;
	readonly python?: string;
	readonly foundBy?: string;
	readonly serviceUnit?: string;
};

/**
 * Describes the instance in a folder.
 * @throws PrintkeepError missing-folder, no-instance, source-unreadable.
 */
export const inspect = async (ports: ServerPorts, evidence: Evidence): Promise<Instance> => {
	const {foundBy = 'its folder was given', serviceUnit} = evidence;
	const dataFolder = path.resolve(evidence.dataFolder);
	// The usual configuration file is not worth a word, however its path is written.
	const configFile =
		evidence.configFile !== undefined &&
		realPathOf(evidence.configFile) !== realPathOf(path.join(dataFolder, 'config.yaml'))
			? path.resolve(evidence.configFile)
			: undefined;
	checkDataFolder(dataFolder, configFile);
	const ref: InstanceRef = {
		name: evidence.name ?? nameOfFolder(dataFolder),
		kind: 'octoprint',
		dataFolder,
		...(configFile === undefined ? {} : {configFile}),
		...(evidence.python === undefined ? {} : {python: evidence.python}),
	};
	const python = ref.python ?? interpreterOf(ports, ref);
	const configuration = readConfiguration(ref);
	const places = placesOf(ref, configuration);
	const {version, versionSource} = await environmentOf(ports, ref);
	const problems = (await leftoversOf(ref)).map(({path: file, explanation}) => `${safeText(file)}: ${explanation}`);
	if (configuration.problem !== '') {
		problems.push(`OctoPrint's configuration could not be used, since ${configuration.problem}.`);
	}

	return {
		...ref,
		...(python === undefined ? {} : {python}),
		version,
		versionSource,
		foundBy,
		...(serviceUnit === undefined ? {} : {serviceUnit}),
		nativeBackupFolder: places.backupFolders[0] ?? path.join(dataFolder, 'data', 'backup'),
		running: isRunning(ports, ref),
		problems,
	};
};
