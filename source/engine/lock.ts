/**
 * Locks between processes: one on a store, one on an instance (two stores can hold backups of one instance). They also cover "a backup in use cannot be
 * deleted": every job that reads or deletes a backup of a store holds the store's lock meanwhile. Listing and showing hold none: they read an open
 * file, which stays readable when its name is removed.
 */
import {realpathSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {aJob} from '../client/job-names.js';
import type {Holder, Target} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import {PrintkeepError, toPrintkeepError} from '../errors.js';
import {formatDateTime} from '../format/date-time.js';
import {safeText} from '../format/safe-text.js';
import type {Disk} from './disk.js';
import {holderOf, isProvenDead, type LockRecord, ownIdentity, readLockRecord} from './lock-record.js';
import {sweepLockStrays} from './lock-strays.js';
import {removeLock, type StaleLock, writeLock} from './lock-write.js';
import {withMutex} from './mutex.js';

export type Lock = {
	readonly path: string;
	/** Gives the lock back; never throws, and does nothing the second time. */
	readonly release: () => void;
};

export type LockOptions = {
	readonly disk: Disk;
	readonly clock: Clock;
	readonly hostName: string;
	/** Kind of the job, "restore"; a refused process is told. */
	readonly job: string;
	readonly randomHex: (bytes: number) => string;
	/** Folder with one entry per process; `/proc` unless a test says otherwise. */
	readonly processFolder?: string;
};

const realPath = (path: string): string => {
	try {
		return realpathSync(path);
	} catch {
		return path;
	}
};

/**
 * Where the locks of a target lie. The instance's is beside its data folder, so that the data folder itself is not written to; inside where the folder
 * above may not be written. Both places count, since another user may be able to write only one.
 */
export const lockPaths = (target: Target): {readonly store: string; readonly instance: readonly [string, string]} => {
	const dataFolder = realPath(target.instance.dataFolder);
	return {
		store: join(realPath(target.store), '.printkeep.lock'),
		instance: [
			join(dirname(dataFolder), `.printkeep-${basename(dataFolder)}.lock`),
			join(dataFolder, '.printkeep.lock'),
		],
	};
};

const describeSince = (since: number): string => (since > 0 ? ` since ${formatDateTime(since)}` : '');

/** The refusal that names who holds a lock. */
export const busyError = ({pid, host, job, since}: Holder, path: string): PrintkeepError =>
	new PrintkeepError(
		'busy',
		`Another printkeep is at work here: process ${pid} on ${host} runs ${safeText(aJob(job))}${describeSince(since)}.`,
		{hint: `Wait for it to finish. If that process is certainly gone, delete ${path}.`, detail: path},
	);

type LockState = {readonly type: 'free'} | StaleLock | {readonly type: 'held'; readonly record: LockRecord};

const stateOf = (path: string, options: {readonly hostName: string; readonly processFolder: string}): LockState => {
	const self = ownIdentity(options);
	const record = readLockRecord(path, self);
	if (record === null) {
		return {type: 'free'};
	}

	// Lock files appear complete. One that says nothing was cut off with the power, or is not ours.
	if (record === 'unreadable') {
		return {type: 'stale', nonce: null};
	}

	return isProvenDead(record, self, options.processFolder)
		? {type: 'stale', nonce: record.nonce}
		: {type: 'held', record};
};

/** The state of a lock for someone who wants it: one that may not be read belongs to another user, and counts as held. */
const readableStateOf: typeof stateOf = (path, options) => {
	try {
		return stateOf(path, options);
	} catch (error) {
		if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') {
			throw toPrintkeepError(error, `The lock ${safeText(path)} could not be read`);
		}

		throw new PrintkeepError('busy', `Another user's printkeep seems to be at work here: ${path} may not be read.`, {
			hint: 'Wait for it to finish, or run printkeep as that user.',
			detail: error instanceof Error ? error.message : path,
			cause: error,
		});
	}
};

/** True when a lock file is there and its holder is proven to be gone. */
export const isStaleLock = (
	path: string,
	{hostName, processFolder = '/proc'}: {readonly hostName: string; readonly processFolder?: string},
): boolean => {
	try {
		return stateOf(path, {hostName, processFolder}).type === 'stale';
	} catch {
		return false;
	}
};

/** Who holds a lock; null when nobody does, or its holder is proven to be gone. */
export const readHolder = (
	path: string,
	{hostName, processFolder = '/proc'}: {readonly hostName: string; readonly processFolder?: string},
): Holder | null => {
	try {
		const state = stateOf(path, {hostName, processFolder});
		return state.type === 'held' ? holderOf(state.record) : null;
	} catch {
		return null;
	}
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';
const unwritable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT']);

/**
 * Takes a lock that may lie in one of several places: it is free only when none of them is held, and is made in the first that can be written.
 * A lock whose holder is proven to be dead is taken over.
 * @throws busy, naming the holder; permission-denied and the like when none can be written.
 */
export const acquireLock = async ({
	paths,
	disk,
	clock,
	hostName,
	job,
	randomHex,
	processFolder = '/proc',
}: LockOptions & {readonly paths: readonly [string, ...string[]]}): Promise<Lock> =>
	withMutex(paths[0], () => {
		const record: LockRecord = {
			...ownIdentity({hostName, processFolder}),
			job,
			since: clock.now(),
			nonce: randomHex(8),
		};
		const places = paths.map(path => {
			const state = readableStateOf(path, {hostName, processFolder});
			if (state.type === 'held') {
				throw busyError(holderOf(state.record), path);
			}

			return {path, state};
		});

		// What is locked: the last place is always in it.
		const folder = dirname(paths.at(-1) ?? paths[0]);
		let failure: unknown;
		for (const {path, state} of places) {
			try {
				writeLock(disk, path, record, {stale: state.type === 'stale' ? state : null, folder});
			} catch (error) {
				if (codeOf(error) === 'EEXIST') {
					const now = readHolder(path, {hostName, processFolder});
					throw now ? busyError(now, path) : toPrintkeepError(error, `The lock ${path} could not be taken`);
				}

				if (!unwritable.has(codeOf(error))) {
					throw toPrintkeepError(error, `The lock ${path} could not be written`);
				}

				failure = error;
				continue;
			}

			sweepLockStrays(disk, path);
			return {path, release: () => removeLock(disk, path, record)};
		}

		throw toPrintkeepError(failure, `The lock ${safeText(paths[0])} could not be written`);
	});
