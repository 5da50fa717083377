import {createHash} from 'node:crypto';
import {closeSync, constants, fstatSync, openSync, readSync, statSync} from 'node:fs';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {Disk} from '../disk.js';
import type {JobContext} from './context.js';

const chunkBytes = 1024 * 1024;

/** Reads a file from its start to its end, whatever its size says. @returns what was read, and its SHA-256 in hex @throws not-a-file */
export const readChunks = async (
	{breathe}: Pick<JobContext, 'breathe'>,
	path: string,
	onChunk: (chunk: Buffer, position: number) => void,
): Promise<{readonly bytes: number; readonly sha256: string}> => {
	const hash = createHash('sha256');
	const buffer = Buffer.allocUnsafe(chunkBytes);
	// O_NONBLOCK: a named pipe put in the file's place must not hang the program.
	const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
	let position = 0;
	try {
		if (!fstatSync(descriptor).isFile()) {
			throw new PrintkeepError('not-a-file', `${safeText(path)} is not an ordinary file.`, {
				hint: 'Choose a ZIP archive.',
			});
		}

		for (;;) {
			await breathe();
			const length = readSync(descriptor, buffer, 0, buffer.length, position);
			if (length === 0) {
				return {bytes: position, sha256: hash.digest('hex')};
			}

			const chunk = buffer.subarray(0, length);
			hash.update(chunk);
			onChunk(chunk, position);
			position += length;
		}
	} finally {
		closeSync(descriptor);
	}
};

/** Before the copy is synced, so that its time lasts as its bytes do. */
const keepTimes = (disk: Disk, from: string, to: string): void => {
	const {atimeMs, mtimeMs} = statSync(from);
	try {
		disk.setTimes(to, atimeMs / 1000, mtimeMs / 1000);
	} catch {
		// Some network file systems let nobody set times. The copy is whole all the same.
	}
};

/**
 * Copies a file to a temporary name that must not exist, syncs it, reads it back and compares. The copy keeps the time of the original: for archives of
 * other programs it is all that tells when they were made. Does not publish or clean up: the caller does.
 * @returns bytes copied.
 * @throws archive-damaged when the copy does not read back as the original.
 */
export const copyFileChecked = async (context: JobContext, from: string, to: string): Promise<number> => {
	const {disk} = context.ports;
	const {report} = context;
	const descriptor = disk.create(to, 0o600);
	let original: {readonly bytes: number; readonly sha256: string};
	try {
		original = await readChunks(context, from, (chunk, position) => {
			disk.write(descriptor, chunk, position);
			report.advance(chunk.length, 0);
		});
		keepTimes(disk, from, to);
		report.phase('syncing');
		await disk.syncFile(descriptor);
	} finally {
		disk.close(descriptor);
	}

	report.phase('verifying');
	report.total(original.bytes, 1);
	const copy = await readChunks(context, to, chunk => report.advance(chunk.length, 0));
	if (copy.sha256 !== original.sha256) {
		throw new PrintkeepError('archive-damaged', 'The copy does not read back as the original.', {
			hint: 'The disk that receives it may be failing: try another one.',
		});
	}

	return original.bytes;
};
