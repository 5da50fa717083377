/** What honest archives of the largest kind need, and that the limits let them pass. */
import {closeSync, ftruncateSync, openSync, writeSync} from 'node:fs';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {describe, expect, it} from 'vitest';
import {limitsOf} from '../../../source/engine/archive/limits.js';
import {openArchive} from '../../../source/engine/archive/reader.js';
import {craftZip, endRecord, zip64Records} from '../../helpers/craft-zip.js';
import {readingFault, temporaryFolder, withArchive, writeBytes} from './helpers.js';

const folder = temporaryFolder();

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const retainedBytes = (): number => {
	collectGarbage();
	const {heapUsed, arrayBuffers} = process.memoryUsage();
	return heapUsed + arrayBuffers;
};

const nameOf = (number: number): string =>
	`basedir/uploads/projects/customer ${number % 500}/part_${number}_0.2mm_PLA_MK3S.gcode`;

/** A list of contents of files that are said to be there; a hole stands for their bytes. */
const writeList = (path: string, count: number, file: {readonly packed: number; readonly bytes: number}): void => {
	const records: Buffer[] = [];
	let offset = 0;
	for (let number = 0; number < count; number++) {
		const name = Buffer.from(nameOf(number));
		const isFar = offset >= 0xffffffff;
		const record = Buffer.alloc(46 + (isFar ? 12 : 0));
		record.writeUInt32LE(0x02014b50, 0);
		record.writeUInt16LE((3 << 8) | 45, 4);
		record.writeUInt16LE(8, 10);
		record.writeUInt32LE(file.packed, 20);
		record.writeUInt32LE(file.bytes, 24);
		record.writeUInt16LE(name.length, 28);
		record.writeUInt16LE(isFar ? 12 : 0, 30);
		record.writeUInt32LE((0o100644 << 16) >>> 0, 38);
		record.writeUInt32LE(isFar ? 0xffffffff : offset, 42);
		if (isFar) {
			record.writeUInt16LE(1, 46);
			record.writeUInt16LE(8, 48);
			record.writeBigUInt64LE(BigInt(offset), 50);
		}

		records.push(record.subarray(0, 46), name, record.subarray(46));
		offset += 30 + name.length + file.packed;
	}

	const directory = Buffer.concat(records);
	const end = Buffer.concat([
		zip64Records({
			entries: BigInt(count),
			bytes: BigInt(directory.length),
			offset: BigInt(offset),
			recordOffset: BigInt(offset + directory.length),
		}),
		endRecord({entries: 0xffff, bytes: directory.length, offset: 0xffffffff}),
	]);
	const descriptor = openSync(path, 'wx', 0o600);
	ftruncateSync(descriptor, offset);
	writeSync(descriptor, directory, 0, directory.length, offset);
	writeSync(descriptor, end, 0, end.length, offset + directory.length);
	closeSync(descriptor);
};

describe('an honest archive', () => {
	it('of 200,000 files and 50 GB passes the limits, in less than 150 MB of memory', async () => {
		const path = folder.file('large.zip');
		writeList(path, 200_000, {packed: 75_000, bytes: 250_000});
		const before = retainedBytes();
		await withArchive(path, async archive => {
			expect(retainedBytes() - before).toBeLessThan(150_000_000);
			expect(archive.entries).toHaveLength(200_000);
			expect(archive.entries.reduce((sum, {bytes}) => sum + bytes, 0)).toBe(50_000_000_000);
			expect(archive.find(nameOf(199_999))?.headerOffset).toBeGreaterThan(2 ** 33);
		});
		await expect(openArchive(path, {limits: {entries: 199_999}})).rejects.toMatchObject({code: 'zip-too-many-entries'});
		await expect(openArchive(path, {limits: {totalBytes: 49_000_000_000}})).rejects.toMatchObject({
			code: 'zip-bomb-total',
		});
	});

	it.each([
		['a laser raster', () => Array.from({length: 400}, () => `G0 Y0.1\n${'G1 X0.1 S0\n'.repeat(1000)}`).join('')],
		['a waiting loop', () => 'G4 P500\nM105\n'.repeat(200_000)],
		['the empty pages of a database', () => Buffer.alloc(5_000_000)],
	])('may have %s in it, which unpacks to more than 400 times its size', async (_title, content) => {
		const path = folder.file('dense.zip');
		writeBytes(path, craftZip([{name: 'basedir/uploads/a', data: content(), method: 8}]));
		expect(await readingFault(path)).toBeNull();
		await expect(openArchive(path, {limits: {entryRatio: 400}})).rejects.toMatchObject({code: 'zip-bomb-ratio'});
	});
});

describe('limits', () => {
	it('that were not set are the safe ones', () => {
		expect(limitsOf({entries: 5})).toEqual({...limitsOf(), entries: 5});
		expect(limitsOf()).toMatchObject({entries: 500_000, entryRatio: 1033, nameBytes: 4096});
	});

	it('of more entries have room for a longer list of them', () => {
		expect(limitsOf({entries: 1_000_000}).directoryBytes).toBe(2 * limitsOf().directoryBytes);
	});
});
