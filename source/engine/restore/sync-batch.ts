import type {Disk} from '../disk.js';
import {type BytePath, toDiskPath} from './byte-path.js';

/** Syncs run side by side: the medium then does many in one go. More at once gain nothing. */
const concurrentSyncs = 16;
const maximumOpenFiles = 512;
/** Written and not yet on the medium: much more would only fill the memory of a small board. */
const maximumBatchBytes = 64 * 1024 * 1024;
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
	/** Takes over an open file that is complete, with its size; syncs and closes a batch when enough have gathered. */
	readonly add: (descriptor: number, bytes: number) => Promise<void>;
	/** Syncs and closes the rest. */
	readonly flush: () => Promise<void>;
	/** Closes what is open without waiting for the medium, after a failure. */
	readonly abandon: () => void;
};

/**
 * Collects finished files so that their syncs share the medium's work: the file system writes a batch in one go, in the order that suits it, and the
 * syncs of the single files that follow find little left to do. They are made all the same, since only they are sure to tell what was lost.
 * @param folder a path on the file system of the files.
 */
export const createFileSyncer = (disk: Disk, folder: string): FileSyncer => {
	let open: number[] = [];
	let bytes = 0;
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
		bytes = 0;
		try {
			if (batch.length > worthwhileFiles) {
				await disk.syncFileSystem(folder);
			}

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
		async add(descriptor, size) {
			open.push(descriptor);
			bytes += size;
			if (open.length >= maximumOpenFiles || bytes >= maximumBatchBytes) {
				await flush();
			}
		},
		flush,
		abandon,
	};
};
