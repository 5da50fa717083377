/**
 * Damage that nobody meant: single bits, cuts, junk before and after, blocks of zeros. Of printkeep's own archives every changed bit is reported. An archive
 * of OctoPrint's protects its content and its names alone: what is not reported there has changed neither.
 */
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {
	closeSync,
	ftruncateSync,
	mkdirSync,
	openSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {openArchive, readEntry} from '../../source/engine/archive/reader.js';
import {verifyArchive} from '../../source/engine/archive/verify.js';
import {archiveFaults, isPrintkeepError} from '../../source/errors.js';
import {writeSample} from '../engine/archive/helpers.js';
import {digestTree} from '../helpers/digest-tree.js';
import {makeClient, makeTarget, type TestClient} from '../helpers/engine-client.js';
import {makeMemoryDirectory} from '../helpers/memory-directory.js';
import {hasProgram} from '../helpers/requirements.js';
import {removeDirectory} from '../helpers/temporary.js';
import {createCounts, isFull, sampled} from './counts.js';

const counts = createCounts('bit flips, cuts and junk');
const root = makeMemoryDirectory();
const python = hasProgram('python3', 'python3');

/** Bytes that do not compress, the same in every run. */
const noise = (seed: string, bytes: number): Buffer =>
	createHash('shake256', {outputLength: bytes}).update(seed).digest();

const gcode = (lines: number): Buffer =>
	Buffer.from(
		Array.from({length: lines}, (_, line) => `G1 X${(line * 7919) % 200} Y${(line * 104_729) % 180} E${line}.5\n`).join(
			'',
		),
	);

/** So little that every single bit can be flipped in a minute or two. */
const tinyContent: Readonly<Record<string, Buffer>> = {
	'config.yaml': Buffer.from('api:\n  key: 0123456789ABCDEF\n'),
	'users.yaml': Buffer.from('admin: {}\n'),
	'uploads/Würfel.gcode': gcode(4),
	'timelapse/film.mp4': noise('film', 64),
};

const contentOf = (times: number): Readonly<Record<string, Buffer>> => (times === 0 ? tinyContent : fullContent(times));

const fullContent = (times: number): Readonly<Record<string, Buffer>> => ({
	'config.yaml': Buffer.from('api:\n  key: 0123456789ABCDEF\nserver:\n  firstRun: false\n'),
	'users.yaml': Buffer.from('admin: {}\n'),
	'uploads/benchy.gcode': gcode(600 * times),
	'uploads/Würfel größe 2.gcode': gcode(60 * times),
	'uploads/empty.gcode': Buffer.alloc(0),
	'timelapse/film.mp4': noise('film', 16_000 * times),
});

type Subject = {readonly owner: 'printkeep' | 'OctoPrint'; readonly path: string; readonly bytes: Buffer};

const makeOwn = async (path: string, times: number): Promise<void> => {
	const data = Object.entries(contentOf(times)).map(([name, content]) => [`basedir/${name}`, content] as const);
	await writeSample(path, {
		'metadata.json': '{"version": "1.11.8", "excludes": []}',
		'basedir/uploads/leer/': '',
		...Object.fromEntries(data),
	});
};

const makeTheirs = (path: string, times: number): void => {
	const folder = join(root, `tree-${times}`);
	for (const [name, content] of Object.entries(contentOf(times))) {
		mkdirSync(dirname(join(folder, name)), {recursive: true});
		writeFileSync(join(folder, name), content);
	}

	execFileSync('python3', [join(import.meta.dirname, '../helpers/octoprint-archive.py'), folder, path]);
	rmSync(folder, {recursive: true});
};

const subjects = new Map<string, Subject>();

const subject = (name: string): Subject => {
	const found = subjects.get(name);
	if (!found) {
		throw new Error(`There is no archive ${name}.`);
	}

	return found;
};

beforeAll(async () => {
	for (const [size, times] of [
		['tiny', 0],
		['small', 1],
		['large', 1000],
	] as const) {
		const own = join(root, `printkeep-${size}.zip`);
		await makeOwn(own, times);
		subjects.set(`printkeep ${size}`, {owner: 'printkeep', path: own, bytes: readFileSync(own)});
		if (python) {
			const theirs = join(root, `octoprint-${size}.zip`);
			makeTheirs(theirs, times);
			subjects.set(`OctoPrint ${size}`, {owner: 'OctoPrint', path: theirs, bytes: readFileSync(theirs)});
		}
	}
});

afterAll(() => {
	removeDirectory(root);
	counts.tell();
});

const owners = python ? (['printkeep', 'OctoPrint'] as const) : (['printkeep'] as const);
const breathe = async (): Promise<void> => {};

/** What is wrong with an archive; empty when nothing is. */
const problemsOf = async (path: string): Promise<readonly string[]> => {
	try {
		const archive = await openArchive(path);
		try {
			const {problems} = await verifyArchive(archive, {signal: new AbortController().signal, breathe});
			return problems.map(({code}) => code);
		} finally {
			archive.close();
		}
	} catch (error) {
		if (isPrintkeepError(error)) {
			return [error.code];
		}

		throw error;
	}
};

/** Names and content, without dates and modes. */
const contentHash = async (path: string): Promise<string> => {
	const archive = await openArchive(path);
	const hash = createHash('sha256');
	try {
		for (const entry of archive.entries) {
			hash.update(`${entry.name}\0${entry.type}\0${entry.bytes}\0`);
			await readEntry(archive, entry, chunk => {
				hash.update(chunk);
			});
		}
	} finally {
		archive.close();
	}

	return hash.digest('hex');
};

/** Expects damage to be reported; in OctoPrint's archives it may be left out where names and content are as they were. */
const expectReported = async (
	{owner, path}: Pick<Subject, 'owner' | 'path'>,
	intact: string,
	{what, count}: {readonly what: string; readonly count: string},
): Promise<void> => {
	const problems = await problemsOf(path);
	for (const code of problems) {
		// A flipped bit can also make the format's number a higher one.
		expect([...archiveFaults, 'archive-too-new'], `${what}: ${code}`).toContain(code);
	}

	if (problems.length > 0) {
		counts.add(`${count} reported`);
		return;
	}

	expect([owner, what]).toEqual(['OctoPrint', what]);
	expect([what, await contentHash(path)]).toEqual([what, intact]);
	counts.add(`${count} in a date, a mode or a version, which OctoPrint’s archives do not protect`);
};

describe.each(owners)('an archive of %s’s', owner => {
	test('is found intact before', async () => {
		for (const size of ['tiny', 'small', 'large']) {
			expect(await problemsOf(subject(`${owner} ${size}`).path)).toEqual([]);
		}

		expect(subject(`${owner} small`).bytes.length).toBeGreaterThan(15_000);
		expect(subject(`${owner} large`).bytes.length).toBeGreaterThan(15_000_000);
	});

	test.each([
		['tiny', 2000],
		['small', 1500],
		['large', 24],
	] as const)('%s: every flipped bit is reported', async (size, bounded) => {
		const {path, bytes} = subject(`${owner} ${size}`);
		const intact = await contentHash(path);
		const descriptor = openSync(path, 'r+');
		// Of the tiny one every bit; of the others a sample, since each of their bits is one of the same few kinds.
		const sampleLength = {tiny: null, small: 20_000, large: 500}[size] ?? null;
		const bits =
			sampleLength === null
				? null
				: Array.from({length: sampleLength}, (_, index) => (index * 2_147_483_647) % (bytes.length * 8));
		const all = bits ?? Array.from({length: bytes.length * 8}, (_, index) => index);
		// The list of contents and the end, where every field matters, is always taken in full.
		const tail =
			size === 'tiny' && !isFull ? Array.from({length: 800}, (_, index) => bytes.length * 8 - 1 - 3 * index) : [];
		for (const bit of [...sampled(all, bounded), ...tail]) {
			const position = bit >> 3;
			writeSync(descriptor, Buffer.from([bytes.readUInt8(position) ^ (1 << (bit & 7))]), 0, 1, position);
			await expectReported({owner, path}, intact, {
				what: `bit ${bit & 7} of byte ${position}`,
				count: `flipped bits of a ${size} archive of ${owner}’s`,
			});
			writeSync(descriptor, bytes, position, 1, position);
		}

		closeSync(descriptor);
		expect(await problemsOf(path)).toEqual([]);
	});

	test.each([
		['tiny', 1000],
		['small', 2000],
	] as const)('%s: a cut at any length is reported', async (size, bounded) => {
		const {bytes} = subject(`${owner} ${size}`);
		const path = join(root, 'cut.zip');
		writeFileSync(path, bytes);
		const descriptor = openSync(path, 'r+');
		const lengths = Array.from({length: bytes.length}, (_, index) => bytes.length - 1 - index);
		for (const length of sampled(lengths, bounded)) {
			ftruncateSync(descriptor, length);
			expect(await problemsOf(path), `${length} bytes`).not.toEqual([]);
			counts.add(`cuts of a ${size} archive of ${owner}’s reported`);
		}

		closeSync(descriptor);
	});

	test('junk before and after, twice the same, and blocks of zeros are reported', async () => {
		const {bytes} = subject(`${owner} small`);
		const intact = await contentHash(subject(`${owner} small`).path);
		const path = join(root, 'junk.zip');
		const added = [Buffer.from('x'), Buffer.alloc(512), Buffer.alloc(100_000), noise('junk', 4096), bytes];
		const others = owners.map(other => subject(`${other} small`).bytes);
		for (const [number, junk] of [...added, ...others].entries()) {
			for (const [what, content] of [
				['after', Buffer.concat([bytes, junk])],
				['before', Buffer.concat([junk, bytes])],
			] as const) {
				writeFileSync(path, content);
				expect(await problemsOf(path), `${number} ${what}`).not.toEqual([]);
				counts.add(`junk before and after an archive of ${owner}’s reported`);
			}
		}

		for (const block of [1, 16, 512, 4096]) {
			const starts = Array.from({length: Math.ceil(bytes.length / block)}, (_, index) => index * block);
			for (const start of sampled(starts, 400)) {
				const copy = Buffer.from(bytes);
				copy.fill(0, start, Math.min(bytes.length, start + block));
				if (copy.equals(bytes)) {
					continue;
				}

				writeFileSync(path, copy);
				await expectReported({owner, path}, intact, {
					what: `${block} zeros at ${start}`,
					count: `blocks of zeros in an archive of ${owner}’s`,
				});
			}
		}
	});
});

describe('a restore', () => {
	let engine: TestClient;
	const dataFolder = join(root, 'place/octoprint');
	const target = makeTarget(dataFolder, join(root, 'place/store'));

	const layOut = (): void => {
		rmSync(join(root, 'place'), {recursive: true, force: true});
		mkdirSync(join(dataFolder, 'uploads'), {recursive: true});
		writeFileSync(join(dataFolder, 'config.yaml'), 'live: true\n');
		writeFileSync(join(dataFolder, 'uploads/live.gcode'), 'G28 ; live\n');
	};

	beforeAll(() => {
		engine = makeClient('in process', join(root, 'home'));
	});

	afterAll(async () => {
		await engine.client.close();
	});

	const restore = async (path: string) =>
		engine.run({type: 'restore', target, source: {type: 'file', path}, allowNewer: true});

	test.each(owners)(
		'of a damaged archive of %s’s touches nothing, and of the whole one replaces everything',
		async owner => {
			const {bytes} = subject(`${owner} small`);
			const path = join(root, 'damaged.zip');
			layOut();
			const before = digestTree(dataFolder, {folderTimes: false});
			const beside = () => digestTree(join(root, 'place'), {folderTimes: false});
			const around = beside();
			for (const bit of sampled(
				Array.from({length: bytes.length * 8}, (_, index) => index),
				isFull ? 3000 : 80,
			)) {
				const copy = Buffer.from(bytes);
				copy[bit >> 3] = copy.readUInt8(bit >> 3) ^ (1 << (bit & 7));
				writeFileSync(path, copy);
				if ((await problemsOf(path)).length === 0) {
					// A date or a mode of OctoPrint's: the restore is right to go on, and is not what is tried here.
					continue;
				}

				const {outcome, error} = await restore(path);
				expect([bit, outcome]).toEqual([bit, 'failed']);
				expect([...archiveFaults, 'archive-too-new']).toContain(error?.code);
				expect(digestTree(dataFolder, {folderTimes: false}), `bit ${bit}`).toEqual(before);
				counts.add(`restores of a flipped bit in an archive of ${owner}’s that touched nothing`);
			}

			expect(beside()).toEqual(around);
			writeFileSync(path, bytes);
			expect((await restore(path)).error).toBeNull();
			for (const [name, content] of Object.entries(contentOf(1))) {
				// Parts the sample's manifest does not speak of stay out.
				if (owner === 'OctoPrint' || name.startsWith('uploads/')) {
					expect(readFileSync(join(dataFolder, name)).equals(content), name).toBe(true);
				}
			}

			expect(statSync(join(dataFolder, 'uploads')).isDirectory()).toBe(true);
			counts.add('restores of a whole archive that succeeded');
		},
	);
});
