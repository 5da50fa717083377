/**
 * Writes to a database without pause, as a print server does: every transaction adds two rows that belong together. A copy that was torn out of the
 * middle of one shows an odd number of rows.
 *
 * usage: database-writer.mjs FILE
 */
import {writeSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';

const database = new DatabaseSync(process.argv[2], {timeout: 60_000});
database.exec('PRAGMA journal_mode = WAL');
database.exec('CREATE TABLE IF NOT EXISTS moves (id INTEGER PRIMARY KEY, side TEXT, amount INTEGER, filler TEXT)');
const insert = database.prepare('INSERT INTO moves (side, amount, filler) VALUES (?, ?, ?)');
const trim = database.prepare('DELETE FROM moves WHERE id <= (SELECT max(id) FROM moves) - 20000');

for (let round = 1; ; round++) {
	database.exec('BEGIN');
	insert.run('from', -round, 'x'.repeat(200));
	insert.run('to', round, 'y'.repeat(200));
	if (round % 1000 === 0) {
		trim.run();
	}

	database.exec('COMMIT');
	if (round === 50) {
		writeSync(1, 'writing\n');
	}
}
