/** Watches a store and the server's backup folder, so that the list follows what other programs do. The only place that imports chokidar. */

import {statfsSync} from 'node:fs';
import {basename} from 'node:path';
import {type FSWatcher, watch} from 'chokidar';
import {nearestExisting} from './space.js';

export type FolderWatcher = {readonly close: () => Promise<void>};

// Magic numbers of statfs(2): changes made elsewhere raise no inotify events on these.
const networkFileSystems = new Set([0x6969, 0xff534d42, 0xfe534d42, 0x517b, 0x65735546, 0x01021997]);

const onNetwork = (folder: string): boolean => {
	try {
		return networkFileSystems.has(statfsSync(nearestExisting(folder)).type >>> 0);
	} catch {
		return false;
	}
};

const settleMilliseconds = 80;
const longestWaitMilliseconds = 400;

/**
 * Calls `onChange` soon after something in one of the folders changed; many changes at once make few calls. A folder that does not exist yet is
 * noticed when it appears. Errors of the watcher (no inotify watches left) are told once through `onError`.
 */
export const watchFolders = (
	folders: readonly string[],
	{onChange, onError}: {readonly onChange: () => void; readonly onError: (error: unknown) => void},
): FolderWatcher => {
	let settleTimer: NodeJS.Timeout | undefined;
	let waitingSince: number | undefined;
	const fire = (): void => {
		settleTimer = undefined;
		waitingSince = undefined;
		onChange();
	};
	const schedule = (): void => {
		const now = performance.now();
		waitingSince ??= now;
		clearTimeout(settleTimer);
		const remaining = longestWaitMilliseconds - (now - waitingSince);
		settleTimer = setTimeout(fire, Math.max(0, Math.min(settleMilliseconds, remaining)));
	};

	const watchers: FSWatcher[] = folders.map(folder => {
		// Where the folder is missing its nearest parent is watched, only for the way down to the folder.
		const start = nearestExisting(folder);
		const watcher = watch(start, {
			...(start === folder ? {depth: 0} : {}),
			ignoreInitial: true,
			ignorePermissionErrors: true,
			usePolling: onNetwork(folder),
			interval: 700,
			// Only the folder and the way to it. Files are not watched one by one: that would take an inotify watch each, of which a small board has
			// few. The folder's own watch tells of them in its raw events.
			ignored: (path, stats) => stats?.isFile() === true || !(path === folder || folder.startsWith(`${path}/`)),
		});
		watcher.on('all', schedule);
		// What changed before the watch was in place has been seen by nobody.
		watcher.on('ready', schedule);
		watcher.on('raw', (_event, name) => {
			if (!/^\.printkeep-part-|\.tmp$/.test(basename(String(name)))) {
				schedule();
			}
		});
		watcher.on('error', onError);
		return watcher;
	});

	return {
		async close() {
			clearTimeout(settleTimer);
			await Promise.all(watchers.map(async watcher => watcher.close()));
		},
	};
};
