import {lstatSync} from 'node:fs';
import type {Disk, DiskPath} from './disk.js';

/**
 * Gives what root has just made for a folder to whom the folder belongs. Locks and private folders that only root could read would lock that user out until
 * root comes again: nobody else could see that a holder is dead, end an interrupted restore or undo one.
 */
export const giveToOwnerOf = (disk: Disk, made: DiskPath, folder: DiskPath): void => {
	const owner = process.geteuid?.() === 0 ? lstatSync(folder, {throwIfNoEntry: false}) : undefined;
	if (owner !== undefined && owner.uid !== 0) {
		try {
			disk.changeOwner(made, owner.uid, owner.gid);
		} catch {
			// Some file systems give nothing away. It stays root's then, and does its work all the same.
		}
	}
};
