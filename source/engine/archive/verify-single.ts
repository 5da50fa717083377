/** Reads one entry piece by piece on the engine's own thread: one that is too large to be read at once, or a database that is to be opened. */
import {createHash} from 'node:crypto';
import type {BodyHash} from './body-hash.js';
import {createDatabaseCopy, type DatabaseChecks, type DatabaseCopy, startsLikeDatabase} from './database-copies.js';
import type {DirectoryRecord} from './directory.js';
import {type ReadSource, readRecord} from './read-record.js';

/** A failure that is no fault of the archive: the disk for unpacked databases is full. */
export class OutsideFailure extends Error {
	constructor(override readonly cause: unknown) {
		super('failure outside of the archive');
	}
}

const outside = <Value>(work: () => Value): Value => {
	try {
		return work();
	} catch (error) {
		throw new OutsideFailure(error);
	}
};

export type SingleContent = {
	readonly sha256: Buffer;
	/** Position after its data. */
	readonly end: number;
	/** To be checked and discarded by the caller; null when it is no database, or nobody asked. */
	readonly copy: DatabaseCopy | null;
};

/**
 * Reads and checks an entry, and makes a copy of it where it is a database.
 * @param number makes the copy's name unique in its folder.
 * @param tables rows per table when the manifest calls it a database.
 * @throws zip-crc and the like, cancelled, OutsideFailure
 */
export const readSingle = async (
	source: ReadSource,
	record: DirectoryRecord,
	{
		signal,
		breathe,
		body,
		databases,
		number,
		tables,
		onBytes,
	}: {
		readonly signal: AbortSignal;
		readonly breathe: () => Promise<void>;
		/** Gets what is read. */
		readonly body: BodyHash;
		readonly databases: DatabaseChecks | undefined;
		readonly number: number;
		readonly tables: Readonly<Record<string, number>> | null;
		/** Told how many more bytes of content were read. */
		readonly onBytes: (bytes: number) => void;
	},
): Promise<SingleContent> => {
	const hash = createHash('sha256');
	let copy: DatabaseCopy | null = null;
	let isFirst = true;
	try {
		const end = await readRecord(
			source,
			record,
			chunk => {
				if (isFirst && databases && (tables || startsLikeDatabase(chunk))) {
					copy = outside(() => createDatabaseCopy(databases, record, number, tables));
				}

				isFirst = false;
				hash.update(chunk);
				outside(() => copy?.write(chunk));
				onBytes(chunk.length);
			},
			{signal, breathe, onRaw: body.take},
		);
		return {sha256: hash.digest(), end, copy};
	} catch (error) {
		(copy as DatabaseCopy | null)?.discard();
		throw error;
	}
};
