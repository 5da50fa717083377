import {accessSync, constants} from 'node:fs';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import type {Disk, DiskPath} from '../disk.js';
import {giveToOwnerOf} from '../give-to-owner.js';
import {type BytePath, joinPath, lastName, lookAt, parentPath, showPath, toBytePath, toDiskPath} from './byte-path.js';
import type {Mounts} from './mounts.js';

/**
 * Where a root's private folder may lie: beside it on the same file system, so that renames reach it and the server never sees it, or inside it where
 * the root is a mount point or the folder above may not be written. Both have to be looked at, since another user may have been able to write only one.
 */
export const workFolderCandidates = (root: BytePath): readonly [BytePath, BytePath] => [
	joinPath(parentPath(root) === '' ? toBytePath('/') : parentPath(root), `.printkeep-${lastName(root)}` as BytePath),
	joinPath(root, toBytePath('.printkeep')),
];

const isWritable = (folder: BytePath): boolean => {
	try {
		accessSync(toDiskPath(folder), constants.W_OK | constants.X_OK);
		return true;
	} catch {
		return false;
	}
};

/**
 * Chooses a root's private folder.
 * @param root real path of a folder or file; it may not exist yet, its parent must.
 * @throws permission-denied when neither place can be written.
 */
export const chooseWorkFolder = (root: BytePath, mounts: Mounts): BytePath => {
	const [beside, inside] = workFolderCandidates(root);
	const stats = lookAt(root);
	const parent = parentPath(beside);
	const canBeBeside = root !== '/' && isWritable(parent) && !(stats?.isDirectory() && mounts.isMountPoint(root));
	if (canBeBeside) {
		return beside;
	}

	if (stats?.isDirectory() && isWritable(root)) {
		return inside;
	}

	throw new PrintkeepError('permission-denied', `Neither ${showPath(root)} nor the folder above it can be written.`, {
		hint: 'Run printkeep as the user that owns the data folder.',
	});
};

/**
 * Makes the private folder, 0700. One that is there already must be a real folder of ours: in a folder others can write, a link or a folder of
 * somebody else's could lead the data elsewhere.
 * @param root the folder it is for, when it is to last.
 * @throws unsafe-destination, or the system error in words.
 */
export const makeWorkFolder = async (disk: Disk, folder: BytePath, root?: BytePath): Promise<void> => {
	try {
		const stats = lookAt(folder);
		if (stats === undefined) {
			disk.makeDirectory(toDiskPath(folder), 0o700);
			if (root !== undefined) {
				giveToOwnerOf(disk, toDiskPath(folder), toDiskPath(lookAt(root) ? root : parentPath(root)));
			}

			// What is going to be kept in it must not be lost with its name.
			await disk.syncDirectory(toDiskPath(parentPath(folder) === '' ? toBytePath('/') : parentPath(folder)));
			return;
		}

		const uid = process.geteuid?.();
		if (!stats.isDirectory() || (uid !== undefined && uid !== 0 && Number(stats.uid) !== uid)) {
			throw new PrintkeepError(
				'unsafe-destination',
				`${showPath(folder)} exists and is not a private folder of this user's.`,
				{
					hint: 'Find out what it is, and move it away.',
				},
			);
		}

		if ((stats.mode & 0o777n) !== 0o700n) {
			disk.changeMode(toDiskPath(folder), 0o700);
		}
	} catch (error) {
		throw toPrintkeepError(error, `The private folder ${showPath(folder)} could not be made`);
	}
};

/** True when a path is where the private folder of a root, or of a single file in that root, is made. */
export const isWorkFolderOf = (work: BytePath, root: BytePath): boolean =>
	workFolderCandidates(root).includes(work) || (parentPath(work) === root && lastName(work).startsWith('.printkeep-'));

/**
 * True when a private folder can be believed: a real folder of this user's or of root's; for root also of whoever owns the root it belongs to. Anybody
 * may make a folder of that name where many can write, and put a journal of their own into it.
 */
export const isTrustedWorkFolder = (work: BytePath, root: BytePath): boolean => {
	const stats = lookAt(work);
	const uid = process.geteuid?.();
	if (!stats?.isDirectory() || uid === undefined) {
		return stats?.isDirectory() === true;
	}

	const owner = Number(stats.uid);
	return owner === uid || owner === 0 || (uid === 0 && owner === Number(lookAt(root)?.uid ?? 0));
};

/**
 * The disk, for work in a private folder: what root makes in one of another user's belongs to that user, or a recovery that ran as root would leave what
 * nobody else can read.
 */
export const diskFor = (disk: Disk, work: BytePath): Disk => {
	const stats = process.geteuid?.() === 0 ? lookAt(work) : undefined;
	if (stats === undefined || stats.uid === 0n) {
		return disk;
	}

	const giveAway = (path: DiskPath): void => disk.changeOwner(path, Number(stats.uid), Number(stats.gid));
	return {
		...disk,
		create(path, mode) {
			const descriptor = disk.create(path, mode);
			giveAway(path);
			return descriptor;
		},
		makeDirectory(path, mode) {
			disk.makeDirectory(path, mode);
			giveAway(path);
		},
	};
};

/** Removes a private folder once nothing is in it any more. */
export const removeWorkFolderIfEmpty = (disk: Disk, folder: BytePath): void => {
	try {
		disk.removeDirectory(toDiskPath(folder));
	} catch {
		// Something is still kept in it, the rollback copy for one.
	}
};
