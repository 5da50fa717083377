import {Buffer} from 'node:buffer';
import * as fs from 'node:fs';
import type * as Sqlite from 'node:sqlite';
import {loadSqlite} from '../../load-sqlite.js';
import {isSqlite} from './header.js';

/** Bytes 18 and 19 of the header say 2 when the database uses a write-ahead log. */
const headerBytes = 20;

/** Endings of the files SQLite keeps beside a database while it is open or was not closed properly. */
export const sidecarSuffixes = ['-wal', '-shm', '-journal'] as const;

/** Paths of the files SQLite may keep beside a database. */
export const sidecarsOf = (database: string): readonly string[] => sidecarSuffixes.map(suffix => database + suffix);

/**
 * True when SQLite keeps something beside a database that may belong to its content: beside the file itself, not beside a link that leads to it. True also when
 * that cannot be told.
 */
export const hasSidecars = (database: string | Buffer): boolean => {
	try {
		const real = fs.realpathSync.native(database, 'buffer');
		return sidecarSuffixes.some(suffix => {
			const path = Buffer.concat([real, Buffer.from(suffix)]);
			return (fs.statSync(path, {throwIfNoEntry: false})?.size ?? 0) > 0;
		});
	} catch {
		return true;
	}
};

export const readHeader = (path: string | Buffer): Buffer => {
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
	/** Set when the problem is that it could not be read, which says nothing of what is in it. */
	readonly isUnread?: true;
};

/** SQLITE_NOMEM, SQLITE_IOERR and SQLITE_CANTOPEN. */
const readingFailed = new Set([7, 10, 14]);

const unreadMark = (error: unknown): Pick<DatabaseCheck, 'isUnread'> =>
	error instanceof Error && 'errcode' in error && readingFailed.has(Number(error.errcode) % 256)
		? {isUnread: true}
		: {};

/** SQLite's name for a file that nobody changes: it is read without locks, and nothing is written beside it. */
export const immutable = (path: string | Buffer): URL => {
	const bytes = Buffer.from(path);
	const escaped = [...bytes].map(byte =>
		/[\w./-]/u.test(String.fromCharCode(byte)) && byte < 0x7f
			? String.fromCharCode(byte)
			: `%${byte.toString(16).padStart(2, '0')}`,
	);
	return new URL(`file://${escaped.join('')}?immutable=1`);
};

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const inspect = (database: Sqlite.DatabaseSync): DatabaseCheck => {
	const problems: string[] = [];
	const tables: [string, number][] = [];
	let unread: Pick<DatabaseCheck, 'isUnread'> = {};
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
		unread = unreadMark(error);
	}

	return {tables: Object.fromEntries(tables), problems: problems.slice(0, 10), ...unread};
};

/** Opens a database that nobody is changing, checks every page of it and counts its rows. Writes nothing, also not beside it. */
export const checkDatabase = async (path: string): Promise<DatabaseCheck> => {
	const {DatabaseSync} = await loadSqlite();
	let database: Sqlite.DatabaseSync;
	try {
		database = new DatabaseSync(immutable(path), {readOnly: true});
	} catch (error) {
		return {tables: {}, problems: [messageOf(error)], ...unreadMark(error)};
	}

	try {
		return inspect(database);
	} finally {
		database.close();
	}
};
