import {writeFileSync} from 'node:fs';
import {crc32, deflateRawSync} from 'node:zlib';
import {describe, expect, it} from 'vitest';
import {crossCheck} from '../../../source/engine/archive/cross-check.js';
import {openArchive} from '../../../source/engine/archive/reader.js';
import {type CraftedEntry, type CraftOptions, craftZip, extraField, wide, words} from '../../helpers/craft-zip.js';
import {descriptorOf, hostileArchives, streamed} from '../../helpers/hostile-archives.js';
import {breathe, readAll, readingFault, temporaryFolder, withArchive, writeBytes} from './helpers.js';

const folder = temporaryFolder();

const plain: CraftedEntry = {name: 'basedir/config.yaml', data: 'api: {}\n', method: 8};
const faultOf = async (entries: readonly CraftedEntry[], options?: CraftOptions) => {
	const path = folder.file('crafted.zip');
	writeBytes(path, craftZip(entries, options));
	return readingFault(path);
};

const unicodePath = (rawName: Buffer, name: string): Buffer =>
	extraField(0x7075, Buffer.concat([Buffer.from([1]), words(crc32(rawName)), Buffer.from(name)]));

describe('archives that are refused', () => {
	// What only a restore looks at, the server's own members, is tried there.
	const readable = hostileArchives.filter(({code}) => code !== 'zip-member-too-large');
	it.each(readable.map(archive => [archive.title, archive] as const))(
		'%s',
		async (_title, {bytes, code, seen, why}) => {
			const path = folder.file('hostile.zip');
			writeBytes(path, bytes());
			const fault = await readingFault(path);
			expect(fault).toMatchObject({code, message: expect.stringContaining(why)});
			expect(fault?.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
			const opened = openArchive(path).then(archive => archive.close());
			await (seen === 'list' ? expect(opened).rejects.toMatchObject({code}) : expect(opened).resolves.toBeUndefined());
		},
	);

	it.each([
		['zip-too-many-entries', {entries: 1}],
		['zip-directory-too-large', {directoryBytes: 10}],
		['zip-bomb-total', {totalBytes: 1_000_000}],
		['zip-bomb-ratio', {entryRatio: 50}],
		['zip-bomb-total', {totalRatioFromBytes: 1000, totalRatio: 50}],
		['zip-name-too-long', {nameBytes: 10}],
	])('archives beyond a limit: %s, %j', async (code, limits) => {
		const path = folder.file('limits.zip');
		writeBytes(path, craftZip([plain, {name: 'b', data: 'x'.repeat(2_000_000), method: 8}]));
		await expect(openArchive(path, {limits})).rejects.toMatchObject({
			code,
			hint: expect.stringMatching(/^Nothing was/),
		});
		await withArchive(path, async ({entries}) => expect(entries).toHaveLength(2));
	});

	it('archives that another reader sees otherwise', async () => {
		const path = folder.file('seen.zip');
		writeBytes(path, craftZip([plain, {name: 'b', data: 'x'}]));
		await withArchive(path, async archive => {
			await crossCheck(archive, breathe);
			const {internals} = archive;
			const first = internals.directory.record(0);
			const second = internals.directory.record(1);
			for (const records of [[first], [second, first], [first, {...second, crc32: 7}], [first, second, second]]) {
				const directory = {
					...internals.directory,
					length: records.length,
					record: (number: number) => records[number] ?? first,
				};
				const other = {...archive, internals: {...internals, directory}};
				await expect(crossCheck(other, breathe)).rejects.toMatchObject({code: 'zip-ambiguous'});
			}
		});
	});

	it('things that are no files', async () => {
		await expect(openArchive(folder.path())).rejects.toMatchObject({code: 'not-a-file'});
		await expect(openArchive(folder.file('missing.zip'))).rejects.toMatchObject({code: 'not-found'});
	});

	it('an archive that changed under the reader', async () => {
		const path = folder.file('changing.zip');
		writeBytes(path, craftZip([plain]));
		const archive = await openArchive(path);
		archive.assertUnchanged();
		writeFileSync(path, craftZip([plain, {name: 'b'}]));
		expect(() => archive.assertUnchanged()).toThrow(/changed or replaced/);
		archive.close();
		archive.close();
	});
});

describe('archives that are taken', () => {
	it('OctoPrint’s double pictures, once, the last one', async () => {
		const path = folder.file('double.zip');
		const picture = (data: string): CraftedEntry => ({name: 'basedir/timelapse/tmp/1.jpg', data});
		writeBytes(path, craftZip([picture('old'), plain, picture('new')]));
		const all = await readAll(path);
		expect([...all.keys()]).toEqual([plain.name, 'basedir/timelapse/tmp/1.jpg']);
		expect(all.get('basedir/timelapse/tmp/1.jpg')?.toString()).toBe('new');
		expect(await readingFault(path)).toBeNull();
	});

	it.each([
		['with a signature', true],
		['without', false],
	])('data descriptors %s', async (_title, signature) => {
		const data = 'streamed '.repeat(20);
		const entry = streamed('a', data, descriptorOf(data, deflateRawSync(data).length, signature));
		expect(await faultOf([entry, plain])).toBeNull();
	});

	it('64-bit data descriptors', async () => {
		const data = 'streamed '.repeat(20);
		const compressedBytes = deflateRawSync(data).length;
		const after = Buffer.concat([words(0x08074b50, crc32(data)), wide(compressedBytes, data.length)]);
		const entry = {
			...streamed('a', data, after),
			local: {crc32: 0, compressedBytes: 0, bytes: 0, extra: extraField(1, wide(0, 0))},
		};
		expect(await faultOf([entry])).toBeNull();
	});

	it('names in the old character set, and their Unicode twins', async () => {
		const path = folder.file('names.zip');
		const raw = Buffer.from([0x81, 0x2e, 0x67]);
		writeBytes(
			path,
			craftZip([
				{name: raw},
				{name: Buffer.from('unix-ü')},
				{name: Buffer.from('dos-ü'), host: 0},
				{name: Buffer.from('utf8-ü'), extra: unicodePath(Buffer.from('utf8-ü'), 'utf8-ü')},
			]),
		);
		expect([...(await readAll(path)).keys()]).toEqual(['ü.g', 'unix-ü', 'dos-├╝', 'utf8-ü']);
	});

	it('a leading "./", foreign systems and impossible dates', async () => {
		const path = folder.file('odd.zip');
		writeBytes(
			path,
			craftZip([
				{name: './basedir/a', host: 0, mode: 0},
				{name: 'b', date: 0xffff},
				{name: 'c', date: 0},
			]),
		);
		await withArchive(path, async ({find}) => {
			expect(find('basedir/a')).toMatchObject({mode: 0});
			expect(find('b')?.modifiedAt).toBeGreaterThan(Date.UTC(2107, 0, 1));
			expect(find('c')?.modifiedAt).toBeLessThan(Date.UTC(1980, 0, 3));
		});
	});

	it('modes, without the bits that no backup brings back', async () => {
		const path = folder.file('modes.zip');
		writeBytes(
			path,
			craftZip([
				{name: 'a', mode: 0o106755},
				{name: 'b/', mode: 0o043777},
			]),
		);
		await withArchive(path, async ({find}) => {
			expect(find('a')?.mode).toBe(0o100755);
			expect(find('b/')?.mode).toBe(0o040777);
		});
	});

	it('an archive without entries', async () => {
		const path = folder.file('empty.zip');
		writeBytes(path, craftZip([]));
		await withArchive(path, async ({entries}) => expect(entries).toEqual([]));
	});

	it('names that are also words of JavaScript', async () => {
		const path = folder.file('words.zip');
		writeBytes(
			path,
			craftZip([
				{name: '__proto__', data: 'a'},
				{name: 'constructor', data: 'b'},
			]),
		);
		await withArchive(path, async ({has}) => {
			expect(has('__proto__')).toBe(true);
			expect(has('toString')).toBe(false);
		});
	});
});
