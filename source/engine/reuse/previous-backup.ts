/** The earlier backup that unchanged entries are taken over from. */
import {closeSync, constants, fstatSync, openSync} from 'node:fs';
import type {BackupSummary, Target} from '../../client/protocol.js';
import type {Catalog} from '../catalog.js';
import type {Pool} from '../pool/pool.js';
import type {PreviousData} from './load-previous.js';
import {createPreviousEntries, type PreviousEntries} from './previous-entries.js';

export type PreviousBackup = {
	readonly summary: BackupSummary;
	/** Of the archive, open for reading. */
	readonly descriptor: number;
	readonly entries: PreviousEntries;
	readonly close: () => void;
};

/** The newest backup of the instance that was read in full and found right; null when there is none. */
export const choosePrevious = (catalog: Catalog, {instance}: Target): BackupSummary | null =>
	catalog
		.list()
		.filter(
			({origin, writtenBy, kind, instanceName, health, sequence}) =>
				origin === 'store' &&
				writtenBy === 'printkeep' &&
				kind === instance.kind &&
				instanceName === instance.name &&
				// A partial one was read back when it was made, like any other; whatever is wrong with it is found when it is read back here.
				(health.type === 'verified' || health.type === 'partial') &&
				sequence !== null,
		)
		.reduce<BackupSummary | null>(
			(newest, each) => (newest === null || (each.sequence ?? 0) > (newest.sequence ?? 0) ? each : newest),
			null,
		);

const isSameFile = (descriptor: number, {bytes, inode, modifiedNanoseconds}: PreviousData): boolean => {
	const stats = fstatSync(descriptor, {bigint: true});
	return Number(stats.size) === bytes && stats.ino === inode && stats.mtimeNs === modifiedNanoseconds;
};

/**
 * Opens the backup to take entries over from. Nothing about it is trusted: what is copied is read back, unpacked and compared before the new backup gets
 * its name.
 * @returns null when it cannot be used.
 */
export const openPreviousBackup = async (summary: BackupSummary, pool: Pool): Promise<PreviousBackup | null> => {
	const {previous} = await pool.run('load-previous', {path: summary.path});
	if (!previous) {
		return null;
	}

	let descriptor: number;
	try {
		descriptor = openSync(summary.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch {
		return null;
	}

	if (!isSameFile(descriptor, previous)) {
		closeSync(descriptor);
		return null;
	}

	return {
		summary,
		descriptor,
		entries: createPreviousEntries(previous),
		close() {
			try {
				closeSync(descriptor);
			} catch {
				// It was only read, and what was read of it has been checked: the new backup stands.
			}
		},
	};
};
