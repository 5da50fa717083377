import type {Disk} from '../disk.js';
import {type BytePath, lookAt, toDiskPath} from './byte-path.js';
import type {FolderAttributes} from './journal.js';

/** The attributes a folder has now; null when there is no such folder. */
export const attributesOf = (path: BytePath): FolderAttributes | null => {
	const stats = lookAt(path);
	return stats?.isDirectory()
		? {
				mode: Number(stats.mode & 0o7777n),
				modifiedSeconds: Number(stats.mtimeNs) / 1e9,
				uid: Number(stats.uid),
				gid: Number(stats.gid),
			}
		: null;
};

/** Gives a folder its mode, owner and date, as far as this user may. */
export const applyAttributes = (disk: Disk, path: BytePath, attributes: FolderAttributes): void => {
	try {
		const stats = lookAt(path);
		if (!stats?.isDirectory()) {
			return;
		}

		if (process.geteuid?.() === 0 && (Number(stats.uid) !== attributes.uid || Number(stats.gid) !== attributes.gid)) {
			disk.changeOwner(toDiskPath(path), attributes.uid, attributes.gid);
		}

		if (Number(stats.mode & 0o7777n) !== attributes.mode) {
			disk.changeMode(toDiskPath(path), attributes.mode);
		}

		disk.setTimes(toDiskPath(path), attributes.modifiedSeconds, attributes.modifiedSeconds);
	} catch (error) {
		// A folder of somebody else's that we may write to but not own: its content counts, not its date.
		if (!['EPERM', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) {
			throw error;
		}
	}
};
