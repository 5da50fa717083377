/** What a plan and a restore have in common: the backup opened, what is wanted worked out, where it goes, what is there now. */
import {basename} from 'node:path';
import type {Instance, MachineSetting, RestoreChoice, ServerKind} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import type {Layout, RestoreTarget, ServerAdapter, ServerEnvironment} from '../../servers/adapter.js';
import {adapterFor, adapterOfArchive} from '../adapter-for.js';
import {readSummary} from '../archive/summary.js';
import type {JobContext} from '../jobs/context.js';
import {type BytePath, emptyPath, lastName, lookAt, parentPath, showPath, toBytePath} from './byte-path.js';
import {checkDestination, checkFileDestination} from './destination.js';
import {refuseUnfitNames} from './fit-names.js';
import {keepMachineSettings} from './keep-settings.js';
import {refuseMissingDisks} from './missing-disk.js';
import {createMounts, type Mounts} from './mounts.js';
import {type OpenedBackup, openBackup} from './opened-backup.js';
import {createOwnerOf, type OwnerOf} from './owners.js';
import {findPlaces, type SwapPlace, usualWorkFolder} from './places.js';
import {dataRoot, refuseWhilePending} from './recover.js';
import {type Scope, scopeOf} from './scope.js';
import {type SurveyOptions, survey} from './survey.js';
import type {Survey} from './survey-result.js';
import {buildWanted} from './wanted.js';
import type {Wanted, WantedFile} from './wanted-tree.js';
import {chooseWorkFolder} from './work-folder.js';

/** What only a restore into the instance itself has. */
export type InPlace = {
	readonly instance: Instance;
	readonly layout: Layout;
	readonly environment: ServerEnvironment;
	readonly targets: readonly RestoreTarget[];
	/** Where the present configuration puts the parts. */
	readonly presentTargets: readonly RestoreTarget[];
	readonly restoreDisabled: string;
	readonly newerVersion: boolean;
	/** Settings of this machine that are different in the backup. */
	readonly machineSettings: readonly MachineSetting[];
	/** What the server's own interrupted restores left, in words. */
	readonly serverRollbacks: readonly string[];
};

export type Prepared = {
	readonly adapter: ServerAdapter;
	readonly archivePath: string;
	/** File name of the archive. */
	readonly key: string;
	readonly backup: OpenedBackup;
	readonly scope: Scope;
	readonly wanted: Wanted;
	/** The file that goes to a place of its own, which `destination` is then; null for everything else. */
	readonly singleFile: WantedFile | null;
	/** Real path of the folder that receives the data. */
	readonly destination: BytePath;
	readonly inPlace: InPlace | null;
	readonly places: readonly SwapPlace[];
	readonly mounts: Mounts;
	readonly ownerOf: OwnerOf;
	/** Looks at what is there now. */
	readonly survey: (
		breathe: () => Promise<void>,
		options?: Pick<SurveyOptions, 'staying' | 'apart'>,
	) => Promise<Survey>;
};

const findInPlace = async (
	{ports}: JobContext,
	{target}: RestoreChoice,
	{
		adapter,
		backup,
		wanted,
		scope,
	}: {
		readonly adapter: ServerAdapter;
		readonly backup: OpenedBackup;
		readonly wanted: Wanted;
		readonly scope: Scope;
	},
): Promise<{readonly inPlace: InPlace; readonly wanted: Wanted}> => {
	const {instance: reference} = target;
	const {dataFolder, name, configFile, python} = reference;
	const instance = await adapter.inspect(ports.server, {
		dataFolder,
		name,
		...(configFile === undefined ? {} : {configFile}),
		...(python === undefined ? {} : {python}),
	});
	const environment = await adapter.environment(ports.server, reference);
	const serversReason = await adapter.restoreDisabled(ports.server, reference);
	const presentTargets = await adapter.restoreTargets(reference, null);
	const kept = keepMachineSettings(backup, adapter, {wanted, groups: scope.keepSettings, presentTargets});
	const leftovers = await adapter.leftovers(reference);
	return {
		wanted: kept.wanted,
		inPlace: {
			instance,
			layout: await adapter.layout(reference, target.store),
			environment,
			targets: kept.configYaml === null ? presentTargets : await adapter.restoreTargets(reference, kept.configYaml),
			presentTargets,
			restoreDisabled: target.restoreUnsupported
				? 'Restoring into this instance is switched off in the settings of printkeep.'
				: serversReason,
			newerVersion: adapter.isNewer(backup.version, environment.version),
			machineSettings: kept.differences,
			serverRollbacks: leftovers
				.filter(({type}) => type === 'server-rollback')
				.map(({path, explanation}) => `${showPath(toBytePath(path))}: ${explanation}`),
		},
	};
};

/** The kind of server printkeep's own archive is of; null for others, and for what cannot be read, of which more is told when it is opened. */
const kindOfArchive = (path: string): ServerKind | null => {
	try {
		return readSummary(path).comment?.kind ?? null;
	} catch {
		return null;
	}
};

const assertDataFolder = (dataFolder: BytePath): void => {
	const stats = lookAt(dataFolder);
	if (!stats?.isDirectory()) {
		throw new PrintkeepError('missing-folder', `The data folder ${showPath(dataFolder)} does not exist.`, {
			hint: 'Is its disk mounted? Otherwise restore into another folder with --to.',
		});
	}
};

/** A folder that is missing or empty, or the folder of a single file. */
const elsewherePlace = (destination: BytePath, singleFile: WantedFile | null): SwapPlace => {
	const made = lookAt(destination) === undefined;
	return singleFile === null
		? {target: emptyPath, live: destination, work: emptyPath, made, only: null}
		: {
				target: singleFile.target,
				live: parentPath(destination) === '' ? toBytePath('/') : parentPath(destination),
				work: emptyPath,
				made,
				only: lastName(destination),
			};
};

/**
 * Opens a backup and works out what restoring it means. The caller closes `backup.archive`.
 * @throws every refusal that does not depend on a person's decision: archive errors, wrong-server, usage, destination-exists, unsafe-destination,
 * missing-folder, permission-denied, needs-recovery
 */
export const prepare = async (
	context: JobContext,
	choice: RestoreChoice,
	{
		archivePath,
		mounts = createMounts(),
		looksOnly = false,
	}: {
		readonly archivePath: string;
		readonly mounts?: Mounts | undefined;
		/** True when nothing is going to be written, so that nothing need be writable. */
		readonly looksOnly?: boolean;
	},
): Promise<Prepared> => {
	const {ports, breathe} = context;
	const scope = scopeOf(choice);
	// Into a folder, a backup of any kind can be unpacked.
	const kind = (choice.to === undefined ? null : kindOfArchive(archivePath)) ?? choice.target.instance.kind;
	const adapterOfKind = await adapterFor(ports, kind);
	const chooseWork = looksOnly ? usualWorkFolder : chooseWorkFolder;
	const mayBeFile = scope.files?.length === 1;
	const folder = (to: string): BytePath => checkDestination(to, choice, ports.server.homeDirectories());
	if (choice.to === undefined) {
		assertDataFolder(dataRoot(choice.target.instance));
		refuseWhilePending(choice.target.instance);
	} else if (!mayBeFile) {
		folder(choice.to);
	}

	const {backup, records} = await openBackup(archivePath, adapterOfKind, {limits: choice.target.limits});
	const adapter = adapterOfArchive(adapterOfKind, backup.manifest);
	try {
		const asBackedUp = await buildWanted({backup, records}, adapter, {scope, breathe});
		const {inPlace, wanted} =
			choice.to === undefined
				? await findInPlace(context, choice, {adapter, backup, wanted: asBackedUp, scope})
				: {inPlace: null, wanted: asBackedUp};
		const node = mayBeFile ? wanted.files.find(({name}) => name === scope.files?.[0]) : undefined;
		const singleFile = choice.to !== undefined && node !== undefined ? node : null;
		const destination =
			choice.to === undefined
				? dataRoot(choice.target.instance)
				: singleFile
					? checkFileDestination(choice.to, singleFile.name, choice)
					: folder(choice.to);
		const places = inPlace
			? findPlaces({
					dataFolder: destination,
					targets: inPlace.targets,
					presentTargets: inPlace.presentTargets,
					root: wanted.root,
					mode: scope.mode,
					mounts,
					chooseWork,
				})
			: [elsewherePlace(destination, singleFile)];
		if (inPlace && !looksOnly) {
			refuseMissingDisks(places, wanted.root, mounts);
		}

		if (!looksOnly) {
			refuseUnfitNames(wanted.root, places);
		}

		const ownerOf = createOwnerOf(wanted, dataRoot(choice.target.instance));
		return {
			adapter,
			archivePath,
			key: choice.source.type === 'backup' ? choice.source.key : basename(archivePath),
			backup,
			scope,
			wanted,
			singleFile,
			destination,
			inPlace,
			places,
			mounts,
			ownerOf,
			survey: async (breatheHere, options) =>
				survey({
					wanted,
					places,
					adapter,
					layout: inPlace?.layout ?? {leftOut: () => undefined, offLimits: [], holdsBackups: () => false},
					mode: scope.mode,
					excludes: backup.excludes ?? [],
					mounts,
					chooseWork,
					ownerOf,
					breathe: breatheHere,
					...options,
				}),
		};
	} catch (error) {
		backup.archive.close();
		throw toPrintkeepError(error, 'The restore could not be prepared');
	}
};
