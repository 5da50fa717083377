/** How a lock is put in place, taken away when it is stale, and given back. */
import {lstatSync} from 'node:fs';
import type {Disk} from './disk.js';
import {discard} from './durable-file.js';
import {giveToOwnerOf} from './give-to-owner.js';
import {lockMark} from './lock-mark.js';
import {type LockRecord, type ProcessIdentity, readLockRecord} from './lock-record.js';

const linksUnsupported = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);
const noRoom = new Set(['ENOSPC', 'EDQUOT']);
const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

/** A lock whose holder is gone; `nonce` is null for one that says nothing. */
export type StaleLock = {readonly type: 'stale'; readonly nonce: string | null};

/** What is locked, whose owner the lock is given to, and the stale lock in whose place it comes. */
type LockPlace = {readonly folder: string; readonly stale: StaleLock | null};

const nonceOf = (record: LockRecord | 'unreadable' | null): string | null =>
	record === null || record === 'unreadable' ? null : record.nonce;

/**
 * Takes a stale lock away. The mutex keeps other processes of this host out, but neither those in other network namespaces nor, for ever, those who lost
 * patience: one of them may have put its own lock there since this one was looked at. That one is given back.
 */
const removeStale = (disk: Disk, path: string, stale: StaleLock, self: LockRecord): void => {
	const aside = `${path}.${self.nonce}0`;
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
		isStale = nonceOf(readLockRecord(aside, self)) === stale.nonce;
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

/** Puts the record in place as a file, which is complete from the moment it has its name. */
const writeFile = (disk: Disk, path: string, record: LockRecord, {stale, folder}: LockPlace): void => {
	const temporary = `${path}.${record.nonce}`;
	const descriptor = disk.create(temporary, 0o600);
	try {
		try {
			disk.write(descriptor, Buffer.from(`${JSON.stringify(record)}\n`), 0);
		} finally {
			disk.close(descriptor);
		}

		giveToOwnerOf(disk, temporary, folder);
		if (stale) {
			removeStale(disk, path, stale, record);
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

/**
 * Puts a lock in place where none is but a stale one. With nothing free on the disk it is a link, which needs no room: what would free some has to be
 * locked too.
 * @throws the system error; EEXIST when somebody was faster. There is no trace of it then.
 */
export const writeLock = (disk: Disk, path: string, record: LockRecord, place: LockPlace): void => {
	try {
		writeFile(disk, path, record, place);
	} catch (error) {
		if (!noRoom.has(codeOf(error))) {
			throw error;
		}

		// The stale lock may be gone by now: the file was written and could not get its name.
		if (place.stale) {
			removeStale(disk, path, place.stale, record);
		}

		try {
			disk.symlink(lockMark(record), path);
			giveToOwnerOf(disk, path, place.folder);
		} catch (failure) {
			throw codeOf(failure) === 'EEXIST' ? failure : error;
		}
	}
};

/** Gives a lock back, if it is still this one. Never throws. */
export const removeLock = (
	disk: Disk,
	path: string,
	{nonce, ...self}: ProcessIdentity & {readonly nonce: string},
): void => {
	try {
		if (nonceOf(readLockRecord(path, self)) === nonce) {
			disk.unlink(path);
		}
	} catch {
		// Nothing depends on it: from now on the next one to look finds a holder that is gone.
	}
};
