import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {Target} from '../client/protocol.js';
import {removeTree} from './disk.js';
import {discard} from './durable-file.js';
import {lockPaths} from './lock.js';
import {readLockRecord} from './lock-record.js';
import {isPartialName} from './names.js';
import type {EnginePorts} from './ports.js';

/**
 * Cleans up after the engine thread of this very process died: the locks it held carry this process's number, so nobody would ever count them as dead.
 * An interrupted restore is left for its own recovery.
 */
export const sweepAfterCrash = ({disk}: Pick<EnginePorts, 'disk'>, target: Target): void => {
	const {store, instance} = lockPaths(target);
	for (const path of [store, ...instance]) {
		const record = readLockRecord(path);
		if (record !== null && record !== 'unreadable' && record.pid === process.pid) {
			discard(disk, path);
		}
	}

	for (const name of readdirSync(target.store).filter(isPartialName)) {
		removeTree(disk, join(target.store, name));
	}
};
