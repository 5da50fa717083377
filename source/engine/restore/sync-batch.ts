import type {Disk} from '../disk.js';
import {type BytePath, toDiskPath} from './byte-path.js';

/** Syncs run side by side: the medium then does many in one go. More at once gain nothing. */
const concurrentSyncs = 16;
const maximumOpenFiles = 64;

/** Runs an action on many items, at most sixteen at a time; the first failure is thrown after the running ones have ended. */
export const forEachConcurrently = async <Item>(
	items: readonly Item[],
	action: (item: Item) => Promise<void>,
): Promise<void> => {
	let next = 0;
	let failure: {readonly error: unknown} | undefined;
	const worker = async (): Promise<void> => {
		while (!failure) {
			const item = items[next++];
			if (item === undefined) {
				return;
			}

			try {
				await action(item);
			} catch (error) {
				failure ??= {error};
			}
		}
	};

	await Promise.all(Array.from({length: Math.min(concurrentSyncs, items.length)}, worker));
	if (failure) {
		throw failure.error;
	}
};

/** Waits for the names in many folders to be on the medium. */
export const syncFolders = async (disk: Disk, folders: readonly BytePath[]): Promise<void> =>
	forEachConcurrently(folders, async folder => disk.syncDirectory(toDiskPath(folder)));

export type FileSyncer = {
	/** Takes over an open file that is complete; syncs and closes a batch when enough have gathered. */
	readonly add: (descriptor: number) => Promise<void>;
	/** Syncs and closes the rest. */
	readonly flush: () => Promise<void>;
	/** Closes what is open without waiting for the medium, after a failure. */
	readonly abandon: () => void;
};

/** Collects finished files so that their syncs share the medium's work. */
export const createFileSyncer = (disk: Disk): FileSyncer => {
	let open: number[] = [];
	const abandon = (): void => {
		for (const descriptor of open.splice(0)) {
			try {
				disk.close(descriptor);
			} catch {
				// The failure that led here is the one to report.
			}
		}
	};

	const flush = async (): Promise<void> => {
		const batch = open;
		open = [];
		try {
			await forEachConcurrently(batch, disk.syncFile);
		} catch (error) {
			open = batch;
			abandon();
			throw error;
		}

		for (const descriptor of batch) {
			disk.close(descriptor);
		}
	};

	return {
		async add(descriptor) {
			open.push(descriptor);
			if (open.length >= maximumOpenFiles) {
				await flush();
			}
		},
		flush,
		abandon,
	};
};
