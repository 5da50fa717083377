import type {RestorePlan} from '../../client/protocol.js';
import {spaceOf} from '../space.js';
import {type BytePath, lookAt, parentPath, toText} from './byte-path.js';
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

/**
 * What a restore writes on each file system it touches: everything it unpacks. The old data only changes its name and needs no more space than it has.
 */
export const spaceNeeded = (
	wanted: Pick<Wanted, 'files'>,
	places: readonly SwapPlace[],
	mounts: Mounts,
): RestorePlan['space'] => {
	const byDevice = new Map<number, {path: BytePath; neededBytes: number}>();
	const devices = places.map(({live}) => mounts.deviceOf(existing(live)));
	for (const {target, entry} of wanted.files) {
		const found = placeOf(places, target);
		const device = found && devices[found.index];
		if (found && device !== undefined) {
			const sum = byDevice.get(device) ?? {path: found.place.live, neededBytes: marginBytes};
			sum.neededBytes += Math.ceil(entry.bytes / blockBytes) * blockBytes;
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
