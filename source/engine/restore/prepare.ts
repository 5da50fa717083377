/** What a plan and a restore have in common: the backup opened, what is wanted worked out, where it goes, what is there now. */
import {basename, isAbsolute, resolve} from 'node:path';
import type {Instance, RestoreChoice} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {Layout, RestoreTarget, ServerAdapter, ServerEnvironment} from '../../servers/adapter.js';
import {dataPrefix} from '../details.js';
import type {JobContext} from '../jobs/context.js';
import {
	type BytePath,
	emptyPath,
	listNames,
	lookAt,
	parentPath,
	pathBelow,
	resolveLinks,
	showPath,
	toBytePath,
} from './byte-path.js';
import {createMounts, type Mounts} from './mounts.js';
import {type OpenedBackup, openBackup} from './opened-backup.js';
import {createOwnerOf, type OwnerOf} from './owners.js';
import {findPlaces, type SwapPlace, usualWorkFolder} from './places.js';
import {dataRoot, refuseWhilePending} from './recover.js';
import {survey} from './survey.js';
import type {Survey} from './survey-result.js';
import {buildWanted} from './wanted.js';
import type {Wanted} from './wanted-tree.js';
import {chooseWorkFolder, workFolderCandidates} from './work-folder.js';

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
};

export type Prepared = {
	readonly adapter: ServerAdapter;
	readonly archivePath: string;
	/** File name of the archive. */
	readonly key: string;
	readonly backup: OpenedBackup;
	readonly wanted: Wanted;
	/** Real path of the folder that receives the data. */
	readonly destination: BytePath;
	readonly inPlace: InPlace | null;
	readonly places: readonly SwapPlace[];
	readonly mounts: Mounts;
	readonly ownerOf: OwnerOf;
	/** Looks at what is there now. */
	readonly survey: (breathe: () => Promise<void>) => Promise<Survey>;
};

const elsewhere = 'Choose a folder that is missing or empty.';

const unsafe = (path: BytePath, why: string): PrintkeepError =>
	new PrintkeepError('unsafe-destination', `${showPath(path)} cannot receive a restored copy: ${why}.`, {
		hint: elsewhere,
	});

/** Real path of `--to`, which may be missing with any number of folders above it. */
const resolveMissing = (path: BytePath): BytePath => {
	const real = resolveLinks(path);
	if (real !== undefined) {
		return real;
	}

	const parent = parentPath(path) === '' ? toBytePath('/') : parentPath(path);
	const above = resolveMissing(parent);
	return (
		above === '/' ? `/${path.slice(path.lastIndexOf('/') + 1)}` : `${above}/${path.slice(path.lastIndexOf('/') + 1)}`
	) as BytePath;
};

/**
 * Checks the folder given with `--to`.
 * @throws destination-exists, not empty; unsafe-destination; usage when it is no absolute path
 */
export const checkDestination = (to: string, choice: RestoreChoice, homes: readonly string[]): BytePath => {
	if (!isAbsolute(to)) {
		throw new PrintkeepError('usage', `${safeText(to)} is no absolute path.`, {hint: elsewhere});
	}

	const path = resolveMissing(toBytePath(resolve(to)));
	const data = dataRoot(choice.target.instance);
	const store = resolveMissing(toBytePath(resolve(choice.target.store)));
	if (path === '/' || homes.some(home => path === resolveLinks(toBytePath(home)))) {
		throw unsafe(path, 'it holds everything else');
	}

	if (
		pathBelow(data, path) !== undefined ||
		workFolderCandidates(data).some(work => pathBelow(work, path) !== undefined)
	) {
		throw unsafe(path, 'it lies in the live data folder');
	}

	if (pathBelow(store, path) !== undefined) {
		throw unsafe(path, 'it lies in the backup folder');
	}

	const stats = lookAt(path);
	if (stats && !stats.isDirectory()) {
		throw new PrintkeepError('destination-exists', `${showPath(path)} exists and is no folder.`, {hint: elsewhere});
	}

	if (stats && listNames(path).some(name => name !== '.printkeep')) {
		throw new PrintkeepError('destination-exists', `${showPath(path)} is not empty.`, {hint: elsewhere});
	}

	return path;
};

const findInPlace = async (
	{ports}: JobContext,
	{target}: RestoreChoice,
	adapter: ServerAdapter,
	backup: OpenedBackup,
	takesConfig: boolean,
): Promise<InPlace> => {
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
	return {
		instance,
		layout: await adapter.layout(reference, target.store),
		environment,
		targets: await adapter.restoreTargets(reference, takesConfig ? backup.configYaml : null),
		presentTargets: await adapter.restoreTargets(reference, null),
		restoreDisabled: target.restoreUnsupported
			? 'Restoring into this instance is switched off in the settings of printkeep.'
			: serversReason,
		newerVersion: adapter.isNewer(backup.version, environment.version),
	};
};

const assertDataFolder = (dataFolder: BytePath): void => {
	const stats = lookAt(dataFolder);
	if (!stats?.isDirectory()) {
		throw new PrintkeepError('missing-folder', `The data folder ${showPath(dataFolder)} does not exist.`, {
			hint: 'Is its disk mounted? Otherwise restore into another folder with --to.',
		});
	}
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
	const adapter = ports.adapters[choice.target.instance.kind];
	const chooseWork = looksOnly ? usualWorkFolder : chooseWorkFolder;
	const given = choice.to === undefined ? null : checkDestination(choice.to, choice, ports.server.homeDirectories());
	if (given === null) {
		assertDataFolder(dataRoot(choice.target.instance));
		refuseWhilePending(choice.target.instance);
	}

	const backup = await openBackup(archivePath, adapter, dataPrefix(null));
	try {
		const wanted = await buildWanted(backup, adapter, {chosen: choice.parts, breathe});
		const inPlace =
			given === null ? await findInPlace(context, choice, adapter, backup, wanted.parts.has('config')) : null;
		const destination = given ?? dataRoot(choice.target.instance);
		const places = inPlace
			? findPlaces({dataFolder: destination, targets: inPlace.targets, root: wanted.root, mounts, chooseWork})
			: [{target: emptyPath, live: destination, work: emptyPath, made: lookAt(destination) === undefined, only: null}];
		const ownerOf = createOwnerOf(wanted, dataRoot(choice.target.instance));
		return {
			adapter,
			archivePath,
			key: choice.source.type === 'backup' ? choice.source.key : basename(archivePath),
			backup,
			wanted,
			destination,
			inPlace,
			places,
			mounts,
			ownerOf,
			survey: async breatheHere =>
				survey({
					wanted,
					places,
					adapter,
					layout: inPlace?.layout ?? {leftOut: () => undefined, offLimits: []},
					excludes: backup.excludes ?? [],
					mounts,
					chooseWork,
					ownerOf,
					breathe: breatheHere,
				}),
		};
	} catch (error) {
		backup.archive.close();
		throw toPrintkeepError(error, 'The restore could not be prepared');
	}
};
