import {closeSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {commentOf, encodeComment, parseComment, unsealedHash} from '../../../source/engine/archive/comment.js';
import {writeManifest} from '../../../source/engine/archive/manifest.js';
import {openArchive} from '../../../source/engine/archive/reader.js';
import {verifyArchive} from '../../../source/engine/archive/verify.js';
import {systemDisk} from '../../../source/engine/disk.js';
import {isPrintkeepError} from '../../../source/errors.js';
import {type CraftedEntry, craftZip} from '../../helpers/craft-zip.js';
import {
	breathe,
	member,
	modifiedAt,
	readAll,
	sampleContent,
	sampleHeader,
	temporaryFolder,
	verify,
	withArchive,
	writeArchive,
	writeBytes,
	writeSample,
} from './helpers.js';

const folder = temporaryFolder();

/** Opens and verifies; true when anything at all was wrong. Throws what is no error of printkeep's. */
const isDetected = async (path: string): Promise<boolean> => {
	try {
		return (await verify(path)).problems.length > 0;
	} catch (error) {
		if (isPrintkeepError(error) && error.code !== 'bug') {
			return true;
		}

		throw error;
	}
};

describe('verify', () => {
	it('finds nothing wrong with what printkeep writes, and counts it', async () => {
		const path = folder.file('a.zip');
		await writeSample(path);
		const report = await verify(path);
		expect(report).toMatchObject({problems: [], proof: 'sha256', entries: 6, files: 5});
		await withArchive(path, async archive => {
			expect(archive.comment?.sha256).toBe(report.sha256OfBody);
			expect(archive.isPrintkeep).toBe(true);
			expect(report.bytes).toBe(
				Object.values(sampleContent).reduce((sum, text) => sum + Buffer.byteLength(text), 0) +
					(archive.find('printkeep.json')?.bytes ?? 0),
			);
		});
	});

	it('tells progress of the data alone', async () => {
		const path = folder.file('a.zip');
		await writeSample(path);
		let bytes = 0;
		let files = 0;
		await withArchive(path, async archive =>
			verifyArchive(archive, {
				signal: new AbortController().signal,
				breathe,
				onProgress(moreBytes, moreFiles) {
					bytes += moreBytes;
					files += moreFiles;
				},
			}),
		);
		const data = Object.entries(sampleContent).filter(([name]) => name.startsWith('basedir/') && !name.endsWith('/'));
		expect(files).toBe(data.length);
		expect(bytes).toBe(data.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0));
	});

	it('notices any changed bit', async () => {
		const path = folder.file('a.zip');
		await writeSample(path, {'metadata.json': '{}', 'basedir/config.yaml': 'a: 1\n', 'basedir/e/': ''});
		const bytes = readFileSync(path);
		const flipped = folder.file('flipped.zip');
		writeFileSync(flipped, bytes);
		const descriptor = openSync(flipped, 'r+');
		const missed: string[] = [];
		for (let position = 0; position < bytes.length; position++) {
			// Every second bit of every byte, odd and even in turn: half the time, and no field without both.
			for (let bit = position % 2; bit < 8; bit += 2) {
				const byte = bytes.readUInt8(position);
				writeSync(descriptor, Buffer.from([byte ^ (1 << bit)]), 0, 1, position);
				if (!(await isDetected(flipped))) {
					missed.push(`${position}.${bit}`);
				}
			}

			writeSync(descriptor, bytes, position, 1, position);
		}

		closeSync(descriptor);
		expect(missed).toEqual([]);
		expect(await isDetected(flipped)).toBe(false);
	}, 60_000);

	it('notices a cut at any length, and anything added', async () => {
		const path = folder.file('a.zip');
		await writeSample(path, {'metadata.json': '{}', 'basedir/config.yaml': 'a: 1\n'});
		const bytes = readFileSync(path);
		const cut = folder.file('cut.zip');
		for (let length = 0; length < bytes.length; length++) {
			writeBytes(cut, bytes.subarray(0, length));
			expect(await isDetected(cut), `${length} bytes`).toBe(true);
		}

		for (const added of [Buffer.from('x'), Buffer.alloc(4096), bytes]) {
			writeBytes(cut, Buffer.concat([bytes, added]));
			expect(await isDetected(cut)).toBe(true);
			writeBytes(cut, Buffer.concat([added, bytes]));
			expect(await isDetected(cut)).toBe(true);
		}
	});

	it('never fails in any other way than with its own errors, whatever the bytes', async () => {
		const path = folder.file('a.zip');
		await writeSample(path);
		const bytes = readFileSync(path);
		const crafted = craftZip([{name: 'basedir/config.yaml', data: 'a: 1\n', method: 8}]);
		const mangled = folder.file('mangled.zip');
		const change = fc.tuple(fc.nat({max: 4000}), fc.uint8Array({minLength: 1, maxLength: 8}));
		await fc.assert(
			fc.asyncProperty(
				fc.oneof(
					fc.uint8Array({maxLength: 300}).map(data => Buffer.from(data)),
					fc
						.tuple(fc.constantFrom(bytes, crafted), fc.array(change, {minLength: 1, maxLength: 5}))
						.map(([base, changes]) => {
							const copy = Buffer.from(base);
							for (const [position, data] of changes) {
								Buffer.from(data).copy(copy, position % copy.length);
							}

							return copy;
						}),
				),
				async data => {
					writeBytes(mangled, data);
					await isDetected(mangled);
					try {
						await readAll(mangled);
					} catch (error) {
						expect(isPrintkeepError(error) && error.code !== 'bug').toBe(true);
					}
				},
			),
			{numRuns: 400},
		);
	}, 60_000);

	it('collects problems instead of stopping at the first, up to a hundred', async () => {
		const path = folder.file('a.zip');
		const content = Object.fromEntries(
			Array.from({length: 150}, (_, number) => [`basedir/uploads/${number}.gcode`, `G1 X${number}\n`]),
		);
		await writeSample(path, content);
		const bytes = readFileSync(path);
		for (let number = 0; number < 150; number += 50) {
			const at = bytes.indexOf(`G1 X${number}\n`);
			bytes[at] = 0x67;
		}

		writeBytes(path, bytes);
		const {problems} = await verify(path);
		expect(problems.map(({message}) => message)).toEqual([
			expect.stringContaining('0.gcode'),
			expect.stringContaining('50.gcode'),
			expect.stringContaining('100.gcode'),
			expect.stringContaining('seal does not match'),
		]);
		writeBytes(path, Buffer.from(bytes.toString('latin1').replaceAll('G1 X', 'G2 X'), 'latin1'));
		expect((await verify(path)).problems).toHaveLength(100);
	});

	it('compares the files with the manifest', async () => {
		const path = folder.file('a.zip');
		await writeArchive(path, async writer => {
			const {sha256} = await writer.addBuffer(member('basedir/known'), Buffer.from('one'));
			await writer.addBuffer(member('basedir/unknown'), Buffer.from('two'));
			await writer.addBuffer(member('basedir/other'), Buffer.from('three'));
			const file = {part: 'p', bytes: 3, mode: 0o100644, modified: '1.000000000', uid: 0, gid: 0, sha256};
			await writeManifest(
				writer,
				{
					...sampleHeader,
					folders: [],
					links: [],
					files: [
						{...file, path: 'basedir/known'},
						{...file, path: 'basedir/missing'},
						{...file, path: 'basedir/other'},
					],
				},
				modifiedAt,
			);
		});
		expect((await verify(path, {sealed: false})).problems.map(({message}) => message)).toEqual([
			expect.stringMatching(/basedir\/missing.*is missing/),
			expect.stringMatching(/basedir\/unknown.*manifest does not know/),
			expect.stringMatching(/basedir\/other.*not the one that was backed up/),
		]);
	});

	it('tells an archive that was never sealed, and one whose comment says something else', async () => {
		const path = folder.file('a.zip');
		const write = async (note: string): Promise<void> => {
			await writeArchive(
				path,
				async writer => {
					await writeManifest(writer, {...sampleHeader, folders: [], links: [], files: []}, modifiedAt);
				},
				{...sampleHeader, note},
			);
		};

		await write(sampleHeader.note);
		expect((await verify(path)).problems.map(({message}) => message)).toEqual([
			expect.stringContaining('never finished'),
		]);
		expect((await verify(path, {sealed: false})).problems).toEqual([]);
		const other = folder.file('b.zip');
		await writeArchive(
			other,
			async writer => {
				await writeManifest(writer, {...sampleHeader, folders: [], links: [], files: []}, modifiedAt);
			},
			{...sampleHeader, note: 'another'},
		);
		expect((await verify(other, {sealed: false})).problems.map(({message}) => message)).toEqual([
			expect.stringContaining('does not say what its manifest says'),
		]);
	});

	it('notices a lost comment and a lost manifest', async () => {
		const path = folder.file('a.zip');
		await writeSample(path);
		const bytes = readFileSync(path);
		const end = bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
		const bare = Buffer.from(bytes.subarray(0, end + 22));
		bare.writeUInt16LE(0, end + 20);
		writeBytes(path, bare);
		expect((await verify(path)).problems.map(({message}) => message)).toEqual([
			expect.stringContaining('comment that seals'),
		]);

		writeBytes(path, craftZip([{name: 'a'}], {comment: encodeComment(commentOf(sampleHeader), '1'.repeat(64))}));
		expect((await verify(path)).problems.map(({message}) => message)).toEqual([
			expect.stringContaining('manifest is missing'),
		]);
	});

	it('checks other programs’ archives by checksum and structure', async () => {
		const path = folder.file('a.zip');
		const entries: readonly CraftedEntry[] = [
			{name: 'metadata.json', data: '{"version": "1.11.8"}'},
			{name: './basedir/config.yaml', data: 'a: 1\n', method: 8},
			{name: 'basedir/ü', data: 'x', flags: 0x800},
		];
		writeBytes(path, craftZip(entries));
		expect(await verify(path)).toMatchObject({problems: [], proof: 'crc32', entries: 3, files: 3});
		writeBytes(path, craftZip(entries, {before: Buffer.from('junk')}));
		expect((await verify(path)).problems.map(({code}) => code)).toEqual(['zip-prefix']);
	});

	it('unpacks databases, one at a time, privately, and leaves nothing behind', async () => {
		const database = folder.file('source.db');
		const sqlite = new DatabaseSync(database);
		sqlite.exec('create table t (x); insert into t values (1), (2)');
		sqlite.close();
		const path = folder.file('a.zip');
		await writeSample(path, {'basedir/data/x/history.db': readFileSync(database), 'basedir/config.yaml': 'a: 1\n'});
		const copies = folder.file('copies');
		mkdirSync(copies, {mode: 0o700});
		const seen: string[] = [];
		const report = await withArchive(path, async archive =>
			verifyArchive(archive, {
				signal: new AbortController().signal,
				breathe,
				databases: {
					folder: copies,
					disk: systemDisk,
					async check(copy, {name}) {
						expect(readdirSync(copies)).toHaveLength(1);
						expect(statSync(copy).mode & 0o777).toBe(0o600);
						expect(readFileSync(copy).equals(readFileSync(database))).toBe(true);
						seen.push(name);
					},
				},
			}),
		);
		expect(seen).toEqual(['basedir/data/x/history.db']);
		expect(report).toMatchObject({databases: 1, problems: []});
		expect(readdirSync(copies)).toEqual([]);
	});

	it('does not blame the archive for a full disk under the database copies', async () => {
		const path = folder.file('a.zip');
		await writeSample(path, {'basedir/history.db': `SQLite format 3\0${'x'.repeat(500)}`});
		const full = Object.assign(new Error('ENOSPC'), {code: 'ENOSPC', syscall: 'write'});
		const archive = await openArchive(path);
		await expect(
			verifyArchive(archive, {
				signal: new AbortController().signal,
				breathe,
				databases: {
					folder: folder.path(),
					disk: {
						...systemDisk,
						write() {
							throw full;
						},
					},
					async check() {
						expect.unreachable();
					},
				},
			}),
		).rejects.toBe(full);
		archive.close();
		expect(readdirSync(folder.path())).toEqual(['a.zip']);
	});

	it('stops when it is cancelled', async () => {
		const path = folder.file('a.zip');
		await writeSample(path);
		const controller = new AbortController();
		await withArchive(path, async archive => {
			await expect(
				verifyArchive(archive, {signal: controller.signal, breathe, onProgress: () => controller.abort()}),
			).rejects.toMatchObject({code: 'cancelled'});
			await expect(verifyArchive(archive, {signal: controller.signal, breathe})).rejects.toMatchObject({
				code: 'cancelled',
			});
		});
	});

	it('seals only what waits for a seal', async () => {
		const path = folder.file('a.zip');
		await writeSample(path);
		expect(
			parseComment(
				Buffer.from(readFileSync(path).toString('latin1').split('PK\u0005\u0006').at(-1) ?? '', 'latin1').subarray(18),
			)?.sha256,
		).not.toBe(unsealedHash);
		const {sealArchive} = await import('../../../source/engine/archive/comment.js');
		const descriptor = openSync(path, 'r+');
		expect(() => sealArchive({disk: systemDisk, descriptor, sha256: '1'.repeat(64)})).toThrow(/no place for its seal/);
		closeSync(descriptor);
	});
});
