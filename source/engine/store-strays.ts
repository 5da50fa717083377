import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {type Disk, removeTree} from './disk.js';
import {isOwnPartialName} from './names.js';

/**
 * Removes what jobs that died left unfinished in a store: archives without a final name, and copies of databases beside them. The store's lock must be held.
 * Called before a job that changes the store writes anything, so that nobody has to clean up by hand, and what a full disk was filled with is free again.
 * @returns their names. What cannot be removed stays a leftover that `printkeep recover` explains.
 */
export const sweepStore = (disk: Disk, store: string): readonly string[] => {
	try {
		return readdirSync(store)
			.filter(isOwnPartialName)
			.filter(name => {
				try {
					removeTree(disk, join(store, name));
					return true;
				} catch {
					return false;
				}
			});
	} catch {
		// Whoever needs the store will say why it cannot be read.
		return [];
	}
};
