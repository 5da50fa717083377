import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {Disk} from './disk.js';
import {isInStore, readTrash, type TrashEntry, trashFolder} from './trash-folder.js';
import {trashRecordName} from './trash-record.js';

const isOurs = (name: string): boolean => name === trashRecordName || /^item\.json\.[0-9a-f]+\.tmp$/u.test(name);

/** Removes what printkeep keeps in an item's folder beside the archive, and the folder. What anybody else put there stays, with the folder. */
const removeFolder = (disk: Disk, folder: string): void => {
	const names = readdirSync(folder);
	for (const name of names.filter(isOurs)) {
		disk.unlink(join(folder, name));
	}

	if (names.every(isOurs)) {
		disk.removeDirectory(folder);
	}
};

/** Waits until what went from the trash is gone from the medium too. A trash that is empty goes as well. */
const settle = async (disk: Disk, store: string): Promise<void> => {
	const trash = trashFolder(store);
	if (readdirSync(trash).length > 0) {
		await disk.syncDirectory(trash);
		return;
	}

	disk.removeDirectory(trash);
	await disk.syncDirectory(store);
};

/**
 * Ends what an interrupted job began: a backup that is both in the store and in the trash is only in the store from now on, and folders that hold no
 * archive go. The store's lock must be held.
 */
export const healTrash = async (disk: Disk, store: string): Promise<void> => {
	const {remains} = readTrash(store);
	for (const folder of remains) {
		for (const name of readdirSync(folder).filter(each => isInStore(store, each, join(folder, each)))) {
			disk.unlink(join(folder, name));
		}

		removeFolder(disk, folder);
	}

	if (remains.length > 0) {
		await settle(disk, store);
	}
};

/**
 * Takes items out of the trash: for good, or their folders only when their archives are somewhere else by now. The archive goes before its record: without
 * the record nothing would ever tell how old it is.
 */
export const removeEntries = async (
	disk: Disk,
	store: string,
	entries: readonly Pick<TrashEntry, 'folder' | 'path'>[],
	onRemoved: (index: number) => void | Promise<void> = () => undefined,
): Promise<void> => {
	if (entries.length === 0) {
		return;
	}

	try {
		for (const [index, {folder, path}] of entries.entries()) {
			if (readdirSync(folder).some(name => join(folder, name) === path)) {
				disk.unlink(path);
			}

			removeFolder(disk, folder);
			await onRemoved(index);
		}
	} finally {
		await settle(disk, store);
	}
};
