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
/** For a few files a look at the whole file system costs more than it saves. */
const worthwhileFiles = 64;

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
	/**
	 * Takes over open files that are complete, with the size of all of them; returns when there is room for more.
	 * @throws what a sync has reported meanwhile
	 */
	readonly add: (descriptors: readonly number[], bytes: number) => Promise<void>;
	/** Waits until all files are on the medium, and closed. @throws what a sync reports: the files are lost then */
	readonly flush: () => Promise<void>;
	/** Closes what is open without waiting for the medium, after a failure. */
	readonly abandon: () => Promise<void>;
};

/**
 * Collects finished files so that their syncs share the medium's work: the file system writes a batch in one go, in the order that suits it, and the
 * syncs of the single files that follow find little left to do. They are made all the same, on the very descriptors the files were written through, since
 * only those are sure to be told what was lost. One batch is under way while the next one gathers.
 * @param folder a path on the file system of the files.
 */
export const createFileSyncer = (disk: Disk, folder: string): FileSyncer => {
	let open: number[] = [];
	let bytes = 0;
	let running: Promise<void> | null = null;
	let failure: {readonly error: unknown} | null = null;

	const syncBatch = async (batch: readonly number[]): Promise<void> => {
		try {
			if (batch.length > worthwhileFiles) {
				await disk.syncFileSystem(folder);
			}

			await forEachConcurrently(batch, disk.syncFile);
		} catch (error) {
			closeAll(disk, batch);
			throw error;
		}

		const unclosed = new Set(batch);
		try {
			for (const descriptor of batch) {
				unclosed.delete(descriptor);
				disk.close(descriptor);
			}
		} catch (error) {
			closeAll(disk, [...unclosed]);
			throw error;
		}
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
		async abandon() {
			await running;
			closeAll(disk, open.splice(0));
		},
	};
};
