import {accessSync, constants, statfsSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import type {StoreInfo, Target} from '../client/protocol.js';
import {toPrintkeepError} from '../errors.js';

/** The path itself if it exists, else its nearest parent that does. */
export const nearestExisting = (path: string): string => {
	let current = path;
	while (!statSync(current, {throwIfNoEntry: false}) && dirname(current) !== current) {
		current = dirname(current);
	}

	return current;
};

/** Free and total bytes of the file system a path lies (or will lie) on; null when it cannot be asked. */
export const spaceOf = (path: string): {readonly freeBytes: number; readonly totalBytes: number} | null => {
	try {
		const stats = statfsSync(nearestExisting(path));
		return {freeBytes: stats.bavail * stats.bsize, totalBytes: stats.blocks * stats.bsize};
	} catch {
		return null;
	}
};

/** What there is to know about a store before anything is written to it. */
export const storeInfo = (target: Target): StoreInfo => {
	const {store} = target;
	const existing = nearestExisting(store);
	const space = spaceOf(store);
	let problem = '';
	const stats = statSync(store, {throwIfNoEntry: false});
	if (stats && !stats.isDirectory()) {
		problem = 'It is not a folder.';
	} else {
		try {
			accessSync(existing, constants.W_OK | constants.X_OK);
		} catch (error) {
			problem = toPrintkeepError(error, 'It cannot be written').message;
		}
	}

	let sameDevice = false;
	try {
		sameDevice = statSync(existing).dev === statSync(target.instance.dataFolder).dev;
	} catch {
		// An unreadable data folder is reported where it is read.
	}

	return {
		path: store,
		exists: stats !== undefined,
		writable: problem === '',
		freeBytes: space?.freeBytes ?? null,
		totalBytes: space?.totalBytes ?? null,
		sameDevice,
		problem,
	};
};
