/** Reads a run of neighbouring entries and checks all that can be told of them without the manifest, whose hashes they are then compared with. */
import {hash} from 'node:crypto';
import {type ErrorData, toErrorData} from '../../errors.js';
import {startsLikeDatabase} from './database-copies.js';
import {readDirectory} from './directory.js';
import {readAtOnce, readLocalHeader} from './read-record.js';
import {checkAfter} from './structure.js';
import {createWindow, windowBytes} from './window.js';

/** Entries up to this size, packed and unpacked, are checked in one go. Larger ones are read in pieces by whoever asks. */
export const mostBytesAtOnce = 4 * 1024 * 1024;
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
	const directory = readDirectory(Buffer.from(records.buffer, records.byteOffset, records.length), count);
	const window = createWindow(descriptor, fileBytes, windowMemory);
	const source = {descriptor, window, directory: directory.bytes, directoryOffset};
	const hashes = new Uint8Array(count * hashBytes);
	const faults: EntryFault[] = [];
	const databases: number[] = [];
	for (let index = 0; index < count; index++) {
		let isRead = false;
		try {
			const record = directory.record(index);
			let after: number;
			if (unpack) {
				const {content, end: contentEnd} = readAtOnce(source, record, room);
				if (leaveDatabases && startsLikeDatabase(content)) {
					databases.push(index);
					continue;
				}

				hashes.set(hash('sha256', content, 'buffer'), index * hashBytes);
				after = contentEnd;
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
