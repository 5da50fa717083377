import {join} from 'node:path';
import {type Disk, removeTree} from '../disk.js';
import type {ArchiveEntry} from './types.js';

/** What every SQLite database starts with. */
const magic = Buffer.from('SQLite format 3\0', 'latin1');

export type DatabaseChecks = {
	/** Private folder (0700) for unpacked databases; one file at a time, removed after its check. */
	readonly folder: string;
	readonly disk: Disk;
	/** Looks at the unpacked database. What it throws ends the verification: it is no fault of the archive. */
	readonly check: (path: string, entry: ArchiveEntry, tables: Readonly<Record<string, number>> | null) => Promise<void>;
};

/** An unpacked database, written while its entry is read. */
export type DatabaseCopy = {
	readonly write: (chunk: Buffer) => void;
	/** Checks it; call when the entry was read without a fault. */
	readonly check: () => Promise<void>;
	/** Removes it. */
	readonly discard: () => void;
};

/** True when the first bytes of a file are those of a SQLite database. */
export const startsLikeDatabase = (chunk: Buffer): boolean => chunk.subarray(0, magic.length).equals(magic);

/** Starts the copy of one database. @param number makes its name unique in the folder. */
export const createDatabaseCopy = (
	{folder, disk, check}: DatabaseChecks,
	entry: ArchiveEntry,
	number: number,
	tables: Readonly<Record<string, number>> | null,
): DatabaseCopy => {
	const path = join(folder, `${number}.sqlite`);
	const descriptor = disk.create(path, 0o600);
	let position = 0;
	let isOpen = true;
	const close = (): void => {
		if (isOpen) {
			isOpen = false;
			disk.close(descriptor);
		}
	};

	return {
		write(chunk) {
			disk.write(descriptor, chunk, position);
			position += chunk.length;
		},
		async check() {
			close();
			await check(path, entry, tables);
		},
		discard() {
			close();
			// SQLite may have put its journals beside it.
			for (const suffix of ['', '-wal', '-shm', '-journal']) {
				removeTree(disk, path + suffix);
			}
		},
	};
};
