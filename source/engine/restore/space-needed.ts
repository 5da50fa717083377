import type {RestorePlan} from '../../client/protocol.js';
import {spaceOf} from '../space.js';
import {type BytePath, lookAt, parentPath, toText} from './byte-path.js';
import type {Move, SwapRecord} from './journal.js';
import type {Mounts} from './mounts.js';
import {placeOf, type SwapPlace} from './places.js';
import type {Wanted} from './wanted-tree.js';

const blockBytes = 4096;
/** For folders, the journal and what else is written meanwhile. */
const marginBytes = 4 * 1024 * 1024;

const existing = (path: BytePath): BytePath => {
	let current = path;
	while (current !== '' && !lookAt(current)) {
		current = parentPath(current);
	}

	return current === '' ? ('/' as BytePath) : current;
};

/** What the journal says of a move, or of what only gets other attributes, at most, besides its path. */
const recordBytes = 200;

/** What an exchange of single files writes besides them: the journal and its new version, and the folders they lie in for the stage and the old data. */
const besideFiles = (moves: readonly Move[], changes: SwapRecord['folders']): number =>
	blockBytes * 64 +
	[...moves, ...changes].reduce((sum, {path}) => sum + 2 * (path.length + recordBytes), 0) +
	2 * blockBytes * new Set(moves.map(({place, path}) => `${place}/${parentPath(path)}`)).size;

/**
 * What a restore writes on each file system it touches: everything it unpacks. The old data only changes its name and needs no more space than it has.
 * @param moves the moves, when space is short and has to be counted exactly.
 * @param changes what only gets other attributes then.
 */
export const spaceNeeded = (
	wanted: Pick<Wanted, 'files'>,
	{
		places,
		mounts,
		moves,
		changes = [],
	}: {
		readonly places: readonly SwapPlace[];
		readonly mounts: Mounts;
		readonly moves?: readonly Move[];
		readonly changes?: SwapRecord['folders'];
	},
): RestorePlan['space'] => {
	const byDevice = new Map<number, {path: BytePath; neededBytes: number}>();
	const devices = places.map(({live}) => mounts.deviceOf(existing(live)));
	const margin = moves === undefined ? marginBytes : besideFiles(moves, changes);
	const [main] = places;
	if (main && devices[0] !== undefined && moves !== undefined) {
		byDevice.set(devices[0], {path: main.live, neededBytes: margin});
	}

	for (const {target, bytes} of wanted.files) {
		const found = placeOf(places, target);
		const device = found && devices[found.index];
		if (found && device !== undefined) {
			const sum = byDevice.get(device) ?? {path: found.place.live, neededBytes: margin};
			sum.neededBytes += Math.ceil(bytes / blockBytes) * blockBytes;
			byDevice.set(device, sum);
		}
	}

	return [...byDevice.values()].map(({path, neededBytes}) => ({
		path: toText(path),
		neededBytes,
		freeBytes: spaceOf(toText(path))?.freeBytes ?? Number.MAX_SAFE_INTEGER,
	}));
};

/** True when every file system has the space. */
export const isEnough = (space: RestorePlan['space']): boolean =>
	space.every(({neededBytes, freeBytes}) => neededBytes <= freeBytes);
