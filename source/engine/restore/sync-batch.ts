import type {Disk} from '../disk.js';
import {type BytePath, toDiskPath} from './byte-path.js';
import {closeAll} from './unpack-files.js';

/** Syncs run side by side: the medium then does many in one go. More at once gain nothing. */
const concurrentSyncs = 16;
/** A batch is begun with so many files or bytes, when none is under way. */
const batchFiles = 256;
const batchBytes = 16 * 1024 * 1024;
/**
 * While one is under way so many may gather. Whoever adds more waits and keeps them until there is room; the first to go on when the batch has ended may
 * begin the next with all that has gathered and its own. With the batch and what waits, four threads have fewer than a thousand files open.
 */
const mostGathered = 320;
/** Written and not yet on the medium: much more would only fill the memory of a small board. */
const mostGatheredBytes = 32 * 1024 * 1024;

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

/** Closes files, all of them even when one fails. @throws what the first failure says: some systems report only here what they could not write */
export const closeInTurn = (disk: Disk, descriptors: readonly number[]): void => {
	for (const [index, descriptor] of descriptors.entries()) {
		try {
			disk.close(descriptor);
		} catch (error) {
			closeAll(disk, descriptors.slice(index + 1));
			throw error;
		}
	}
};

export type FileSyncer = {
	/** False where files may be closed before they are handed over. */
	readonly needsOpen: boolean;
	/**
	 * Takes over open files that are complete, with the size of all of them; returns when there is room for more.
	 * @throws what a sync has reported meanwhile
	 */
	readonly add: (descriptors: readonly number[], bytes: number) => Promise<void>;
	/** Waits until all files are on the medium, and closed. @throws what a sync reports: the files are lost then */
	readonly flush: () => Promise<void>;
	/** After that: waits until the names in folders, and what the folders look like, are on the medium. @throws what a sync reports */
	readonly syncFolders: (folders: readonly BytePath[]) => Promise<void>;
	/** Closes what is open without waiting for the medium, after a failure. */
	readonly abandon: () => Promise<void>;
};

/**
 * Syncs every file through the very descriptor it was written with: there any system tells what was lost. Many are synced side by side, so that they share the
 * medium's work; one batch is under way while the next one gathers.
 */
export const createFileSyncer = (disk: Disk): FileSyncer => {
	let open: number[] = [];
	let bytes = 0;
	let running: Promise<void> | null = null;
	let failure: {readonly error: unknown} | null = null;

	const syncBatch = async (batch: readonly number[]): Promise<void> => {
		try {
			await forEachConcurrently(batch, disk.syncFile);
		} catch (error) {
			closeAll(disk, batch);
			throw error;
		}

		closeInTurn(disk, batch);
	};

	const start = (): void => {
		const batch = open;
		open = [];
		bytes = 0;
		running = syncBatch(batch)
			.catch((error: unknown) => {
				failure ??= {error};
			})
			.then(() => {
				running = null;
			});
	};

	const throwIfFailed = (): void => {
		if (failure) {
			throw failure.error;
		}
	};

	return {
		needsOpen: true,
		async add(descriptors, size) {
			while (running && !failure && (open.length + descriptors.length > mostGathered || bytes >= mostGatheredBytes)) {
				await running;
			}

			// From here on they are closed with the others, after a failure as well.
			open.push(...descriptors);
			bytes += size;
			throwIfFailed();
			if (!running && (open.length >= batchFiles || bytes >= batchBytes)) {
				start();
			}
		},
		async flush() {
			while (running || open.length > 0) {
				await running;
				throwIfFailed();
				if (open.length > 0) {
					start();
				}
			}

			throwIfFailed();
		},
		syncFolders: async folders => syncFolders(disk, folders),
		async abandon() {
			await running;
			closeAll(disk, open.splice(0));
		},
	};
};
