import {copyFileSync, existsSync, rmSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import {makeTemporaryDirectory, removeDirectory} from './temporary.js';

/** Writes a database of a print history, closed properly (rollback journal). */
export const makeDatabase = (path: string, rows: number): void => {
	const database = new DatabaseSync(path);
	try {
		fill(database, rows);
	} finally {
		database.close();
	}
};

const fill = (database: DatabaseSync, rows: number): void => {
	database.exec('CREATE TABLE prints (id INTEGER PRIMARY KEY, file TEXT NOT NULL, finished REAL, note TEXT)');
	database.exec('CREATE TABLE spools (id INTEGER PRIMARY KEY, material TEXT, used REAL)');
	const print = database.prepare('INSERT INTO prints (file, finished, note) VALUES (?, ?, ?)');
	const spool = database.prepare('INSERT INTO spools (material, used) VALUES (?, ?)');
	database.exec('BEGIN');
	for (let row = 0; row < rows; row++) {
		print.run(`würfel_${row}.gcode`, 1_600_000_000 + row, row % 7 === 0 ? 'レイヤー' : null);
		spool.run(row % 2 === 0 ? 'PLA' : 'PETG', row / 3);
	}

	database.exec('COMMIT');
};

/**
 * Writes a database as a running server leaves it: in WAL mode, with committed rows that are only in the `-wal` file. Copying just the main file would
 * lose all of them.
 */
export const makeWalDatabase = (path: string, rows: number): void => {
	const scratch = makeTemporaryDirectory();
	try {
		const database = new DatabaseSync(`${scratch}/live.db`);
		database.exec('PRAGMA journal_mode = WAL');
		database.exec('PRAGMA wal_autocheckpoint = 0');
		fill(database, rows);
		// Both files are copied before closing, since the last connection to close folds the log into the database.
		copyFileSync(`${scratch}/live.db`, path);
		copyFileSync(`${scratch}/live.db-wal`, `${path}-wal`);
		database.close();
	} finally {
		removeDirectory(scratch);
	}
};

/**
 * Everything a database holds, as text: the schema and every row of every table, whatever its pages look like. Works on a copy, so that looking does not
 * change the files.
 */
export const dumpDatabase = (path: string): string => {
	const scratch = makeTemporaryDirectory();
	try {
		const copy = `${scratch}/copy.db`;
		copyFileSync(path, copy);
		if (existsSync(`${path}-wal`)) {
			copyFileSync(`${path}-wal`, `${copy}-wal`);
		}

		const database = new DatabaseSync(copy);
		try {
			const tables = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
			return tables
				.map(({name, sql}) => {
					const rows = database.prepare(`SELECT * FROM "${String(name).replaceAll('"', '""')}" ORDER BY 1`).all();
					return `${String(sql)}\n${rows.map(row => JSON.stringify(row)).join('\n')}`;
				})
				.join('\n');
		} finally {
			database.close();
		}
	} finally {
		rmSync(scratch, {recursive: true, force: true});
	}
};
