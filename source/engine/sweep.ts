import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {Target} from '../client/protocol.js';
import {removeTree} from './disk.js';
import {discard} from './durable-file.js';
import {lockPaths} from './lock.js';
import {ownIdentity, readLockRecord} from './lock-record.js';
import {isPartialName} from './names.js';
import type {EnginePorts} from './ports.js';

/**
 * Cleans up after the engine thread of this very process died: the locks it held carry this process's number, so nobody would ever count them as dead.
 * Only what such a lock covers is touched, and the lock goes last. An interrupted restore is left for its own recovery.
 */
export const sweepAfterCrash = (
	{
		disk,
		hostName,
		server,
	}: Pick<EnginePorts, 'disk' | 'hostName'> & {
		readonly server: Pick<EnginePorts['server'], 'processFolder'>;
	},
	target: Target,
): void => {
	const self = ownIdentity({hostName, processFolder: server.processFolder});
	// A number alone proves nothing: in containers that share a store every first process has the number 1.
	const isOwn = (path: string): boolean => {
		const record = readLockRecord(path, self);
		return (
			record !== null &&
			record !== 'unreadable' &&
			record.pid === self.pid &&
			record.startTicks === self.startTicks &&
			record.bootId === self.bootId &&
			record.machineId === self.machineId &&
			record.pidNamespace === self.pidNamespace &&
			record.host === self.host
		);
	};

	const {store, instance} = lockPaths(target);
	const own = [store, ...instance].filter(isOwn);
	if (own.includes(store)) {
		for (const name of readdirSync(target.store).filter(isPartialName)) {
			removeTree(disk, join(target.store, name));
		}
	}

	for (const path of own) {
		discard(disk, path);
	}
};
