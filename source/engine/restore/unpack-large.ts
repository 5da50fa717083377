/** Unpacks a large file of a backup, chunk by chunk, on whatever thread. */
import {createHash} from 'node:crypto';
import {setImmediate} from 'node:timers/promises';
import {type EntryBatch, readLargeEntry} from '../archive/entry-batch.js';
import type {Disk} from '../disk.js';
import {advanceGauge, type Gauge} from '../pool/gauge.js';
import {
	bornAs,
	closeAll,
	dress,
	failedOutput,
	type UnpackFile,
	type UnpackFilesOutput,
	wrongContent,
} from './unpack-files.js';

export type UnpackLargeInput = {
	/** Of one entry. */
	readonly entry: EntryBatch;
	readonly file: UnpackFile;
	/** Told how many bytes are unpacked. */
	readonly gauge: Gauge;
};

/**
 * Never more than a few chunks are in memory.
 * @throws what is wrong with the archive: zip-crc and the like, archive-damaged; cancelled; nothing is left open then
 */
export const unpackLarge = async (
	{entry, file, gauge}: UnpackLargeInput,
	disk: Disk,
): Promise<{readonly output: UnpackFilesOutput; readonly transfer: readonly ArrayBuffer[]}> => {
	const path = typeof file.path === 'string' ? file.path : Buffer.from(file.path);
	const descriptors: number[] = [];
	try {
		const descriptor = disk.create(path, 0o600);
		descriptors.push(descriptor);
		const hash = file.sha256 === null ? null : createHash('sha256');
		let position = 0;
		await readLargeEntry(entry, async chunk => {
			hash?.update(chunk);
			disk.write(descriptor, chunk, position);
			position += chunk.length;
			advanceGauge(gauge, chunk.length);
			// Whatever else the thread has to do comes in between.
			await setImmediate();
		});
		if (hash && hash.digest('hex') !== file.sha256) {
			throw wrongContent(file.name);
		}

		dress(disk, descriptor, file, bornAs(descriptor));
		return {output: {type: 'unpacked', descriptors}, transfer: []};
	} catch (error) {
		closeAll(disk, descriptors);
		return {output: failedOutput(error), transfer: []};
	}
};
