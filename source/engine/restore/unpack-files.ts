/** Unpacks small files of a backup in one go, on whatever thread: read, unpacked, compared with the manifest, written, and dressed. */
import {hash} from 'node:crypto';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {type EntryBatch, readEntries} from '../archive/entry-batch.js';
import type {Disk, DiskPath} from '../disk.js';
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
};

export type UnpackFilesOutput =
	/** The files are complete and open: whoever asked waits until they are on the medium, and closes them. */
	| {readonly type: 'unpacked'; readonly descriptors: readonly number[]}
	/** What the system said; nothing is left open. */
	| {readonly type: 'failed'; readonly code: string; readonly syscall: string; readonly message: string};

/** The error of content that is not what the manifest says. */
export const wrongContent = (name: string): PrintkeepError =>
	new PrintkeepError('archive-damaged', `The file "${safeText(name)}" is not the one that was backed up.`, {
		hint: 'Nothing has been changed. Use another backup, or copy this one again from where it came from.',
	});

/** Gives a file, folder or link its owner, its mode and its date. @throws the disk's errors */
export const dress = (disk: Disk, path: DiskPath, {mode, modifiedSeconds, owner}: Dress): void => {
	// The owner first: changing it takes bits of the mode away.
	if (owner) {
		disk.changeOwner(path, owner.uid, owner.gid);
	}

	disk.changeMode(path, mode);
	disk.setTimes(path, modifiedSeconds, modifiedSeconds);
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
	{entries, files}: UnpackFilesInput,
	disk: Disk,
): {readonly output: UnpackFilesOutput; readonly transfer: readonly ArrayBuffer[]} => {
	const descriptors: number[] = [];
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
			dress(disk, path, file);
		});
		if (descriptors.length !== files.length) {
			throw new PrintkeepError('bug', 'There are more files than entries.');
		}

		return {output: {type: 'unpacked', descriptors}, transfer: []};
	} catch (error) {
		closeAll(disk, descriptors);
		return {output: failedOutput(error), transfer: []};
	}
};
