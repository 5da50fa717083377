/** Locks whose process is gone, as leftovers. They keep nobody out: the next job takes them over. They only lie about. */
import {accessSync, constants, lstatSync, readdirSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import type {Leftover, Target} from '../client/protocol.js';
import type {Disk} from './disk.js';
import {leftoverId} from './leftover-id.js';
import {isStaleLock, lockPaths} from './lock.js';
import {isRecordOnItsWay, sweepLockStrays} from './lock-strays.js';
import type {EnginePorts} from './ports.js';

type LockPorts = Pick<EnginePorts, 'hostName'> & {readonly server: Pick<EnginePorts['server'], 'processFolder'>};

const namesIn = (folder: string): readonly string[] => {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
};

const isWritable = (folder: string): boolean => {
	try {
		accessSync(folder, constants.W_OK | constants.X_OK);
		return true;
	} catch {
		return false;
	}
};

/** What dead processes left of one lock: itself, and records that were on their way to become it. */
const deadPaths = ({hostName, server}: LockPorts, lockPath: string): readonly string[] => {
	const folder = dirname(lockPath);
	return [
		lockPath,
		...namesIn(folder)
			.filter(name => isRecordOnItsWay(name, basename(lockPath)))
			.map(name => join(folder, name)),
	].filter(path => isStaleLock(path, {hostName, processFolder: server.processFolder}));
};

const leftoverOf = (lockPath: string, paths: readonly [string, ...string[]]): Leftover => {
	const canClean = isWritable(dirname(lockPath));
	return {
		id: leftoverId(lockPath),
		type: 'stale-lock',
		path: paths[0],
		bytes: paths.reduce((sum, path) => sum + (lstatSync(path, {throwIfNoEntry: false})?.size ?? 0), 0),
		explanation: canClean
			? 'The lock of a printkeep that is gone. It keeps nobody out; cleaning deletes it.'
			: 'The lock of a printkeep that is gone, in a folder that this user may not write. It keeps nobody out.',
		remedy: canClean ? 'clean' : 'none',
	};
};

const allPaths = (target: Target): readonly string[] => {
	const {store, instance} = lockPaths(target);
	return [store, ...instance];
};

/** The locks around a target whose holders are proven to be dead, one leftover for each place. */
export const findStaleLocks = (ports: LockPorts, target: Target): readonly Leftover[] =>
	allPaths(target).flatMap(lockPath => {
		const [first, ...more] = deadPaths(ports, lockPath);
		return first === undefined ? [] : [leftoverOf(lockPath, [first, ...more])];
	});

/** The lock of a target that a leftover's id stands for, whether it is still there or not; undefined for other ids. */
export const lockPathOf = (target: Target, id: string): string | undefined =>
	allPaths(target).find(path => leftoverId(path) === id);

/**
 * Removes what dead processes left of a lock. The target's locks must be held: nobody else can take this one over meanwhile.
 * @throws the system error
 */
export const removeStaleLock = async (ports: LockPorts & {readonly disk: Disk}, lockPath: string): Promise<void> => {
	if (isStaleLock(lockPath, {hostName: ports.hostName, processFolder: ports.server.processFolder})) {
		ports.disk.unlink(lockPath);
	}

	sweepLockStrays(ports.disk, lockPath);
	await ports.disk.syncDirectory(dirname(lockPath));
};
