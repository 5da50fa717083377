/**
 * Tells whether a live SQLite database is the one in a backup although its bytes differ: copying a database through SQLite's backup interface writes a few
 * fields of the file header anew. For the counts of a plan only; a restore writes the copy whatever this says.
 */
import {closeSync, constants, openSync, readSync} from 'node:fs';
import {type OpenArchive, readEntry} from '../archive/reader.js';
import {type BytePath, toDiskPath} from './byte-path.js';
import type {WantedFile} from './wanted-tree.js';

/**
 * Header fields that a copy gets anew (sqlite.org/fileformat2.html §1.3): the read and write versions, the change counter, the schema cookie, the counter's
 * echo and the version number of the library.
 */
const rewritten = [
	[18, 20],
	[24, 28],
	[40, 44],
	[92, 100],
] as const;

const mask = (firstPage: Buffer): void => {
	for (const [start, end] of rewritten) {
		firstPage.fill(0, Math.min(start, firstPage.length), Math.min(end, firstPage.length));
	}
};

/**
 * Compares byte for byte, apart from those fields.
 * @param live path of a file as large as the entry.
 * @returns false when it differs, or cannot be read.
 * @throws archive-damaged, cancelled
 */
export const isSameDatabase = async (
	archive: OpenArchive,
	{entry}: WantedFile,
	live: BytePath,
	{breathe}: {readonly breathe: () => Promise<void>},
): Promise<boolean> => {
	let descriptor: number;
	try {
		descriptor = openSync(toDiskPath(live), constants.O_RDONLY | constants.O_NONBLOCK);
	} catch {
		return false;
	}

	try {
		let position = 0;
		let isSame = true;
		await readEntry(
			archive,
			entry,
			chunk => {
				const stored = Buffer.from(chunk);
				const present = Buffer.alloc(stored.length);
				const count = isSame ? readSync(descriptor, present, 0, present.length, position) : 0;
				if (position === 0) {
					mask(stored);
					mask(present);
				}

				isSame &&= count === stored.length && stored.equals(present);
				position += stored.length;
			},
			{breathe},
		);
		return isSame;
	} finally {
		closeSync(descriptor);
	}
};
