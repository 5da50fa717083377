import {totalmem} from 'node:os';
import type {Disk} from '../disk.js';
import {closeInTurn, createFileSyncer, type FileSyncer} from './sync-batch.js';

const megabyte = 1024 * 1024;
/**
 * Written and not yet on the medium when a sync is begun: a small part of the memory, since more would only fill that of a small board. Where there is much of it, a
 * sync now and then is enough: while one runs, files are made more slowly.
 * @param totalBytes of the machine. @param allowedBytes for this process, as a container has it; 0 when nobody says.
 */
export const batchBytesFor = (totalBytes: number, allowedBytes: number): number => {
	const memory = allowedBytes > 0 ? Math.min(totalBytes, allowedBytes) : totalBytes;
	return Math.min(Math.max(64 * megabyte, memory / 32), 1024 * megabyte);
};

export const wholeBatchBytes = batchBytesFor(totalmem(), process.constrainedMemory());

/**
 * Syncs whole file systems: in one go, in the order that suits the medium. File by file, each sync of a journal's file system empties the medium's own memory once
 * more, for a card the dearest thing of all. One sync is under way while more is written.
 */
const createWholeSyncer = (disk: Disk, folders: readonly string[]): FileSyncer => {
	let bytes = 0;
	let running: Promise<void> | null = null;
	let failure: {readonly error: unknown} | null = null;

	const syncAll = async (): Promise<void> => {
		for (const folder of folders) {
			await disk.syncFileSystem(folder);
		}
	};

	const start = (): void => {
		bytes = 0;
		running = syncAll()
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

	/** A sync under way need not hold what was written since it was begun. */
	const flush = async (): Promise<void> => {
		await running;
		throwIfFailed();
		await syncAll();
	};

	return {
		needsOpen: false,
		async add(descriptors, size) {
			bytes += size;
			closeInTurn(disk, descriptors);
			while (running && bytes >= wholeBatchBytes) {
				await running;
			}

			throwIfFailed();
			if (!running && bytes >= wholeBatchBytes) {
				start();
			}
		},
		flush,
		syncFolders: flush,
		async abandon() {
			await running;
		},
	};
};

/**
 * Chooses how files get onto the medium: by syncs of whole file systems where these tell what was lost, else file by file.
 * @param folders one on each file system that is written to; nothing of what is to be synced is written yet.
 * @param files how many there will be.
 */
export const createSyncer = async (disk: Disk, folders: readonly string[], files: number): Promise<FileSyncer> => {
	for (const folder of folders) {
		if (!(await disk.canSyncFileSystem(folder, files))) {
			return createFileSyncer(disk);
		}
	}

	return createWholeSyncer(disk, folders);
};
