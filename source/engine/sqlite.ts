/**
 * Consistent copies of SQLite databases that something may be writing to. A database never goes into an archive as the bytes that lie on the disk: with
 * a busy writer more than half of such copies are broken, and with a write-ahead log they can be intact and empty.
 */
import {Buffer} from 'node:buffer';
import * as fs from 'node:fs';
import type * as Sqlite from 'node:sqlite';
import {PrintkeepError} from '../errors.js';
import {type Disk, systemDisk} from './disk.js';

const magic = Buffer.from('SQLite format 3\0', 'latin1');

/** Bytes 18 and 19 of the header say 2 when the database uses a write-ahead log. */
const headerBytes = 20;

/** Endings of the files SQLite keeps beside a database while it is open or was not closed properly. */
export const sidecarSuffixes = ['-wal', '-shm', '-journal'] as const;

/** Paths of the files SQLite may keep beside a database. */
export const sidecarsOf = (database: string): readonly string[] => sidecarSuffixes.map(suffix => database + suffix);

/** True when these are the first 16 or more bytes of a SQLite database. */
export const isSqlite = (firstBytes: Uint8Array): boolean =>
	firstBytes.length >= magic.length && magic.equals(firstBytes.subarray(0, magic.length));

const readHeader = (path: string | Buffer): Buffer => {
	const descriptor = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
	try {
		const header = Buffer.alloc(headerBytes);
		return fs.fstatSync(descriptor).isFile()
			? header.subarray(0, fs.readSync(descriptor, header, 0, headerBytes, 0))
			: header;
	} finally {
		fs.closeSync(descriptor);
	}
};

/** True when a file can be read and begins like a SQLite database. */
export const fileStartsLikeSqlite = (path: string | Buffer): boolean => {
	try {
		return isSqlite(readHeader(path));
	} catch {
		return false;
	}
};

export type DatabaseCheck = {
	/** Rows per table; empty when the database cannot be opened at all. */
	readonly tables: Readonly<Record<string, number>>;
	/** What SQLite finds wrong with it, at most ten; empty when it is sound. */
	readonly problems: readonly string[];
};

let loaded: Promise<typeof Sqlite> | undefined;

/** Loads SQLite when it is first needed, without the warning that Node 22 prints about it. */
const load = async (): Promise<typeof Sqlite> => {
	loaded ??= (async () => {
		const {emitWarning} = process;
		process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
			if (!String(warning).includes('SQLite')) {
				emitWarning.call(process, warning, ...rest);
			}
		}) as typeof process.emitWarning;
		try {
			return await import('node:sqlite');
		} finally {
			process.emitWarning = emitWarning;
		}
	})();
	return loaded;
};

/** SQLite's name for a file that nobody changes: it is read without locks, and nothing is written beside it. */
const immutable = (path: string | Buffer): URL => {
	const bytes = Buffer.from(path);
	const escaped = [...bytes].map(byte =>
		/[\w./-]/u.test(String.fromCharCode(byte)) && byte < 0x7f
			? String.fromCharCode(byte)
			: `%${byte.toString(16).padStart(2, '0')}`,
	);
	return new URL(`file://${escaped.join('')}?immutable=1`);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const inspect = (database: Sqlite.DatabaseSync): DatabaseCheck => {
	const problems: string[] = [];
	const tables: [string, number][] = [];
	try {
		for (const row of database.prepare('PRAGMA integrity_check(10)').all()) {
			const finding = String(Object.values(row)[0]);
			if (finding !== 'ok') {
				problems.push(finding);
			}
		}

		const names = database
			.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
			.all();
		for (const {name, sql} of names) {
			// Virtual tables belong to extensions that need not be there; their content is counted in the tables they keep it in.
			if (!/^\s*create\s+virtual\b/iu.test(String(sql))) {
				const row = database.prepare(`SELECT count(*) AS rows FROM "${String(name).replaceAll('"', '""')}"`).get();
				tables.push([String(name), Number(row?.rows)]);
			}
		}
	} catch (error) {
		problems.push(messageOf(error));
	}

	return {tables: Object.fromEntries(tables), problems: problems.slice(0, 10)};
};

/** Opens a database that nobody is changing, checks every page of it and counts its rows. Writes nothing, also not beside it. */
export const checkDatabase = async (path: string): Promise<DatabaseCheck> => {
	const {DatabaseSync} = await load();
	let database: Sqlite.DatabaseSync;
	try {
		database = new DatabaseSync(immutable(path), {readOnly: true});
	} catch (error) {
		return {tables: {}, problems: [messageOf(error)]};
	}

	try {
		return inspect(database);
	} finally {
		database.close();
	}
};

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

const recreate = (disk: Disk, path: string): void => {
	if (fs.lstatSync(path, {throwIfNoEntry: false})) {
		disk.unlink(path);
	}

	disk.close(disk.create(path, 0o600));
};

const copyThrough = async (
	{disk, destination, timeoutMilliseconds}: Copy,
	source: URL | string | Buffer,
): Promise<void> => {
	const {DatabaseSync, backup} = await load();
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
	await copyThrough(copy, immutable(copy.source));
	return stampOf(copy.source) === before;
};

/**
 * Copies a database with its journals as files and lets SQLite bring the copy into order: for what a crash left behind, which nobody may repair who only
 * reads. False when it changed meanwhile, so that somebody must have it open.
 */
const copyAndRecover = async ({disk, source, destination}: Copy): Promise<boolean> => {
	const {DatabaseSync} = await load();
	const suffixes = ['', '-wal', '-journal'].filter(
		suffix => suffix === '' || (sizeOf(withSuffix(source, suffix)) ?? 0) > 0,
	);
	const stamps = (): string => suffixes.map(suffix => stampOf(withSuffix(source, suffix))).join();
	const before = stamps();
	for (const suffix of suffixes) {
		recreate(disk, destination + suffix);
		fs.copyFileSync(withSuffix(source, suffix), destination + suffix);
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
		if (fs.lstatSync(path, {throwIfNoEntry: false})) {
			disk.unlink(path);
		}
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
