import {writeFileSync} from 'node:fs';
import {crc32, deflateRawSync} from 'node:zlib';
import {describe, expect, it} from 'vitest';
import {defaultLimits} from '../../../source/engine/archive/limits.js';
import {openArchive} from '../../../source/engine/archive/reader.js';
import {
	type CraftedEntry,
	type CraftOptions,
	craftZip,
	endRecord,
	extraField,
	wide,
	words,
	zip64Locator,
	zip64Records,
} from './craft-zip.js';
import {readAll, readingFault, temporaryFolder, withArchive, writeBytes} from './helpers.js';

const folder = temporaryFolder();

const plain: CraftedEntry = {name: 'basedir/config.yaml', data: 'api: {}\n', method: 8};
const faultOf = async (entries: readonly CraftedEntry[], options?: CraftOptions) => {
	const path = folder.file('crafted.zip');
	writeBytes(path, craftZip(entries, options));
	return readingFault(path);
};

const unicodePath = (rawName: Buffer, name: string): Buffer =>
	extraField(0x7075, Buffer.concat([Buffer.from([1]), words(crc32(rawName)), Buffer.from(name)]));

const descriptorOf = (data: string, compressedBytes: number, signature = true): Buffer =>
	Buffer.concat([
		signature ? words(0x08074b50) : Buffer.alloc(0),
		words(crc32(Buffer.from(data)), compressedBytes, Buffer.byteLength(data)),
	]);

const streamed = (name: string, data: string, after?: Buffer, method = 8): CraftedEntry => {
	const compressedBytes = method === 8 ? deflateRawSync(data).length : data.length;
	return {
		name,
		data,
		method,
		flags: 8,
		local: {crc32: 0, compressedBytes: 0, bytes: 0},
		after: after ?? descriptorOf(data, compressedBytes),
	};
};

describe('archives that are refused', () => {
	const names: readonly (readonly [string, string])[] = [
		['/etc/passwd', 'absolute'],
		['//server/share', 'absolute'],
		['C:windows', 'drive letter'],
		['c:/windows', 'drive letter'],
		['\\\\server\\share', 'backslash'],
		['..\\x', 'backslash'],
		['a\\b', 'backslash'],
		['../x', 'leads out'],
		['basedir/../../x', 'leads out'],
		['basedir/..', 'leads out'],
		['basedir/./x', 'leads out'],
		['basedir//x', 'empty folder name'],
		['', 'is empty'],
		['/', 'is empty'],
		['../', 'leads out'],
		['a\0b', 'control'],
		['a\nb', 'control'],
		['a\u001b[31mb', 'control'],
		['a\u007fb', 'control'],
		['a\u009bb', 'control'],
		[`${'x'.repeat(300)}`, 'longer than 255'],
		[`${'x/'.repeat(300)}y`, 'more than 256 folders'],
		[`${`${'x'.repeat(200)}/`.repeat(21)}y`, 'oversized header'],
	];
	it.each(names)('name %j', async (name, why) => {
		const fault = await faultOf([
			plain,
			{name, data: 'x', flags: 0x800, mode: name.endsWith('/') ? 0o40755 : 0o100644},
		]);
		expect(fault).toMatchObject({code: 'archive-refused'});
		expect(fault?.message).toContain(why);
		expect(fault?.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
	});

	const entries: Readonly<
		Record<string, {readonly entries: readonly CraftedEntry[]; readonly code: string; readonly why: string}>
	> = {
		'invalid UTF-8': {
			entries: [{name: Buffer.from([0x61, 0xff, 0xfe]), flags: 0x800}],
			code: 'archive-refused',
			why: 'not valid UTF-8',
		},
		'two names that differ': {
			entries: [{name: 'a', extra: unicodePath(Buffer.from('a'), 'b')}],
			code: 'archive-refused',
			why: 'two different names',
		},
		'a second name of another file': {
			entries: [{name: 'a', extra: unicodePath(Buffer.from('b'), 'a')}],
			code: 'archive-refused',
			why: 'belong to different files',
		},
		'symbolic link': {
			entries: [{name: 'l', data: '/etc', mode: 0o120777}],
			code: 'archive-refused',
			why: 'symbolic link',
		},
		'symbolic link of another system': {
			entries: [{name: 'l', data: '/etc', mode: 0o120777, host: 0}],
			code: 'archive-refused',
			why: 'symbolic link',
		},
		'character device': {entries: [{name: 'd', mode: 0o020666}], code: 'archive-refused', why: 'device'},
		'block device': {entries: [{name: 'd', mode: 0o060666}], code: 'archive-refused', why: 'device'},
		'named pipe': {entries: [{name: 'd', mode: 0o010600}], code: 'archive-refused', why: 'pipe'},
		socket: {entries: [{name: 'd', mode: 0o140600}], code: 'archive-refused', why: 'socket'},
		'the same name twice': {
			entries: [plain, plain],
			code: 'archive-refused',
			why: 'twice',
		},
		'the same folder twice': {
			entries: [
				{name: 'basedir/timelapse/tmp/x/', mode: 0o40755},
				{name: 'basedir/timelapse/tmp/x/', mode: 0o40755},
			],
			code: 'archive-refused',
			why: 'twice',
		},
		'the same name with and without "./"': {
			entries: [{name: 'a'}, {name: './a'}],
			code: 'archive-refused',
			why: 'twice',
		},
		'file and folder': {
			entries: [{name: 'a'}, {name: 'a/', mode: 0o40755}],
			code: 'archive-refused',
			why: 'file and a folder',
		},
		'file inside a file': {entries: [{name: 'a/b/c'}, {name: 'a'}], code: 'archive-refused', why: 'file and a folder'},
		'folder with the mode of a file': {
			entries: [{name: 'a/', mode: 0o100644}],
			code: 'archive-refused',
			why: 'at once',
		},
		'file with the mode of a folder': {entries: [{name: 'a', mode: 0o40755}], code: 'archive-refused', why: 'at once'},
		'folder with content': {
			entries: [{name: 'a/', data: 'x', mode: 0o40755}],
			code: 'archive-refused',
			why: 'content like a file',
		},
		encryption: {entries: [{name: 'a', data: 'x', flags: 1}], code: 'archive-refused', why: 'encrypted'},
		'strong encryption': {entries: [{name: 'a', data: 'x', flags: 1 << 6}], code: 'archive-refused', why: 'encrypted'},
		'masked headers': {entries: [{name: 'a', data: 'x', flags: 1 << 13}], code: 'archive-refused', why: 'encrypted'},
		AES: {entries: [{name: 'a', packed: Buffer.from('x'), method: 99}], code: 'archive-refused', why: 'encrypted'},
		'patched data': {entries: [{name: 'a', data: 'x', flags: 1 << 5}], code: 'archive-refused', why: 'features'},
		Zstandard: {
			entries: [{name: 'a', packed: Buffer.from('x'), method: 93}],
			code: 'archive-refused',
			why: 'Zstandard',
		},
		bzip2: {entries: [{name: 'a', packed: Buffer.from('x'), method: 12}], code: 'archive-refused', why: 'bzip2'},
		'an unknown method': {
			entries: [{name: 'a', packed: Buffer.from('x'), method: 77}],
			code: 'archive-refused',
			why: 'method 77',
		},
		'two sizes of a stored entry': {
			entries: [{name: 'a', data: 'xyz', central: {bytes: 2}, local: {bytes: 2}}],
			code: 'archive-damaged',
			why: 'two different sizes',
		},
		'an impossible ratio': {
			entries: [{name: 'a', data: 'x', method: 8, central: {bytes: 2 ** 30}, local: {bytes: 2 ** 30}}],
			code: 'archive-refused',
			why: 'more than is possible',
		},
		'an entry outside of the file': {
			entries: [{name: 'a', data: 'x', central: {offset: 2 ** 30}}],
			code: 'archive-damaged',
			why: 'outside',
		},
		'an entry that reaches into the list of contents': {
			entries: [
				{name: 'a', data: 'x', central: {compressedBytes: 40, bytes: 40}, local: {compressedBytes: 40, bytes: 40}},
			],
			code: 'archive-damaged',
			why: 'outside',
		},
		'two entries with one content': {
			entries: [plain, {name: 'basedir/second.yam', data: 'api: {}\n', method: 8, central: {offset: 0}}],
			code: 'archive-refused',
			why: 'overlaps',
		},
		'an entry on another disk': {entries: [{name: 'a', central: {disk: 1}}], code: 'archive-refused', why: 'split'},
		'extra fields that do not fit': {
			entries: [{name: 'a', extra: Buffer.from([1, 2, 200, 0, 1])}],
			code: 'archive-refused',
			why: 'extra fields',
		},
		'a 64-bit size without a reason': {
			entries: [{name: 'a', central: {extra: extraField(1, wide(0))}}],
			code: 'archive-refused',
			why: 'more about its size',
		},
		'two 64-bit sizes': {
			entries: [{name: 'a', central: {extra: Buffer.concat([extraField(1, wide(0)), extraField(1, wide(1))])}}],
			code: 'archive-refused',
			why: 'twice',
		},
		'a missing 64-bit size': {
			entries: [{name: 'a', central: {bytes: 0xffffffff}}],
			code: 'archive-damaged',
			why: '64-bit size',
		},
		'an impossible 64-bit size': {
			entries: [{name: 'a', central: {bytes: 0xffffffff, extra: extraField(1, wide(2n ** 63n))}}],
			code: 'archive-damaged',
			why: 'impossible size',
		},
		'an impossible 64-bit offset': {
			entries: [{name: 'a', central: {offset: 0xffffffff, extra: extraField(1, wide(2n ** 60n))}}],
			code: 'archive-damaged',
			why: 'impossible size',
		},
		'a local header with another name': {
			entries: [{name: 'good', local: {name: 'evil'}}],
			code: 'archive-refused',
			why: 'two different names',
		},
		'a local header with another method': {
			entries: [{name: 'a', data: 'x', local: {method: 8}}],
			code: 'archive-refused',
			why: 'compression methods',
		},
		'a local header with other flags': {
			entries: [{name: 'a', local: {flags: 2}}],
			code: 'archive-refused',
			why: 'storage',
		},
		'a local header with another size': {
			entries: [{name: 'a', data: 'abc', local: {bytes: 2}}],
			code: 'archive-refused',
			why: 'sizes or checksums',
		},
		'a local header with another checksum': {
			entries: [{name: 'a', data: 'abc', local: {crc32: 1}}],
			code: 'archive-refused',
			why: 'sizes or checksums',
		},
		'a local header with another 64-bit size': {
			entries: [
				{
					name: 'a',
					data: 'abc',
					local: {bytes: 0xffffffff, compressedBytes: 0xffffffff, extra: extraField(1, wide(4, 3))},
				},
			],
			code: 'archive-refused',
			why: 'sizes or checksums',
		},
		'stored content of unknown length': {
			entries: [streamed('a', 'abc', undefined, 0)],
			code: 'archive-refused',
			why: 'where it ends',
		},
		'a descriptor that contradicts': {
			entries: [streamed('a', 'abcabc', descriptorOf('abcab!', 6))],
			code: 'archive-refused',
			why: 'contradicts',
		},
		'a missing descriptor': {
			entries: [streamed('a', 'abc', Buffer.alloc(0))],
			code: 'archive-refused',
			why: 'contradicts',
		},
		'bytes after an entry': {
			entries: [{...plain, after: Buffer.alloc(5)}, {name: 'b'}],
			code: 'archive-refused',
			why: 'belong to no entry',
		},
		'a wrong checksum': {
			entries: [{name: 'a', data: 'abc', central: {crc32: 7}, local: {crc32: 7}}],
			code: 'archive-damaged',
			why: 'checksum',
		},
		'content that cannot be unpacked': {
			entries: [{name: 'a', packed: Buffer.from([0xff, 0xff, 0xff]), data: 'abc', method: 8}],
			code: 'archive-damaged',
			why: 'unpacked',
		},
		'content that is cut off': {
			entries: [
				{
					name: 'a',
					packed: deflateRawSync('abcdefgh'.repeat(20)).subarray(0, 8),
					data: 'abcdefgh'.repeat(20),
					method: 8,
				},
			],
			code: 'archive-damaged',
			why: 'unpacked',
		},
		'content that is shorter than promised': {
			entries: [{name: 'a', packed: deflateRawSync('ab'), data: 'abc', method: 8}],
			code: 'archive-damaged',
			why: 'size',
		},
		'content that is longer than promised': {
			entries: [{name: 'a', packed: deflateRawSync('abcd'.repeat(1000)), data: 'abc', method: 8}],
			code: 'archive-damaged',
			why: '"a"',
		},
		'bytes after compressed content': {
			entries: [
				{name: 'a', packed: Buffer.concat([deflateRawSync('abc'), Buffer.from('hidden')]), data: 'abc', method: 8},
			],
			code: 'archive-damaged',
			why: 'unknown bytes',
		},
	};
	it.each(Object.keys(entries))('%s', async title => {
		const {entries: crafted, code, why} = entries[title] ?? {entries: [], code: '', why: ''};
		const fault = await faultOf(crafted);
		expect(fault?.message).toContain(why);
		expect(fault?.code).toBe(code);
	});

	const shapes: Readonly<Record<string, {readonly bytes: () => Buffer; readonly code: string; readonly why: string}>> =
		{
			'an empty file': {bytes: () => Buffer.alloc(0), code: 'archive-truncated', why: 'empty'},
			'something else': {bytes: () => Buffer.from('G1 X1 Y1\n'.repeat(100)), code: 'not-a-zip', why: 'not a ZIP'},
			'zeros of a lost write': {bytes: () => Buffer.alloc(5000), code: 'not-a-zip', why: 'not a ZIP'},
			'a prefix': {
				bytes: () =>
					craftZip([{...plain, central: {offset: 0}}], {before: Buffer.from('#!/bin/sh\n'), end: {offset: 56}}),
				code: 'archive-refused',
				why: 'in front of',
			},
			'a prefix that the offsets know of': {
				bytes: () => craftZip([plain], {before: Buffer.from('#!/bin/sh\n')}),
				code: 'archive-refused',
				why: 'in front of',
			},
			'bytes between the entries and the list': {
				bytes: () => craftZip([plain], {gap: Buffer.alloc(100)}),
				code: 'archive-refused',
				why: 'belong to no entry',
			},
			'bytes between the list and the end': {
				bytes: () => craftZip([plain], {zip64: Buffer.from('hidden')}),
				code: 'archive-refused',
				why: 'belong to no entry',
			},
			'bytes after the end': {
				bytes: () => craftZip([plain], {trailing: Buffer.from('x')}),
				code: 'archive-damaged',
				why: 'after the end',
			},
			'a block of zeros after the end': {
				bytes: () => craftZip([plain], {trailing: Buffer.alloc(100_000)}),
				code: 'archive-truncated',
				why: 'missing',
			},
			'two end records': {
				bytes: () => craftZip([plain], {comment: endRecord({entries: 0, bytes: 0, offset: 0})}),
				code: 'archive-refused',
				why: 'two end records',
			},
			'a comment that is cut off': {
				bytes: () => craftZip([plain], {comment: Buffer.from('note'), end: {commentBytes: 30}}),
				code: 'archive-truncated',
				why: 'cut off',
			},
			'an archive that is cut in half': {
				bytes: () => craftZip([{...plain, data: 'x'.repeat(500), method: 0}]).subarray(0, 300),
				code: 'archive-truncated',
				why: 'cut off',
			},
			'too few entries': {
				bytes: () => craftZip([plain, {name: 'b'}], {end: {entries: 1}}),
				code: 'archive-damaged',
				why: 'longer than its entries',
			},
			'too many entries': {
				bytes: () => craftZip([plain], {end: {entries: 2}}),
				code: 'archive-damaged',
				why: 'list of contents',
			},
			'an impossible number of entries': {
				bytes: () => craftZip([plain], {end: {entries: 60_000}}),
				code: 'archive-damaged',
				why: 'more entries',
			},
			'several disks': {bytes: () => craftZip([plain], {end: {disk: 1}}), code: 'archive-refused', why: 'split'},
			'entries on several disks': {
				bytes: () => craftZip([plain], {end: {entriesHere: 0}}),
				code: 'archive-refused',
				why: 'split',
			},
			'a list of contents elsewhere': {
				bytes: () => craftZip([plain], {end: {offset: 3}}),
				code: 'archive-refused',
				why: 'belong to no entry',
			},
			'a list of contents beyond the end': {
				bytes: () => craftZip([plain], {end: {offset: 2 ** 31}}),
				code: 'archive-damaged',
				why: 'does not lie',
			},
			'64-bit numbers without their record': {
				bytes: () => craftZip([plain], {end: {offset: 0xffffffff}}),
				code: 'archive-damaged',
				why: 'ZIP64',
			},
			'the 42 bytes that kill a reader': {
				bytes: () => Buffer.concat([zip64Locator(2n ** 60n), endRecord({entries: 0, bytes: 0, offset: 0})]),
				code: 'archive-damaged',
				why: 'outside of the file',
			},
			'the same with all bits set': {
				bytes: () =>
					Buffer.concat([
						zip64Locator(2n ** 64n - 1n),
						endRecord({entries: 0xffff, bytes: 0xffffffff, offset: 0xffffffff}),
					]),
				code: 'archive-damaged',
				why: 'outside of the file',
			},
			'a locator that points at itself': {
				bytes: () => Buffer.concat([zip64Locator(0n), endRecord({entries: 0, bytes: 0, offset: 0})]),
				code: 'archive-damaged',
				why: 'not where it must be',
			},
			'a damaged ZIP64 record': {
				bytes: () => Buffer.concat([Buffer.alloc(56), zip64Locator(0n), endRecord({entries: 0, bytes: 0, offset: 0})]),
				code: 'archive-damaged',
				why: 'damaged',
			},
			'a ZIP64 record of the second version': {
				bytes: () =>
					Buffer.concat([
						zip64Records({entries: 0n, bytes: 0n, offset: 0n, recordOffset: 0n}, 60n),
						endRecord({entries: 0, bytes: 0, offset: 0}),
					]),
				code: 'archive-damaged',
				why: 'damaged',
			},
			'a ZIP64 record with impossible numbers': {
				bytes: () =>
					Buffer.concat([
						zip64Records({entries: 2n ** 62n, bytes: 0n, offset: 0n, recordOffset: 0n}),
						endRecord({entries: 0xffff, bytes: 0, offset: 0}),
					]),
				code: 'archive-damaged',
				why: 'outside',
			},
			'end records that contradict each other': {
				bytes: () => {
					const whole = craftZip([plain]);
					const end = whole.length - 22;
					const bytes = whole.readUInt32LE(end + 12);
					const offset = whole.readUInt32LE(end + 16);
					return Buffer.concat([
						whole.subarray(0, end),
						zip64Records({entries: 1n, bytes: BigInt(bytes), offset: BigInt(offset), recordOffset: BigInt(end)}),
						endRecord({entries: 2, bytes, offset}),
					]);
				},
				code: 'archive-refused',
				why: 'contradict',
			},
		};
	it.each(Object.keys(shapes))('%s', async title => {
		const {bytes, code, why} = shapes[title] ?? {bytes: () => Buffer.alloc(0), code: '', why: ''};
		const path = folder.file('crafted.zip');
		writeBytes(path, bytes());
		const fault = await readingFault(path);
		expect(fault?.message).toContain(why);
		expect(fault?.code).toBe(code);
	});

	it('archives beyond the limits', async () => {
		const path = folder.file('limits.zip');
		writeBytes(path, craftZip([plain, {name: 'b', data: 'x'.repeat(2_000_000), method: 8}]));
		const refusal = {code: 'archive-refused'};
		await expect(openArchive(path, {limits: {...defaultLimits, entries: 1}})).rejects.toMatchObject(refusal);
		await expect(openArchive(path, {limits: {...defaultLimits, directoryBytes: 10}})).rejects.toMatchObject(refusal);
		await expect(openArchive(path, {limits: {...defaultLimits, totalBytes: 1_000_000}})).rejects.toMatchObject(refusal);
		await expect(openArchive(path, {limits: {...defaultLimits, entryRatio: 50}})).rejects.toMatchObject(refusal);
		await expect(
			openArchive(path, {limits: {...defaultLimits, totalRatioFromBytes: 1000, totalRatio: 50}}),
		).rejects.toMatchObject(refusal);
		await withArchive(path, async ({entries}) => expect(entries).toHaveLength(2));
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
