/** Unpacks small files of a backup in one go, on whatever thread: read, unpacked, compared with the manifest, written, and dressed. */
import {hash} from 'node:crypto';
import {fstatSync} from 'node:fs';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {type EntryBatch, readEntries} from '../archive/entry-batch.js';
import type {Disk, DiskThing} from '../disk.js';
import type {Owner} from './owners.js';

/** How a file is to be. */
export type Dress = {
	/** Permission bits. */
	readonly mode: number;
	readonly modifiedSeconds: number;
	/** Null leaves it to the user who runs printkeep. */
	readonly owner: Owner | null;
};

export type UnpackFile = Dress & {
	/** Where it is made; its folder is there. Bytes when it is no UTF-8. */
	readonly path: string | Uint8Array;
	/** Hex SHA-256 of the content; null when only the ZIP's CRC-32 is known. */
	readonly sha256: string | null;
	/** For messages. */
	readonly name: string;
};

export type UnpackFilesInput = {
	readonly entries: EntryBatch;
	/** One for each entry. */
	readonly files: readonly UnpackFile[];
	/** True leaves the files open for whoever asked. */
	readonly staysOpen: boolean;
};

export type UnpackFilesOutput =
	/** The files are complete: whoever asked waits until they are on the medium, and closes those that are open. */
	| {readonly type: 'unpacked'; readonly descriptors: readonly number[]}
	/** What the system said; nothing is left open. */
	| {readonly type: 'failed'; readonly code: string; readonly syscall: string; readonly message: string};

/** The error of content that is not what the manifest says. */
export const wrongContent = (name: string): PrintkeepError =>
	new PrintkeepError('archive-damaged', `The file "${safeText(name)}" is not the one that was backed up.`, {
		hint: 'Nothing has been changed. Use another backup, or copy this one again from where it came from.',
	});

/** What a new file is like before it is dressed. */
type Born = {readonly mode: number; readonly uid: number; readonly gid: number};

/**
 * Gives a file, folder or link its owner, its mode and its date.
 * @param born what it has already of these, where that is known.
 * @throws the disk's errors
 */
export const dress = (
	disk: Disk,
	thing: DiskThing,
	{mode, modifiedSeconds, owner}: Dress,
	born: Born | null = null,
): void => {
	// The owner first: changing it takes bits of the mode away.
	if (owner && !(born?.uid === owner.uid && born.gid === owner.gid)) {
		disk.changeOwner(thing, owner.uid, owner.gid);
	}

	if (born?.mode !== mode) {
		disk.changeMode(thing, mode);
	}

	disk.setTimes(thing, modifiedSeconds, modifiedSeconds);
};

/** What an open file that was just made is like. */
export const bornAs = (descriptor: number): Born => {
	const {mode, uid, gid} = fstatSync(descriptor);
	return {mode: mode & 0o7777, uid, gid};
};

/** Tells what new files are like, looking at the first of each folder: all that one user makes there one after the other are alike. */
const createBornIn = (): ((path: string | Uint8Array, descriptor: number) => Born) => {
	let folder: string | null = null;
	let born: Born | null = null;
	return (path, descriptor) => {
		// Names that are no UTF-8 are rare enough to be looked at each time.
		const own = typeof path === 'string' ? path.slice(0, path.lastIndexOf('/')) : null;
		if (born === null || own === null || own !== folder) {
			born = bornAs(descriptor);
			folder = own;
		}

		return born;
	};
};

/** Closes files after a failure, which is the one to report. */
export const closeAll = (disk: Disk, descriptors: readonly number[]): void => {
	for (const descriptor of descriptors) {
		try {
			disk.close(descriptor);
		} catch {
			// There is nothing left to lose: the files are thrown away.
		}
	}
};

/** An error of the system as data, so that it is told in the words of whoever asked. @throws any other error */
export const failedOutput = (error: unknown): UnpackFilesOutput => {
	const {code, syscall, message} = error as NodeJS.ErrnoException;
	if (code === undefined || syscall === undefined) {
		throw error;
	}

	return {type: 'failed', code, syscall, message};
};

/** @throws what is wrong with the archive: zip-crc and the like, archive-damaged; nothing is left open then */
export const unpackFiles = (
	{entries, files, staysOpen}: UnpackFilesInput,
	disk: Disk,
): {readonly output: UnpackFilesOutput; readonly transfer: readonly ArrayBuffer[]} => {
	const descriptors: number[] = [];
	let unpacked = 0;
	const bornIn = createBornIn();
	try {
		readEntries(entries, (index, content) => {
			const file = files[index];
			if (!file) {
				throw new PrintkeepError('bug', 'There are more entries than files.');
			}

			if (file.sha256 !== null && hash('sha256', content) !== file.sha256) {
				throw wrongContent(file.name);
			}

			const path = typeof file.path === 'string' ? file.path : Buffer.from(file.path);
			const descriptor = disk.create(path, 0o600);
			descriptors.push(descriptor);
			disk.write(descriptor, content, 0);
			dress(disk, descriptor, file, bornIn(file.path, descriptor));
			unpacked++;
			if (!staysOpen) {
				descriptors.pop();
				disk.close(descriptor);
			}
		});
		if (unpacked !== files.length) {
			throw new PrintkeepError('bug', 'There are more files than entries.');
		}

		return {output: {type: 'unpacked', descriptors}, transfer: []};
	} catch (error) {
		closeAll(disk, descriptors);
		return {output: failedOutput(error), transfer: []};
	}
};
