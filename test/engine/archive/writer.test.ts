import {randomBytes} from 'node:crypto';
import {closeSync, openSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {commentOf} from '../../../source/engine/archive/comment.js';
import {createArchiveWriter} from '../../../source/engine/archive/writer.js';
import {systemDisk} from '../../../source/engine/disk.js';
import {
	breathe,
	member,
	modifiedAt,
	readAll,
	sampleHeader,
	temporaryFolder,
	withArchive,
	writeArchive,
} from './helpers.js';

const folder = temporaryFolder();

const withFile = async <Value>(content: Uint8Array, use: (descriptor: number) => Promise<Value>): Promise<Value> => {
	const path = folder.file('source');
	writeFileSync(path, content);
	const descriptor = openSync(path, 'r');
	try {
		return await use(descriptor);
	} finally {
		closeSync(descriptor);
	}
};

describe('archive writer', () => {
	it('keeps contents, modes and times of all kinds of members', async () => {
		const path = folder.file('a.zip');
		const large = Buffer.alloc(3_500_000, 'G1 X10 Y20 E3\n');
		const noise = randomBytes(1_500_000);
		await writeArchive(path, async writer => {
			await writer.addBuffer(member('metadata.json', {mode: 0o100600}), Buffer.from('{}'));
			await writer.addDirectory(member('basedir/empty/'));
			const told: number[] = [];
			const written = await withFile(large, async descriptor =>
				writer.addFile(member('basedir/large.gcode'), {descriptor, bytes: large.length}, bytes => told.push(bytes)),
			);
			expect(written.bytes).toBe(large.length);
			expect(written.compressedBytes).toBeLessThan(large.length / 10);
			expect(told.reduce((sum, bytes) => sum + bytes, 0)).toBe(large.length);
			await withFile(noise, async descriptor =>
				writer.addFile(member('basedir/noise.mp4'), {descriptor, bytes: noise.length}),
			);
			await writer.addChunks(member('chunks.txt'), [Buffer.from('one '), Buffer.from('two')]);
		});

		const all = await readAll(path);
		expect([...all.keys()]).toEqual([
			'metadata.json',
			'basedir/empty/',
			'basedir/large.gcode',
			'basedir/noise.mp4',
			'chunks.txt',
		]);
		expect(all.get('basedir/large.gcode')?.equals(large)).toBe(true);
		expect(all.get('basedir/noise.mp4')?.equals(noise)).toBe(true);
		expect(all.get('chunks.txt')?.toString()).toBe('one two');
		await withArchive(path, async ({find}) => {
			expect(find('metadata.json')).toMatchObject({mode: 0o100600, modifiedAt, type: 'file'});
			expect(find('basedir/empty/')).toMatchObject({mode: 0o040755, type: 'directory'});
			expect(find('basedir/large.gcode')?.method).toBe(8);
			expect(find('basedir/noise.mp4')).toMatchObject({method: 0, compressedBytes: noise.length});
		});
		expect(statSync(path).mode & 0o777).toBe(0o600);
	});

	it('stores what looked compressible at three places but was not', async () => {
		const noise = randomBytes(16_000_000);
		for (const position of [0, (noise.length - 16 * 1024) / 2, noise.length - 16 * 1024]) {
			noise.fill(0, position, position + 700);
		}

		// Each sample shrinks by 4 %, but deflate adds more to the noise than it takes from the zeros.
		const path = folder.file('a.zip');
		await writeArchive(path, async writer => {
			let told = 0;
			const {compressedBytes} = await withFile(noise, async descriptor =>
				writer.addFile(member('basedir/x'), {descriptor, bytes: noise.length}, bytes => {
					told += bytes;
				}),
			);
			expect(compressedBytes).toBe(noise.length);
			expect(told).toBe(noise.length);
		});
		await withArchive(path, async ({find}) => {
			expect(find('basedir/x')?.method).toBe(0);
		});
		expect((await readAll(path)).get('basedir/x')?.equals(noise)).toBe(true);
	});

	it('takes what is there when a file ends early, and never more than it was told', async () => {
		const path = folder.file('a.zip');
		await writeArchive(path, async writer => {
			await withFile(Buffer.alloc(3_000_000, 'abc'), async descriptor => {
				expect((await writer.addFile(member('short'), {descriptor, bytes: 5_000_000})).bytes).toBe(3_000_000);
				expect((await writer.addFile(member('long'), {descriptor, bytes: 2_000_000})).bytes).toBe(2_000_000);
				expect((await writer.addFile(member('little'), {descriptor, bytes: 10})).bytes).toBe(10);
			});
			await withFile(Buffer.from('now'), async descriptor => {
				expect((await writer.addFile(member('tiny'), {descriptor, bytes: 100})).bytes).toBe(3);
			});
		});
		expect((await readAll(path)).get('tiny')?.toString()).toBe('now');
	});

	it.each([10, 300_000, 3_000_000])('drops the members since a mark of %d bytes', async bytes => {
		const path = folder.file('a.zip');
		const content = randomBytes(bytes);
		await writeArchive(path, async writer => {
			await writer.addBuffer(member('first'), Buffer.from('1'));
			const mark = writer.mark();
			for (let attempt = 0; attempt < 3; attempt++) {
				writer.rollback(mark);
				await withFile(content, async descriptor => writer.addFile(member('second'), {descriptor, bytes}));
				await writer.addDirectory(member('dir/'));
			}
		});
		const all = await readAll(path);
		expect([...all.keys()]).toEqual(['first', 'second', 'dir/']);
		expect(all.get('second')?.equals(content)).toBe(true);
	});

	it('reports a file that cannot be read as the system does, and can go on after a rollback', async () => {
		const path = folder.file('a.zip');
		const directory = openSync(folder.path(), 'r');
		await writeArchive(path, async writer => {
			const mark = writer.mark();
			await expect(writer.addFile(member('x'), {descriptor: directory, bytes: 10})).rejects.toMatchObject({
				syscall: 'read',
			});
			await expect(writer.addFile(member('x'), {descriptor: directory, bytes: 10_000_000})).rejects.toMatchObject({
				syscall: 'read',
			});
			writer.rollback(mark);
			await writer.addBuffer(member('x'), Buffer.from('fine'));
		});
		closeSync(directory);
		expect((await readAll(path)).get('x')?.toString()).toBe('fine');
	});

	it('hands a full disk on, from small members and from streamed ones', async () => {
		const descriptor = systemDisk.create(folder.file('full.zip'), 0o600);
		const full = Object.assign(new Error('ENOSPC'), {code: 'ENOSPC', syscall: 'write'});
		const disk = {
			...systemDisk,
			write() {
				throw full;
			},
		};
		const writer = createArchiveWriter({disk, descriptor, breathe});
		const noise = randomBytes(400_000);
		await expect(writer.addBuffer(member('a'), noise)).rejects.toBe(full);
		const compressible = Buffer.alloc(9_000_000);
		for (let index = 0; index < compressible.length; index++) {
			compressible[index] = noise.readUInt8((index * 7 + (index >> 9)) % noise.length) & 0x3f;
		}

		await withFile(compressible, async source => {
			const streaming = createArchiveWriter({disk, descriptor, breathe});
			await expect(streaming.addFile(member('b'), {descriptor: source, bytes: compressible.length})).rejects.toBe(full);
		});
		closeSync(descriptor);
	});

	it('stops when it is cancelled', async () => {
		const descriptor = systemDisk.create(folder.file('a.zip'), 0o600);
		const controller = new AbortController();
		const writer = createArchiveWriter({disk: systemDisk, descriptor, breathe, signal: controller.signal});
		await withFile(Buffer.alloc(20_000_000), async source => {
			await expect(
				writer.addFile(member('x'), {descriptor: source, bytes: 20_000_000}, () => controller.abort()),
			).rejects.toMatchObject({code: 'cancelled'});
		});
		await expect(writer.addBuffer(member('y'), Buffer.alloc(1))).rejects.toMatchObject({code: 'cancelled'});
		closeSync(descriptor);
	});

	it.each(['../x', '/x', 'a//b', 'a\\b', 'a\nb', '', 'x'.repeat(800), 'C:x'])(
		'refuses to write the name %j',
		async name => {
			await writeArchive(folder.file('a.zip'), async writer => {
				await expect(writer.addBuffer(member(name), Buffer.alloc(1))).rejects.toMatchObject({code: 'bug'});
			});
		},
	);

	it('refuses the same name twice', async () => {
		await writeArchive(folder.file('a.zip'), async writer => {
			await writer.addBuffer(member('a'), Buffer.alloc(1));
			await expect(writer.addBuffer(member('a'), Buffer.alloc(1))).rejects.toMatchObject({code: 'bug'});
		});
	});

	it('writes UTF-8 flags, versions and extra fields as other programs expect them', async () => {
		const path = folder.file('a.zip');
		await writeArchive(path, async writer => {
			await writer.addBuffer(member('plain', {uid: 1000, gid: 50}), Buffer.from('x'));
			await writer.addBuffer(member('ünicode'), Buffer.from('x'));
			await writer.addBuffer(member('old', {modifiedAt: Date.UTC(1969, 0, 1)}), Buffer.from('x'));
			await writer.addBuffer(member('far', {modifiedAt: Date.UTC(2200, 0, 1)}), Buffer.from('x'));
		});
		const bytes = readFileSync(path);
		expect(bytes.readUInt16LE(6)).toBe(0);
		// Extended timestamp (9 bytes), then owner (15).
		const extra = bytes.subarray(30 + 5, 30 + 5 + 24);
		expect(extra.readUInt16LE(0)).toBe(0x5455);
		expect(extra.readInt32LE(5)).toBe(modifiedAt / 1000);
		expect(extra.readUInt16LE(9)).toBe(0x7875);
		expect([extra.readUInt32LE(15), extra.readUInt32LE(20)]).toEqual([1000, 50]);
		const second = bytes.indexOf('PK\u0003\u0004', 30, 'latin1');
		expect(bytes.readUInt16LE(second + 6)).toBe(0x800);
		await withArchive(path, async ({find}) => {
			expect(find('old')?.modifiedAt).toBe(Date.UTC(1969, 0, 1));
			expect(new Date(find('far')?.modifiedAt ?? 0).getFullYear()).toBe(2037);
		});
	});

	it('uses ZIP64 for more than 65,534 entries', async () => {
		const path = folder.file('many.zip');
		const entries = 65_600;
		await writeArchive(path, async writer => {
			for (let number = 0; number < entries; number++) {
				await writer.addBuffer(member(`d/${number}`), Buffer.from('x'));
			}
		});
		await withArchive(path, async archive => {
			expect(archive.entries).toHaveLength(entries);
			await archive.checkLocalHeaders(breathe);
		});
	});

	it('reserves ZIP64 sizes for files near 4 GiB', async () => {
		const path = folder.file('a.zip');
		await writeArchive(path, async writer => {
			// The file turns out to be smaller than it was: the sizes stay in their 64-bit places.
			await withFile(Buffer.alloc(2_000_000, 'x'), async descriptor =>
				writer.addFile(member('large'), {descriptor, bytes: 2 ** 32}),
			);
			await writer.addBuffer(member('next'), Buffer.from('x'));
		});
		const bytes = readFileSync(path);
		expect([bytes.readUInt32LE(18), bytes.readUInt32LE(22)]).toEqual([0xffffffff, 0xffffffff]);
		expect((await readAll(path)).get('large')).toHaveLength(2_000_000);
	});

	it('gives the same bytes for the same members', async () => {
		const fill = async (path: string): Promise<Buffer> => {
			await writeArchive(path, async writer => {
				await writer.addBuffer(member('a'), Buffer.alloc(5000, 'abc'));
				await withFile(Buffer.alloc(2_000_000, 'abcd'), async descriptor =>
					writer.addFile(member('b'), {descriptor, bytes: 2_000_000}),
				);
			});
			return readFileSync(path);
		};

		expect((await fill(folder.file('1.zip'))).equals(await fill(folder.file('2.zip')))).toBe(true);
	});

	it('reads back whatever it wrote', async () => {
		let number = 0;
		const segment = fc
			.string({unit: 'grapheme', minLength: 1, maxLength: 12})
			.filter(text => !/[\\/\p{Cc}\p{Cs}]/u.test(text) && !/^\.{1,2}$/.test(text) && !text.includes(':'));
		const name = fc.array(segment, {minLength: 1, maxLength: 4}).map(segments => `basedir/${segments.join('/')}.f`);
		await fc.assert(
			fc.asyncProperty(
				fc.dictionary(name, fc.uint8Array({maxLength: 3000}), {maxKeys: 12}),
				fc.integer({min: 0, max: 0o777}),
				async (content, permissions) => {
					// A file cannot be a folder as well.
					const names = Object.keys(content).filter(
						(candidate, _index, all) => !all.some(other => other !== candidate && other.startsWith(`${candidate}/`)),
					);
					const path = folder.file(`${number++}.zip`);
					await writeArchive(path, async writer => {
						for (const entryName of names) {
							await writer.addBuffer(
								member(entryName, {mode: 0o100000 | permissions}),
								content[entryName] ?? new Uint8Array(),
							);
						}
					});
					const all = await readAll(path);
					expect([...all.keys()]).toEqual(names);
					for (const entryName of names) {
						expect(all.get(entryName)?.equals(content[entryName] ?? new Uint8Array())).toBe(true);
					}

					await withArchive(path, async ({entries, comment}) => {
						expect(entries.every(({mode}) => mode === (0o100000 | permissions))).toBe(true);
						expect(comment).toMatchObject(commentOf(sampleHeader));
					});
				},
			),
			{numRuns: 60},
		);
	});
});
