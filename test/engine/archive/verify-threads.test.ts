/** Verifying with helper threads: what they find is what the engine's own thread finds, in the same words and the same order. */
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {openArchive} from '../../../source/engine/archive/reader.js';
import {type VerifyOptions, type VerifyReport, verifyArchive} from '../../../source/engine/archive/verify.js';
import {systemDisk} from '../../../source/engine/disk.js';
import {inlinePool, type Pool, startThreadPool} from '../../../source/engine/pool/pool.js';
import {craftZip} from '../../helpers/craft-zip.js';
import {breathe, type Content, temporaryFolder, withArchive, writeBytes, writeSample} from './helpers.js';

const helper = new URL('../../../dist/helper.js', import.meta.url);
const folder = temporaryFolder();
let threads: Pool;

beforeAll(() => {
	expect(existsSync(helper), 'dist/ is built first: npm run build').toBe(true);
	threads = startThreadPool(helper, 2);
});

afterAll(async () => threads.close());

const check = async (path: string, pool: Pool, options: Partial<VerifyOptions> = {}): Promise<VerifyReport> =>
	withArchive(path, async archive =>
		verifyArchive(archive, {signal: new AbortController().signal, breathe, pool, ...options}),
	);

/** Verifies with and without threads, and expects the same of both. */
const checkBoth = async (path: string, options: Partial<VerifyOptions> = {}): Promise<VerifyReport> => {
	const report = await check(path, threads, options);
	expect(report).toEqual(await check(path, inlinePool, options));
	return report;
};

const noise = (bytes: number): Buffer => {
	const content = Buffer.alloc(bytes);
	let state = 1;
	for (let position = 0; position + 4 <= bytes; position += 4) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		content.writeUInt32LE(state, position);
	}

	return content;
};

const gcode = (bytes: number): Buffer => {
	const lines = noise(bytes / 8);
	return Buffer.from(Array.from(lines, byte => `G1 X${byte}.5\n`).join('')).subarray(0, bytes);
};

/** More than two runs of small files, and entries of every way there is to read them. */
const content: Content = {
	'metadata.json': '{"version": "1.11.8"}',
	'basedir/config.yaml': 'api:\n  key: secret\n',
	...Object.fromEntries(
		Array.from({length: 700}, (_, number) => [`basedir/uploads/${number}.gcode`, `G1 X${number} Y2\n`.repeat(20)]),
	),
	'basedir/uploads/empty/': '',
	'basedir/uploads/nothing.gcode': '',
	'basedir/uploads/stored.mp4': noise(600_000),
	'basedir/uploads/film.mp4': noise(10_000_000),
	'basedir/uploads/middle.gcode': gcode(2_000_000),
	'basedir/uploads/large.gcode': gcode(9_000_000),
	'basedir/uploads/last.gcode': 'M84\n',
};

const damage = (path: string, names: readonly string[], shift = 3): void => {
	const bytes = readFileSync(path);
	for (const name of names) {
		// The first is the local header, the name's bytes followed by extra fields and the data.
		const header = bytes.indexOf(name) - 30;
		const data = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
		const at = data + Math.min(shift, bytes.readUInt32LE(header + 18) - 1);
		bytes.writeUInt8(bytes.readUInt8(at) ^ 0x55, at);
	}

	writeFileSync(path, bytes);
};

describe('verifying in threads', () => {
	it('finds nothing wrong with a whole archive, and counts all of it', async () => {
		const path = folder.file('a.zip');
		await writeSample(path, content);
		let bytes = 0;
		let files = 0;
		const report = await check(path, threads, {
			onProgress(moreBytes, moreFiles) {
				bytes += moreBytes;
				files += moreFiles;
			},
		});
		expect(report).toMatchObject({problems: [], proof: 'sha256'});
		expect(report).toEqual(await check(path, inlinePool));
		const data = Object.entries(content).filter(([name]) => name.startsWith('basedir/') && !name.endsWith('/'));
		expect(files).toBe(data.length);
		expect(bytes).toBe(data.reduce((sum, [, part]) => sum + Buffer.byteLength(part), 0));
	});

	it('tells damage in the order of the archive, in the same words', async () => {
		const path = folder.file('a.zip');
		await writeSample(path, content);
		const damaged = [
			'basedir/config.yaml',
			'basedir/uploads/5.gcode',
			'basedir/uploads/650.gcode',
			'basedir/uploads/stored.mp4',
			'basedir/uploads/film.mp4',
			'basedir/uploads/middle.gcode',
			'basedir/uploads/large.gcode',
			'basedir/uploads/last.gcode',
		];
		damage(path, damaged);
		const {problems} = await checkBoth(path);
		expect(problems).toHaveLength(damaged.length + 1);
		for (const [index, name] of damaged.entries()) {
			expect(problems[index]?.message).toContain(`"${name}"`);
		}

		expect(problems.at(-1)?.message).toContain('seal does not match');
		const sealOnly = await checkBoth(path, {unpack: false});
		expect(sealOnly.problems.map(({message}) => message)).toEqual([expect.stringContaining('seal does not match')]);
	});

	it('compares with the manifest what the checksums cannot tell', async () => {
		const path = folder.file('a.zip');
		await writeSample(path, content);
		const other = folder.file('b.zip');
		await writeSample(other, {...content, 'basedir/uploads/300.gcode': 'G1 X301 Y2\n'.repeat(20)});
		// The same size, packed and unpacked, or this would be no test of the hash.
		const bytes = readFileSync(path);
		const theirs = readFileSync(other);
		const name = 'basedir/uploads/300.gcode';
		const from = theirs.indexOf(name) - 30;
		const packed = theirs.readUInt32LE(from + 18);
		expect(packed).toBe(bytes.readUInt32LE(bytes.indexOf(name) - 30 + 18));
		theirs.copy(bytes, bytes.indexOf(name) - 30, from, from + 30 + 64 + packed);
		const central = (archive: Buffer): number => archive.indexOf(name, archive.indexOf('PK\u0001\u0002')) - 46;
		bytes.writeUInt32LE(theirs.readUInt32LE(central(theirs) + 16), central(bytes) + 16);
		writeFileSync(path, bytes);
		const {problems} = await checkBoth(path);
		expect(problems.map(({message}) => message)).toEqual([
			expect.stringMatching(/300\.gcode" is not the one that was backed up/),
			expect.stringContaining('seal does not match'),
		]);
	});

	it('stops at a hundred problems', async () => {
		const path = folder.file('a.zip');
		await writeSample(path, content);
		damage(
			path,
			Array.from({length: 500}, (_, number) => `basedir/uploads/${number}.gcode`),
		);
		expect((await checkBoth(path)).problems).toHaveLength(100);
	});

	it('finds the same in other programs’ archives, whatever order their list has', async () => {
		const path = folder.file('a.zip');
		const entries = Array.from({length: 600}, (_, number) => ({
			name: `basedir/uploads/${number}`,
			data: `x${number}`.repeat(5),
			method: 8 as const,
		}));
		writeBytes(path, craftZip(entries));
		expect(await checkBoth(path)).toMatchObject({problems: [], proof: 'crc32', files: 600});
		writeBytes(path, craftZip(entries, {before: Buffer.from('junk')}));
		expect((await checkBoth(path)).problems.map(({code}) => code)).toEqual(['zip-prefix']);
	});

	it('leaves databases to the caller, who has them checked one at a time', async () => {
		const source = folder.file('source.db');
		const sqlite = new DatabaseSync(source);
		sqlite.exec('create table t (x); insert into t values (1), (2)');
		sqlite.close();
		const path = folder.file('a.zip');
		await writeSample(path, {...content, 'basedir/data/history.db': readFileSync(source)});
		const copies = folder.file('copies');
		mkdirSync(copies, {mode: 0o700});
		const seen: string[] = [];
		const databases = {
			folder: copies,
			disk: systemDisk,
			async check(copy: string, {name}: {readonly name: string}) {
				expect(readFileSync(copy).equals(readFileSync(source))).toBe(true);
				seen.push(name);
			},
		};
		expect(await checkBoth(path, {databases})).toMatchObject({problems: [], databases: 1});
		expect(seen).toEqual(['basedir/data/history.db', 'basedir/data/history.db']);
		expect(readdirSync(copies)).toEqual([]);
	});

	it('stops when it is cancelled, and reads nothing any more then', async () => {
		const path = folder.file('a.zip');
		await writeSample(path, content);
		const controller = new AbortController();
		const archive = await openArchive(path);
		await expect(
			verifyArchive(archive, {
				signal: controller.signal,
				breathe,
				pool: threads,
				onProgress: () => controller.abort(),
			}),
		).rejects.toMatchObject({code: 'cancelled'});
		archive.close();
		// Nothing of the cancelled run is left in the threads.
		expect((await check(path, threads)).problems).toEqual([]);
	});

	it('says that a helper died, and blames no archive for it', async () => {
		const path = folder.file('a.zip');
		await writeSample(path, content);
		const dying = startThreadPool(helper, 2);
		await expect(
			withArchive(path, async archive => {
				const checking = verifyArchive(archive, {signal: new AbortController().signal, breathe, pool: dying});
				const refused = expect(checking).rejects.toMatchObject({code: 'engine-crashed'});
				await dying.close();
				await refused;
			}),
		).resolves.toBeUndefined();
	});
});
