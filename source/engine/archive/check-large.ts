/** Checks one entry that is too large to be unpacked in one go, piece by piece, so that it takes no more memory than a small one. */
import {createHash} from 'node:crypto';
import {setImmediate} from 'node:timers/promises';
import {toErrorData} from '../../errors.js';
import {type CheckEntriesInput, type CheckEntriesOutput, type EntryFault, hashBytes} from './check-entries.js';
import {startsLikeDatabase} from './database-copies.js';
import {readDirectory} from './directory.js';
import {heldDirectory} from './directory-bytes.js';
import {readRecord} from './read-record.js';
import {checkAfter} from './structure.js';
import {createWindow} from './window.js';

/** The task of 'check-entries' for a run of one. Other tasks of the thread go on meanwhile. */
export const checkLarge = async ({
	descriptor,
	fileBytes,
	directoryOffset,
	records,
	end,
	leaveDatabases,
}: CheckEntriesInput): Promise<{readonly output: CheckEntriesOutput; readonly transfer: readonly ArrayBuffer[]}> => {
	const directory = readDirectory(heldDirectory(Buffer.from(records.buffer, records.byteOffset, records.length)), 1);
	const window = createWindow(descriptor, fileBytes);
	const source = {descriptor, window, directory: directory.bytes, directoryOffset};
	const record = directory.record(0);
	const hashes = new Uint8Array(hashBytes);
	const faults: EntryFault[] = [];
	const hash = createHash('sha256');
	let isFirst = true;
	let isDatabase = false;
	let isRead = false;
	try {
		const after = await readRecord(source, record, async chunk => {
			isDatabase ||= isFirst && leaveDatabases && startsLikeDatabase(chunk);
			isFirst = false;
			if (!isDatabase) {
				hash.update(chunk);
			}

			// Whatever else the thread has to do comes in between.
			await setImmediate();
		});
		hashes.set(hash.digest());
		isRead = true;
		checkAfter(source, record, after, end);
	} catch (error) {
		faults.push({index: 0, error: toErrorData(error, 'The archive could not be read'), isRead});
	}

	return {
		output: {hashes, faults: isDatabase ? [] : faults, databases: isDatabase ? [0] : []},
		transfer: [hashes.buffer],
	};
};
