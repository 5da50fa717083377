/** Reads a run of neighbouring entries and checks all that can be told of them without the manifest, whose hashes they are then compared with. */
import {createHash, hash} from 'node:crypto';
import {type ErrorData, toErrorData} from '../../errors.js';
import {startsLikeDatabase} from './database-copies.js';
import {type DirectoryRecord, readDirectory} from './directory.js';
import {heldDirectory} from './directory-bytes.js';
import {defaultLimits} from './limits.js';
import {createPlainRecords} from './plain-record.js';
import {readRecordAtOnce} from './read-at-once.js';
import {type ReadSource, readLocalHeader} from './read-record.js';
import {checkAfter} from './structure.js';
import {createWindow, windowBytes} from './window.js';

/** Of a SHA-256. */
export const hashBytes = 32;

export type CheckEntriesInput = {
	/** Of the archive; stays open until the task is done. */
	readonly descriptor: number;
	/** Size of the archive. */
	readonly fileBytes: number;
	/** Entries end before this position. */
	readonly directoryOffset: number;
	/** Records of the central directory, one after the other, in the order of their data. */
	readonly records: Uint8Array<ArrayBuffer>;
	readonly count: number;
	/** Where whatever follows the last of them begins. */
	readonly end: number;
	/** False checks the local headers and what lies between the entries, and unpacks nothing. */
	readonly unpack: boolean;
	/** True leaves databases to the caller, unchecked. */
	readonly leaveDatabases: boolean;
};

export type EntryFault = {
	/** Position in the run. */
	readonly index: number;
	readonly error: ErrorData;
	/** True when the content was read all the same: what is wrong comes after it. */
	readonly isRead: boolean;
};

export type CheckEntriesOutput = {
	/** SHA-256 of each content, one after the other; zeros where there is none. */
	readonly hashes: Uint8Array<ArrayBuffer>;
	/** In the order of the entries, at most one of each. */
	readonly faults: readonly EntryFault[];
	/** Positions in the run of what looks like a database and was left to the caller. */
	readonly databases: readonly number[];
};

/** Memory that one run leaves to the next: fresh pages cost as much as unpacking into them. */
let windowMemory: Buffer | null = null;
let packedMemory: Buffer | null = null;

const room = (bytes: number): Buffer => {
	if (!packedMemory || packedMemory.length < bytes) {
		packedMemory = Buffer.allocUnsafeSlow(bytes);
	}

	return packedMemory.subarray(0, bytes);
};

/** Reads and hashes an entry. The hash comes as a string, one character for each byte: a buffer of its own costs as much as hashing a small file. A database is read all the same when it is left to the caller: it comes in one piece for the most part. */
const readHashed = (
	source: ReadSource,
	record: DirectoryRecord,
	leaveDatabases: boolean,
): {readonly sha256: string; readonly end: number; readonly isDatabase: boolean} => {
	let sha256: string | null = null;
	let running: ReturnType<typeof createHash> | null = null;
	let isFirst = true;
	let isDatabase = false;
	const end = readRecordAtOnce(
		source,
		record,
		chunk => {
			isDatabase ||= isFirst && leaveDatabases && startsLikeDatabase(chunk);
			isFirst = false;
			if (isDatabase) {
				return;
			}

			if (chunk.length === record.bytes) {
				sha256 = hash('sha256', chunk, 'binary');
			} else {
				running ??= createHash('sha256');
				running.update(chunk);
			}
		},
		room,
	);
	const rest = running as ReturnType<typeof createHash> | null;
	return {sha256: sha256 ?? rest?.digest('binary') ?? hash('sha256', '', 'binary'), end, isDatabase};
};

/** Checks a run of entries. What is wrong with one is told, and never ends the run. */
export const checkEntries = ({
	descriptor,
	fileBytes,
	directoryOffset,
	records,
	count,
	end,
	unpack,
	leaveDatabases,
}: CheckEntriesInput): {readonly output: CheckEntriesOutput; readonly transfer: readonly ArrayBuffer[]} => {
	windowMemory ??= Buffer.allocUnsafeSlow(windowBytes);
	const directory = readDirectory(
		heldDirectory(Buffer.from(records.buffer, records.byteOffset, records.length)),
		count,
		undefined,
		createPlainRecords({directoryOffset, limits: defaultLimits}),
	);
	const window = createWindow(descriptor, fileBytes, windowMemory);
	const source = {descriptor, window, directory: directory.bytes, directoryOffset};
	const hashes = Buffer.alloc(count * hashBytes);
	const faults: EntryFault[] = [];
	const databases: number[] = [];
	for (let index = 0; index < count; index++) {
		let isRead = false;
		try {
			const record = directory.record(index);
			let after: number;
			if (unpack) {
				const content = readHashed(source, record, leaveDatabases);
				if (content.isDatabase) {
					databases.push(index);
					continue;
				}

				hashes.write(content.sha256, index * hashBytes, 'latin1');
				after = content.end;
			} else {
				after = readLocalHeader(source, record) + record.compressedBytes;
			}

			isRead = true;
			checkAfter(source, record, after, directory.headerOffsets[index + 1] ?? end);
		} catch (error) {
			faults.push({index, error: toErrorData(error, 'The archive could not be read'), isRead});
		}
	}

	return {output: {hashes, faults, databases}, transfer: [hashes.buffer]};
};
