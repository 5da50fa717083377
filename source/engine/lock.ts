/**
 * Locks between processes: one on a store, one on an instance (two stores can hold backups of one instance). They also cover "a backup in use cannot be
 * deleted": every job that reads or deletes a backup of a store holds the store's lock meanwhile. Listing and showing hold none: they read an open
 * file, which stays readable when its name is removed.
 */
import {lstatSync, realpathSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {aJob} from '../client/job-names.js';
import type {Holder, Target} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import {PrintkeepError, toPrintkeepError} from '../errors.js';
import {formatDateTime} from '../format/date-time.js';
import {safeText} from '../format/safe-text.js';
import type {Disk} from './disk.js';
import {discard} from './durable-file.js';
import {giveToOwnerOf} from './give-to-owner.js';
import {holderOf, isProvenDead, type LockRecord, ownIdentity, readLockRecord} from './lock-record.js';
import {sweepLockStrays} from './lock-strays.js';
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

type LockState =
	| {readonly type: 'free'}
	/** `nonce` is null for one that says nothing. */
	| {readonly type: 'stale'; readonly nonce: string | null}
	| {readonly type: 'held'; readonly record: LockRecord};

const stateOf = (path: string, options: {readonly hostName: string; readonly processFolder: string}): LockState => {
	const record = readLockRecord(path);
	if (record === null) {
		return {type: 'free'};
	}

	// Lock files appear complete. One that says nothing was cut off with the power, or is not ours.
	if (record === 'unreadable') {
		return {type: 'stale', nonce: null};
	}

	return isProvenDead(record, ownIdentity(options), options.processFolder)
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

const linksUnsupported = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);
const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

const nonceOf = (record: LockRecord | 'unreadable' | null): string | null =>
	record === null || record === 'unreadable' ? null : record.nonce;

/**
 * Takes a stale lock away. The mutex keeps other processes of this host out, but neither those in other network namespaces nor, for ever, those who lost
 * patience: one of them may have put its own lock there since this one was looked at. That one is given back.
 */
const removeStale = (disk: Disk, path: string, stale: string | null, ownNonce: string): void => {
	const aside = `${path}.${ownNonce}0`;
	try {
		disk.rename(path, aside);
	} catch (error) {
		if (codeOf(error) === 'ENOENT') {
			return;
		}

		throw error;
	}

	let isStale = false;
	try {
		isStale = nonceOf(readLockRecord(aside)) === stale;
	} catch {
		// One that cannot be read any more is not the one that was.
	}

	if (isStale) {
		discard(disk, aside);
		return;
	}

	try {
		disk.link(aside, path);
		discard(disk, aside);
	} catch (error) {
		if (linksUnsupported.has(codeOf(error))) {
			disk.rename(aside, path);
		} else {
			discard(disk, aside);
		}
	}
};

/** Puts the record in place; the file is complete from the moment it has its name. */
const writeLock = (
	disk: Disk,
	path: string,
	record: LockRecord,
	{state, folder}: {readonly state: Exclude<LockState, {type: 'held'}>; readonly folder: string},
): void => {
	const temporary = `${path}.${record.nonce}`;
	const descriptor = disk.create(temporary, 0o600);
	try {
		try {
			disk.write(descriptor, Buffer.from(`${JSON.stringify(record)}\n`), 0);
		} finally {
			disk.close(descriptor);
		}

		giveToOwnerOf(disk, temporary, folder);

		if (state.type === 'stale') {
			removeStale(disk, path, state.nonce, record.nonce);
		}

		try {
			disk.link(temporary, path);
			disk.unlink(temporary);
		} catch (error) {
			if (!linksUnsupported.has(codeOf(error))) {
				throw error;
			}

			// FAT has no hard links. It is no shared file system either, so that the mutex is enough there.
			if (lstatSync(path, {throwIfNoEntry: false})) {
				throw Object.assign(new Error(`${path} exists`), {code: 'EEXIST', syscall: 'link'});
			}

			disk.rename(temporary, path);
		}
	} catch (error) {
		discard(disk, temporary);
		throw error;
	}
};

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
				writeLock(disk, path, record, {state, folder});
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
			return {path, release: () => releaseLock(disk, path, record.nonce)};
		}

		throw toPrintkeepError(failure, `The lock ${safeText(paths[0])} could not be written`);
	});

const releaseLock = (disk: Disk, path: string, nonce: string): void => {
	try {
		const current = readLockRecord(path);
		if (current !== null && current !== 'unreadable' && current.nonce === nonce) {
			disk.unlink(path);
		}
	} catch {
		// Nothing depends on it: from now on the next one to look finds a holder that is gone.
	}
};
