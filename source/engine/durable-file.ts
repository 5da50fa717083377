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

const exists = (path: string): boolean => lstatSync(path, {throwIfNoEntry: false}) !== undefined;

/** Undoes a step after a failure that is being reported already. */
const takeBack = (step: () => unknown): void => {
	try {
		step();
	} catch {
		// The disk takes no more changes. What is there under either name is whole.
	}
};

/**
 * Moves a file to a name that must not exist, on the same file system. At every moment, also after a power cut, it is there under at least one of the
 * names: the new name is on the medium before the old one goes. The folder it leaves is synced by the caller, or not at all where it does not matter
 * that the old name comes back.
 * @param folders what has to be synced for the new name to last: its folder, and those above that are new.
 * @throws name-clash; the system error of the step that failed. The file has its old name then, and not the new one.
 */
export const moveLastingly = async (
	disk: Disk,
	from: string,
	to: string,
	folders: readonly string[] = [dirname(to)],
): Promise<void> => {
	const clash = (): PrintkeepError =>
		new PrintkeepError('name-clash', 'There is a file of that name already.', {
			hint: 'Choose another name.',
			detail: to,
		});
	const sync = async (): Promise<void> => {
		for (const folder of folders) {
			await disk.syncDirectory(folder);
		}
	};

	try {
		disk.link(from, to);
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code ?? '';
		if (code === 'EEXIST') {
			throw clash();
		}

		if (!linksUnsupported.has(code)) {
			throw error;
		}

		// FAT and some network file systems have no hard links. The store's lock keeps other printkeeps out meanwhile.
		if (exists(to)) {
			throw clash();
		}

		if (dirname(from) !== dirname(to)) {
			// What the new name depends on lasts before the old one is given up.
			await sync();
		}

		disk.rename(from, to);
		try {
			await sync();
		} catch (failure) {
			takeBack(() => exists(from) || disk.rename(to, from));
			throw failure;
		}

		return;
	}

	try {
		await sync();
		disk.unlink(from);
	} catch (failure) {
		// A name that may not outlive a power cut must not look like a finished file.
		takeBack(() => exists(from) && disk.unlink(to));
		throw failure;
	}
};

/**
 * Gives a finished file its final name without ever overwriting another, and syncs the folder. A name that could not be synced is taken back, since the
 * job that failed must not leave what looks like its success.
 * @throws name-clash when the final name exists; the system error of the step that failed
 */
export const publish = async (disk: Disk, from: string, to: string): Promise<void> => moveLastingly(disk, from, to);

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
