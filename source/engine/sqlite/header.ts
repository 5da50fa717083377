import {Buffer} from 'node:buffer';

const magic = Buffer.from('SQLite format 3\0', 'latin1');

/** True when these are the first 16 or more bytes of a SQLite database. */
export const isSqlite = (firstBytes: Uint8Array): boolean =>
	firstBytes.length >= magic.length && magic.equals(firstBytes.subarray(0, magic.length));
