import {readdirSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import type {Disk} from './disk.js';
import {discard} from './durable-file.js';
import {storeIndexName} from './store-index.js';

/** True for the name of a record that was on its way to become a lock. */
export const isRecordOnItsWay = (name: string, lockName: string): boolean =>
	name.startsWith(`${lockName}.`) && /^[0-9a-f]+$/.test(name.slice(lockName.length + 1));

/**
 * Removes what a process that died left beside a lock: records that were on their way to become the lock, and, since only the holder of a store's lock
 * writes it, the index that was on its way. Call it under the mutex, with the lock in hand; a folder that cannot be listed keeps what it has.
 */
export const sweepLockStrays = (disk: Disk, lockPath: string): void => {
	const folder = dirname(lockPath);
	const lockName = basename(lockPath);
	try {
		for (const name of readdirSync(folder)) {
			const isRecord = isRecordOnItsWay(name, lockName);
			const isIndex = name.startsWith(`${storeIndexName}.`) && /\.[0-9a-f]+\.tmp$/.test(name);
			if (isRecord || isIndex) {
				discard(disk, join(folder, name));
			}
		}
	} catch {
		// Another user's folder, or a disk that just went: nothing depends on this.
	}
};
