/** Digests of files that a plan has read, so that the restore that follows it need not read them again while they are as they were. */
import {hash} from 'node:crypto';
import {makeRoom} from '../archive/room.js';
import type {BytePath} from './byte-path.js';

export type Digest = {
	/** Hex. */
	readonly sha256: string;
	readonly crc32: number;
	readonly bytes: number;
	/** When the file last changed in any way, by its own clock: a mark to tell whether it is still the same. */
	readonly changedAt: number;
};

const maximumRemembered = 50_000;
const hashBytes = 32;
const crcAt = 2 * hashBytes;
const bytesAt = crcAt + 4;
const changedAt = bytesAt + 8;
/** What is known of a file: the hash of its stamp and its digest. */
const rowBytes = changedAt + 8;

/** Numbers of the rows, by the hash of the path: paths are several times as long. */
const rows = new Map<string, number>();
/** Pages of it that nobody has written to take no memory. */
let table: Buffer | null = null;

const rowOf = (number: number): Buffer => {
	table ??= makeRoom(maximumRemembered * rowBytes);
	return table.subarray(number * rowBytes, (number + 1) * rowBytes);
};

const keyOf = (path: BytePath): string => hash('sha256', path, 'binary');

/**
 * Remembers a file, unless there are too many already.
 * @param stamp what is another one as soon as the file is.
 */
export const rememberDigest = (path: BytePath, stamp: string, digest: Digest): void => {
	const key = keyOf(path);
	const known = rows.get(key);
	if (known === undefined && rows.size >= maximumRemembered) {
		return;
	}

	const number = known ?? rows.size;
	rows.set(key, number);
	const row = rowOf(number);
	row.write(hash('sha256', stamp, 'binary'), 0, 'latin1');
	row.write(digest.sha256, hashBytes, 'hex');
	row.writeUInt32LE(digest.crc32, crcAt);
	row.writeDoubleLE(digest.bytes, bytesAt);
	row.writeDoubleLE(digest.changedAt, changedAt);
};

/** What is remembered of a file that still has the stamp. */
export const rememberedDigest = (path: BytePath, stamp: string): Digest | undefined => {
	const number = rows.get(keyOf(path));
	const row = number === undefined ? undefined : rowOf(number);
	return row?.toString('latin1', 0, hashBytes) === hash('sha256', stamp, 'binary')
		? {
				sha256: row.toString('hex', hashBytes, crcAt),
				crc32: row.readUInt32LE(crcAt),
				bytes: row.readDoubleLE(bytesAt),
				changedAt: row.readDoubleLE(changedAt),
			}
		: undefined;
};

/** Forgets what earlier comparisons read. */
export const forgetDigests = (): void => {
	rows.clear();
	table = null;
};
