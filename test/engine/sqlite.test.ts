import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {expect, test} from 'vitest';
import {
	checkDatabase,
	fileStartsLikeSqlite,
	isSqlite,
	sidecarsOf,
	snapshotDatabase,
} from '../../source/engine/sqlite.js';
import {startDatabaseWriter} from '../helpers/database-writer.js';
import {makeDatabase, makeWalDatabase} from '../helpers/sqlite.js';
import {inTemporaryDirectory} from '../helpers/temporary.js';

/** Everything in a folder with size and time of change, to see that nothing was touched. */
const look = (folder: string): readonly string[] =>
	readdirSync(folder)
		.sort()
		.map(name => {
			const {size, mtimeNs, ino} = statSync(join(folder, name), {bigint: true});
			return `${name} ${size} ${mtimeNs} ${ino}`;
		});

const inFolders = async (callback: (live: string, scratch: string) => Promise<void>): Promise<void> =>
	inTemporaryDirectory(async directory => {
		const live = join(directory, 'live');
		const scratch = join(directory, 'private');
		mkdirSync(live);
		mkdirSync(scratch, {mode: 0o700});
		await callback(live, scratch);
	});

test('a database is known by its first bytes, not by its name', async () =>
	inFolders(async live => {
		makeDatabase(join(live, 'history'), 3);
		writeFileSync(join(live, 'fake.db'), 'SQLite format 4');
		mkdirSync(join(live, 'folder.db'));
		expect(isSqlite(readFileSync(join(live, 'history')).subarray(0, 16))).toBe(true);
		expect(isSqlite(Buffer.from('SQLite format 3'))).toBe(false);
		expect(isSqlite(new Uint8Array())).toBe(false);
		expect(fileStartsLikeSqlite(join(live, 'history'))).toBe(true);
		expect(fileStartsLikeSqlite(join(live, 'fake.db'))).toBe(false);
		expect(fileStartsLikeSqlite(join(live, 'folder.db'))).toBe(false);
		expect(fileStartsLikeSqlite(join(live, 'missing'))).toBe(false);
		expect(sidecarsOf('/x/a.db')).toEqual(['/x/a.db-wal', '/x/a.db-shm', '/x/a.db-journal']);
	}));

test('a closed database is copied without a trace beside it', async () =>
	inFolders(async (live, scratch) => {
		makeDatabase(join(live, 'a.db'), 500);
		const wal = new DatabaseSync(join(live, 'b.db'));
		wal.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)');
		wal.close();
		const before = look(live);
		const a = await snapshotDatabase({source: join(live, 'a.db'), destination: join(scratch, 'a')});
		const b = await snapshotDatabase({source: join(live, 'b.db'), destination: join(scratch, 'b')});
		expect(a).toEqual({tables: {prints: 500, spools: 500}, problems: []});
		expect(b).toEqual({tables: {t: 2}, problems: []});
		expect(look(live)).toEqual(before);
		expect(readdirSync(scratch).sort()).toEqual(['a', 'b']);
		expect(statSync(join(scratch, 'a')).mode & 0o777).toBe(0o600);
	}));

test('rows that are only in the write-ahead log are in the copy, while it is open and after a crash', async () =>
	inFolders(async (live, scratch) => {
		const open = new DatabaseSync(join(live, 'open.db'));
		open.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x)');
		open.exec('INSERT INTO t VALUES (1), (2), (3)');
		expect(
			(await snapshotDatabase({source: join(live, 'open.db'), destination: join(scratch, 'open')})).tables,
		).toEqual({t: 3});
		open.close();

		makeWalDatabase(join(live, 'crashed.db'), 400);
		const before = look(live);
		const copy = await snapshotDatabase({source: join(live, 'crashed.db'), destination: join(scratch, 'crashed')});
		expect(copy).toEqual({tables: {prints: 400, spools: 400}, problems: []});
		expect(look(live)).toEqual(before);
		expect(readdirSync(scratch).sort()).toEqual(['crashed', 'open']);
	}));

test('a transaction that a crash cut off is rolled back in the copy, not in the original', async () =>
	inFolders(async (live, scratch) => {
		const path = join(live, 'a.db');
		const database = new DatabaseSync(path);
		// A tiny cache makes SQLite write into the database before the transaction ends.
		database.exec('CREATE TABLE t (x); PRAGMA cache_size = 1; PRAGMA cache_spill = 1');
		database.exec(
			'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT zeroblob(500) FROM n',
		);
		database.exec('BEGIN; DELETE FROM t WHERE rowid % 2');
		const crashed = join(live, 'crashed.db');
		copyFileSync(path, crashed);
		copyFileSync(`${path}-journal`, `${crashed}-journal`);
		database.exec('ROLLBACK');
		database.close();
		const before = look(live);
		const copy = await snapshotDatabase({source: crashed, destination: join(scratch, 'copy')});
		expect(copy).toEqual({tables: {t: 1000}, problems: []});
		expect(look(live)).toEqual(before);
	}));

test('copies made while a process writes without pause are whole', {timeout: 60_000}, async () =>
	inFolders(async (live, scratch) => {
		const path = join(live, 'busy.db');
		const writer = await startDatabaseWriter(path);
		try {
			const counts: number[] = [];
			for (let round = 0; round < 10; round++) {
				const destination = join(scratch, String(round));
				const {tables, problems} = await snapshotDatabase({source: path, destination});
				expect(problems).toEqual([]);
				const copy = new DatabaseSync(destination, {readOnly: true});
				expect(copy.prepare('SELECT sum(amount) AS total FROM moves').get()).toMatchObject({total: 0});
				copy.close();
				counts.push(tables.moves ?? 0);
			}

			expect(writer.writing()).toBe(true);
			expect(counts.every(count => count > 0 && count % 2 === 0)).toBe(true);
			expect(counts.at(-1)).not.toBe(counts[0]);
		} finally {
			await writer.stop();
		}
	}),
);

test('a database that stays locked is given up after the time limit, in words', async () =>
	inFolders(async (live, scratch) => {
		const path = join(live, 'locked.db');
		makeDatabase(path, 5);
		const holder = new DatabaseSync(path);
		holder.exec('BEGIN EXCLUSIVE');
		await expect(
			snapshotDatabase({source: path, destination: join(scratch, 'copy'), timeoutMilliseconds: 50}),
		).rejects.toMatchObject({code: 'busy', message: expect.stringContaining('locked')});
		holder.exec('COMMIT');
		holder.close();
		expect((await snapshotDatabase({source: path, destination: join(scratch, 'copy')})).problems).toEqual([]);
	}));

test('damage is told by the copy and by the check, and never thrown', async () =>
	inFolders(async (live, scratch) => {
		const path = join(live, 'a.db');
		makeDatabase(path, 3000);
		const bytes = readFileSync(path);
		bytes.fill(0x5a, 4096 * 3, 4096 * 6);
		writeFileSync(path, bytes);
		expect((await snapshotDatabase({source: path, destination: join(scratch, 'copy')})).problems).not.toEqual([]);
		expect((await checkDatabase(path)).problems).not.toEqual([]);

		truncateSync(path, 5000);
		expect((await checkDatabase(path)).problems).not.toEqual([]);
		writeFileSync(path, `SQLite format 3\0${'x'.repeat(200)}`);
		expect((await checkDatabase(path)).problems).not.toEqual([]);
		expect((await snapshotDatabase({source: path, destination: join(scratch, 'copy')})).problems).not.toEqual([]);
		expect((await checkDatabase(path)).isUnread).toBeUndefined();
		expect(await checkDatabase(join(live, 'missing'))).toMatchObject({
			problems: [expect.stringContaining('unable to open')],
			isUnread: true,
		});
		expect(existsSync(join(live, 'missing'))).toBe(false);
	}));

test('odd tables and paths', async () =>
	inFolders(async (live, scratch) => {
		const folder = join(live, 'a?b#c%20 d');
		mkdirSync(folder);
		const path = join(folder, 'ü;&.db');
		const database = new DatabaseSync(path);
		database.exec(
			'CREATE TABLE "we""ird" (x); INSERT INTO "we""ird" VALUES (1); CREATE TABLE "__proto__" (x); CREATE TABLE sqlitely (x)',
		);
		database.exec("CREATE VIRTUAL TABLE words USING fts5(text); INSERT INTO words VALUES ('layer')");
		database.close();
		symlinkSync(path, join(live, 'link.db'));
		const {tables, problems} = await snapshotDatabase({
			source: join(live, 'link.db'),
			destination: join(scratch, 'copy'),
		});
		expect(problems).toEqual([]);
		expect(Object.entries(tables)).toEqual(
			expect.arrayContaining([
				['we"ird', 1],
				['__proto__', 0],
				['sqlitely', 0],
				['words_content', 1],
			]),
		);
		expect(Object.keys(tables)).not.toContain('words');
	}));
