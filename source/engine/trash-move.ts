/** How a backup gets into the trash and out of it. At every moment, whatever is cut off, it is in the one or in the other. */
import {lstatSync} from 'node:fs';
import {join} from 'node:path';
import type {BackupSummary} from '../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {discard, moveLastingly} from './durable-file.js';
import type {EnginePorts} from './ports.js';
import type {StoreIndex} from './store-index.js';
import {readTrash, type TrashEntry, trashFolder} from './trash-folder.js';
import {type TrashRecord, trashRecordBytes, trashRecordName} from './trash-record.js';

type Ports = Pick<EnginePorts, 'disk' | 'clock' | 'randomHex'>;

/** Makes the trash of a store where there is none. @throws store-unwritable when something else has its name */
export const prepareTrash = async ({disk}: Pick<Ports, 'disk'>, store: string): Promise<void> => {
	// Says what is wrong with one that is there.
	readTrash(store);
	const trash = trashFolder(store);
	if (!lstatSync(trash, {throwIfNoEntry: false})) {
		disk.makeDirectory(trash, 0o700);
		await disk.syncDirectory(store);
	}
};

const recordOf = (
	{key, bytes, createdAt, note, sequence, instanceName, pinned}: BackupSummary,
	index: StoreIndex,
	{number, deletedAt}: {readonly number: number; readonly deletedAt: number},
): Omit<TrashRecord, 'format'> => ({
	number,
	key,
	deletedAt,
	bytes,
	createdAt,
	note,
	sequence,
	instance: instanceName,
	pinned,
	verified: index.verified.get(`store/${key}`) ?? null,
});

/**
 * Moves a backup of the store into the trash, which must be prepared. Its record and its new name are on the medium before the old name goes; that the old
 * name is gone is synced by the caller: if it comes back with the power, the backup is in the store and nowhere else.
 * @param index what the store remembers of its backups.
 * @throws the system error of the step that failed, in words; the backup is in the store then
 */
export const moveToTrash = async (
	{disk, clock, randomHex}: Ports,
	store: string,
	backup: BackupSummary,
	index: StoreIndex,
): Promise<TrashEntry> => {
	const trash = trashFolder(store);
	const number = 1 + readTrash(store).entries.reduce((highest, {record}) => Math.max(highest, record?.number ?? 0), 0);
	const id = randomHex(6);
	const folder = join(trash, id);
	const path = join(folder, backup.key);
	const recordPath = join(folder, trashRecordName);
	const record = recordOf(backup, index, {number, deletedAt: clock.now()});
	try {
		disk.makeDirectory(folder, 0o700);
		try {
			const descriptor = disk.create(recordPath, 0o600);
			try {
				disk.write(descriptor, trashRecordBytes(record), 0);
				await disk.syncFile(descriptor);
			} finally {
				disk.close(descriptor);
			}

			await moveLastingly(disk, backup.path, path, [folder, trash]);
		} catch (error) {
			if (!lstatSync(path, {throwIfNoEntry: false})) {
				discard(disk, recordPath);
				disk.removeDirectory(folder);
			}

			throw error;
		}
	} catch (error) {
		const {code, message, detail} = toPrintkeepError(error, `${safeText(backup.key)} could not be moved to the trash`);
		throw new PrintkeepError(code, message, {
			hint: 'It is still in the store. Where there is no room for a trash, delete for good with: printkeep delete --permanently KEY',
			...(detail === undefined ? {} : {detail}),
			cause: error,
		});
	}

	return {id, folder, key: backup.key, path, bytes: backup.bytes, record: {format: 1, ...record}};
};

/**
 * Moves a backup from the trash to its old name in the store. Its folder in the trash is left to the caller.
 * @throws name-clash when a backup of that name is in the store; the system error of the step that failed. The backup is in the trash then.
 */
export const moveToStore = async ({disk}: Pick<Ports, 'disk'>, store: string, entry: TrashEntry): Promise<void> => {
	try {
		await moveLastingly(disk, entry.path, join(store, entry.key));
	} catch (error) {
		throw toPrintkeepError(error, `${safeText(entry.key)} could not be brought back`);
	}
};
