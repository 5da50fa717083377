/**
 * Consistent copies of SQLite databases that something may be writing to. A database never goes into an archive as the bytes that lie on the disk: with
 * a busy writer more than half of such copies are broken, and with a write-ahead log they can be intact and empty.
 */
import {Buffer} from 'node:buffer';
import * as fs from 'node:fs';
import {PrintkeepError} from '../../errors.js';
import {loadSqlite} from '../../load-sqlite.js';
import {type Disk, systemDisk} from '../disk.js';
import {checkDatabase, type DatabaseCheck, immutable, messageOf, readHeader, sidecarsOf} from './check.js';

/** All pages in one step: in several, a busy writer would make the copy start again and again. */
const everyPage = 0x7fff_ffff;

type Copy = {
	readonly disk: Disk;
	readonly source: string | Buffer;
	readonly destination: string;
	readonly timeoutMilliseconds: number;
};

const withSuffix = (path: string | Buffer, suffix: string): string | Buffer =>
	typeof path === 'string' ? path + suffix : Buffer.concat([path, Buffer.from(suffix)]);

const sizeOf = (path: string | Buffer): number | undefined => fs.statSync(path, {throwIfNoEntry: false})?.size;

/** Changes whenever the content of the file may have changed. */
const stampOf = (path: string | Buffer): string => {
	const stats = fs.statSync(path, {bigint: true, throwIfNoEntry: false});
	return stats ? `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}` : '';
};

const removeIfThere = (disk: Disk, path: string): void => {
	if (fs.lstatSync(path, {throwIfNoEntry: false})) {
		disk.unlink(path);
	}
};

const recreate = (disk: Disk, path: string): void => {
	removeIfThere(disk, path);
	disk.close(disk.create(path, 0o600));
};

const blockBytes = 1_048_576;

/** Copies a file as it is into a new private one. */
const copyBytes = (disk: Disk, from: string | Buffer, to: string): void => {
	const input = fs.openSync(from, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
	try {
		removeIfThere(disk, to);
		const output = disk.create(to, 0o600);
		try {
			const block = Buffer.allocUnsafe(blockBytes);
			for (let position = 0, read = -1; read !== 0; position += read) {
				read = fs.readSync(input, block, 0, blockBytes, position);
				disk.write(output, block.subarray(0, read), position);
			}
		} finally {
			disk.close(output);
		}
	} finally {
		fs.closeSync(input);
	}
};

const copyThrough = async (
	{disk, destination, timeoutMilliseconds}: Copy,
	source: URL | string | Buffer,
): Promise<void> => {
	const {DatabaseSync, backup} = await loadSqlite();
	recreate(disk, destination);
	const database = new DatabaseSync(source, {readOnly: true, timeout: timeoutMilliseconds});
	try {
		await backup(database, destination, {rate: everyPage});
	} finally {
		database.close();
	}
};

/** Copies a database that nobody has open, without the traces that opening it would leave. False when it changed meanwhile. */
const copyQuiet = async (copy: Copy): Promise<boolean> => {
	const before = stampOf(copy.source);
	try {
		await copyThrough(copy, immutable(copy.source));
	} catch (error) {
		// Somebody who opened it meanwhile can have torn the copy; otherwise the database is what it looks like.
		if (stampOf(copy.source) === before) {
			throw error;
		}
	}

	return stampOf(copy.source) === before;
};

/**
 * Copies a database with its journals as files and lets SQLite bring the copy into order: for what a crash left behind, which nobody may repair who only
 * reads. False when it changed meanwhile, so that somebody must have it open.
 */
const copyAndRecover = async ({disk, source, destination}: Copy): Promise<boolean> => {
	const {DatabaseSync} = await loadSqlite();
	const suffixes = ['', '-wal', '-journal'].filter(
		suffix => suffix === '' || (sizeOf(withSuffix(source, suffix)) ?? 0) > 0,
	);
	const stamps = (): string => suffixes.map(suffix => stampOf(withSuffix(source, suffix))).join();
	const before = stamps();
	for (const suffix of suffixes) {
		copyBytes(disk, withSuffix(source, suffix), destination + suffix);
	}

	if (stamps() !== before) {
		removeSidecars(disk, destination);
		return false;
	}

	const database = new DatabaseSync(destination);
	try {
		database.prepare('SELECT count(*) FROM sqlite_schema').get();
		database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
	} finally {
		database.close();
		removeSidecars(disk, destination);
	}

	return true;
};

const removeSidecars = (disk: Disk, database: string): void => {
	for (const path of sidecarsOf(database)) {
		removeIfThere(disk, path);
	}
};

const primaryCode = (error: unknown): number | undefined =>
	error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;

const codes = {ok: 0, busy: 5, locked: 6, readOnly: 8, corrupt: 11, cannotOpen: 14, notADatabase: 26} as const;

const copyDatabase = async (copy: Copy): Promise<void> => {
	const {source} = copy;
	const header = readHeader(source);
	const usesLog = header[18] === 2 || header[19] === 2;
	const hasLog = sizeOf(withSuffix(source, '-wal')) !== undefined;
	const hasIndex = sizeOf(withSuffix(source, '-shm')) !== undefined;
	// A reader of a write-ahead log makes files beside the database and leaves them there: only where somebody has it open anyway.
	if (usesLog && !hasLog && (await copyQuiet(copy))) {
		return;
	}

	if (usesLog && hasLog && !hasIndex && (await copyAndRecover(copy))) {
		return;
	}

	try {
		await copyThrough(copy, source);
	} catch (error) {
		const code = primaryCode(error);
		const needsRecovery = code === codes.readOnly || code === codes.cannotOpen;
		if (!needsRecovery || !(await copyAndRecover(copy))) {
			throw error;
		}
	}
};

/**
 * Makes a consistent copy of a database, also while something writes to it, and checks the copy.
 * @param source path of the database; links are resolved, since the journals lie beside the real file.
 * @param destination path of the copy, in a private folder; a file there is replaced.
 * @param timeoutMilliseconds how long to wait for a writer that holds the database locked.
 * @returns what is in the copy. With `problems` the database itself is damaged, and the copy may be of no use.
 * @throws PrintkeepError busy when it stays locked; what the file system throws.
 */
export const snapshotDatabase = async ({
	source,
	destination,
	signal,
	timeoutMilliseconds = 30_000,
	disk = systemDisk,
}: {
	readonly source: string | Buffer;
	readonly destination: string;
	readonly signal?: AbortSignal;
	readonly timeoutMilliseconds?: number;
	readonly disk?: Disk;
}): Promise<DatabaseCheck> => {
	signal?.throwIfAborted();
	const real = typeof source === 'string' ? fs.realpathSync.native(source) : fs.realpathSync.native(source, 'buffer');
	try {
		await copyDatabase({disk, source: real, destination, timeoutMilliseconds});
	} catch (error) {
		switch (primaryCode(error)) {
			// Node reports a copy that waited in vain as error 0, "not an error".
			case codes.ok:
			case codes.busy:
			case codes.locked: {
				throw new PrintkeepError(
					'busy',
					`the database stayed locked for ${Math.round(timeoutMilliseconds / 1000)} seconds.`,
					{
						hint: 'Stop the program that writes to it, then try again.',
						cause: error,
					},
				);
			}

			case codes.corrupt:
			case codes.notADatabase: {
				return {tables: {}, problems: [messageOf(error)]};
			}

			default: {
				throw error;
			}
		}
	}

	signal?.throwIfAborted();
	return checkDatabase(destination);
};
