import type {BigIntStats} from 'node:fs';
import type {Disk} from '../disk.js';
import {type BytePath, lookAt, toDiskPath} from './byte-path.js';
import type {FolderAttributes} from './journal.js';

/** Seconds with a fraction, to the microsecond: more does not fit into a number, and what is rounded once must not creep when it is done again. */
const toSeconds = (nanoseconds: bigint): number =>
	Number(nanoseconds / 1_000_000_000n) + Math.round(Number(nanoseconds % 1_000_000_000n) / 1000) / 1e6;

/** The attributes a folder or an ordinary file has now; null when there is neither. */
export const attributesOf = (path: BytePath): FolderAttributes | null => {
	const stats = lookAt(path);
	return stats?.isDirectory() || stats?.isFile()
		? {
				mode: Number(stats.mode & 0o7777n),
				modifiedSeconds: toSeconds(stats.mtimeNs),
				uid: Number(stats.uid),
				gid: Number(stats.gid),
			}
		: null;
};

/** True when two are the same as far as file systems keep them: dates to the microsecond. */
export const isSameAttributes = (a: FolderAttributes, b: FolderAttributes): boolean =>
	a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && Math.abs(a.modifiedSeconds - b.modifiedSeconds) < 0.000_01;

/**
 * The attributes as far as a user may ask root for them, who may write what they like into a record of theirs: root gives nothing away but to them, and
 * makes no program of theirs run as somebody else.
 */
const allowed = (attributes: FolderAttributes, now: BigIntStats, author: number): FolderAttributes => {
	const mayOwn = attributes.uid === author;
	return {
		...attributes,
		mode: now.isFile() ? attributes.mode & 0o777 : attributes.mode,
		uid: mayOwn ? attributes.uid : Number(now.uid),
		gid: mayOwn ? attributes.gid : Number(now.gid),
	};
};

/**
 * Gives a folder, or a file that stays in its place, its mode, owner and date, as far as this user may.
 * @param author the user whose record asks for it.
 */
export const applyAttributes = (disk: Disk, path: BytePath, asked: FolderAttributes, author: number): void => {
	try {
		const stats = lookAt(path);
		if (!(stats?.isDirectory() || stats?.isFile())) {
			return;
		}

		const isRoot = process.geteuid?.() === 0;
		const attributes = isRoot && author !== 0 ? allowed(asked, stats, author) : asked;
		if (isRoot && (Number(stats.uid) !== attributes.uid || Number(stats.gid) !== attributes.gid)) {
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
