import {lstatSync} from 'node:fs';
import {dirname} from 'node:path';
import {PrintkeepError} from '../errors.js';
import type {Disk} from './disk.js';

/**
 * Replaces a small file so that, whatever happens, it holds the old or the new bytes: a temporary file beside it is written, synced and renamed,
 * then the folder is synced.
 * @throws the system error of the step that failed; the temporary file is gone then.
 */
export const replaceFile = async (
	disk: Disk,
	path: string,
	bytes: Uint8Array,
	{randomHex, mode = 0o600}: {readonly randomHex: string; readonly mode?: number},
): Promise<void> => {
	const temporary = `${path}.${randomHex}.tmp`;
	const descriptor = disk.create(temporary, mode);
	try {
		try {
			disk.write(descriptor, bytes, 0);
			await disk.syncFile(descriptor);
		} finally {
			disk.close(descriptor);
		}

		disk.rename(temporary, path);
	} catch (error) {
		discard(disk, temporary);
		throw error;
	}

	await disk.syncDirectory(dirname(path));
};

/** Removes a file of printkeep's own if it is there; a failure is no news, since something worse is being reported already. */
export const discard = (disk: Disk, path: string): void => {
	try {
		disk.unlink(path);
	} catch {
		// It stays as a leftover that the next start explains.
	}
};

const linksUnsupported = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Gives a finished file its final name without ever overwriting another, and syncs the folder.
 * @throws name-clash when the final name exists.
 */
export const publish = async (disk: Disk, from: string, to: string): Promise<void> => {
	const clash = (): PrintkeepError =>
		new PrintkeepError('name-clash', 'There is a file of that name already.', {
			hint: 'Choose another name.',
			detail: to,
		});
	try {
		disk.link(from, to);
		disk.unlink(from);
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code ?? '';
		if (code === 'EEXIST') {
			throw clash();
		}

		if (!linksUnsupported.has(code)) {
			throw error;
		}

		// FAT and some network file systems have no hard links. The store's lock keeps other printkeeps out meanwhile.
		if (lstatSync(to, {throwIfNoEntry: false})) {
			throw clash();
		}

		disk.rename(from, to);
	}

	await disk.syncDirectory(dirname(to));
};

/**
 * Makes a folder and its missing parents like `makeFolders`, and waits until their names are on the medium: what is kept in a folder is lost with the
 * folder's name, however well it was synced itself.
 */
export const makeLastingFolders = async (disk: Disk, path: string): Promise<readonly string[]> => {
	const made = makeFolders(disk, path);
	for (const folder of made) {
		await disk.syncDirectory(dirname(folder));
	}

	return made;
};

/** Makes a folder and its missing parents, each 0700; returns the folders it made, outermost first. */
export const makeFolders = (disk: Disk, path: string): readonly string[] => {
	const missing: string[] = [];
	for (let current = path; !lstatSync(current, {throwIfNoEntry: false}); current = dirname(current)) {
		missing.unshift(current);
		if (dirname(current) === current) {
			break;
		}
	}

	for (const folder of missing) {
		disk.makeDirectory(folder, 0o700);
	}

	return missing;
};
