import type {RestoreMode} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import type {RestoreTarget} from '../../servers/adapter.js';
import {
	type BytePath,
	emptyPath,
	joinPath,
	lastName,
	lookAt,
	parentPath,
	pathBelow,
	resolveLinks,
	showPath,
	toBytePath,
} from './byte-path.js';
import type {Mounts} from './mounts.js';
import {nodeAt, type WantedFile, type WantedNode} from './wanted-tree.js';
import {chooseWorkFolder, workFolderCandidates} from './work-folder.js';

/** Tells where the private folder of a place lies. */
export type ChooseWorkFolder = typeof chooseWorkFolder;

/** Where it would usually lie, for a look that writes nothing: whether anything can be written there does not matter then. */
export const usualWorkFolder: ChooseWorkFolder = root => workFolderCandidates(root)[0];

/** A folder on the disk that receives a part of the tree, with the private folder that belongs to it. */
export type SwapPlace = {
	/** Path inside the data folder that it stands for; empty for the data folder itself. */
	readonly target: BytePath;
	/** Real path of the folder. */
	readonly live: BytePath;
	readonly work: BytePath;
	/** True when it does not exist yet. */
	readonly made: boolean;
	/** The one name in it that counts, when the place stands for a single file. */
	readonly only: BytePath | null;
};

/** Real path of something that may not exist itself; its parent must. */
const resolveDestination = (path: BytePath, what: string): BytePath => {
	const real = resolveLinks(path);
	if (real !== undefined) {
		return real;
	}

	const parent = resolveLinks(parentPath(path));
	// A link that leads nowhere must not be followed by making what it names.
	if (parent === undefined || lookAt(path) !== undefined) {
		throw new PrintkeepError('missing-folder', `The folder for ${what}, ${showPath(path)}, does not exist.`, {
			hint: 'Connect and mount the disk it lies on; or restore into another folder with --to, or leave that part out with --part.',
		});
	}

	return joinPath(parent, lastName(path));
};

const overlap = (what: string, live: BytePath): PrintkeepError =>
	new PrintkeepError(
		'unsafe-destination',
		`The folder for ${what}, ${showPath(live)}, holds other data of this instance.`,
		{
			hint: 'Restore into another folder with --to, or leave that part out with --part.',
		},
	);

/** The place for a target that lies outside its usual path. */
const externalPlace = (
	{target, destination}: RestoreTarget,
	node: WantedNode | undefined,
	{
		mounts,
		places,
		chooseWork,
	}: {readonly mounts: Mounts; readonly places: readonly SwapPlace[]; readonly chooseWork: ChooseWorkFolder},
): SwapPlace => {
	const live = resolveDestination(toBytePath(destination), target);
	if (node ? node.type !== 'folder' : lookAt(live)?.isDirectory() !== true) {
		return {
			target: toBytePath(target),
			live: parentPath(live) === '' ? toBytePath('/') : parentPath(live),
			work: chooseWork(live, mounts),
			made: false,
			only: lastName(live),
		};
	}

	const stats = lookAt(live);
	if (stats && !stats.isDirectory()) {
		throw new PrintkeepError('unsafe-destination', `${showPath(live)}, where ${target} belongs, is no folder.`, {
			hint: 'Restore into another folder with --to, or leave that part out with --part.',
		});
	}

	if (places.some(place => place.only === null && (place.live === live || pathBelow(live, place.live) !== undefined))) {
		throw overlap(target, live);
	}

	return {
		target: toBytePath(target),
		live,
		work: chooseWork(live, mounts),
		made: stats === undefined,
		only: null,
	};
};

/** True for a folder or file of the instance's own that lies elsewhere, now as before. */
const isToBeEmptied = (
	{target, destination, external, own}: RestoreTarget,
	presentTargets: readonly RestoreTarget[],
): boolean =>
	external &&
	own &&
	lookAt(toBytePath(destination)) !== undefined &&
	presentTargets.some(present => present.target === target && present.destination === destination);

/**
 * The places of a restore: the data folder first, then the folders and files that are configured elsewhere and are in the backup.
 * @throws missing-folder, unsafe-destination, permission-denied
 */
export const findPlaces = ({
	dataFolder,
	targets,
	presentTargets = [],
	root,
	mode = 'replace',
	mounts,
	chooseWork = chooseWorkFolder,
}: {
	/** Real path of the data folder. */
	readonly dataFolder: BytePath;
	readonly targets: readonly RestoreTarget[];
	/** Where the present configuration puts them: what the backup does not have is emptied only there, and only in the mode `exact`. */
	readonly presentTargets?: readonly RestoreTarget[];
	readonly root: WantedNode;
	readonly mode?: RestoreMode;
	readonly mounts: Mounts;
	readonly chooseWork?: ChooseWorkFolder;
}): readonly SwapPlace[] => {
	const places: SwapPlace[] = [
		{target: emptyPath, live: dataFolder, work: chooseWork(dataFolder, mounts), made: false, only: null},
	];
	for (const target of targets) {
		const node = target.external ? nodeAt(root, toBytePath(target.target)) : undefined;
		if (node || (mode === 'exact' && isToBeEmptied(target, presentTargets))) {
			places.push(externalPlace(target, node, {mounts, places, chooseWork}));
		}
	}

	return places;
};

/** The place a path of the data folder belongs to, and its path there. */
export const placeOf = (
	places: readonly SwapPlace[],
	target: BytePath,
): {readonly place: SwapPlace; readonly index: number; readonly relative: BytePath} | undefined => {
	let best: {place: SwapPlace; index: number; relative: BytePath} | undefined;
	for (const [index, place] of places.entries()) {
		const relative = pathBelow(place.target, target);
		if (relative !== undefined && (!best || place.target.length > best.place.target.length)) {
			best = {place, index, relative: place.only === null ? relative : place.only};
		}
	}

	return best;
};

/** Where on the disk a wanted file belongs. */
export const liveOf = (places: readonly SwapPlace[], {target}: WantedFile): BytePath => {
	const at = placeOf(places, target);
	return at ? joinPath(at.place.live, at.relative) : target;
};
