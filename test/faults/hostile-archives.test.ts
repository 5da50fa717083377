/**
 * Hostile archives through everything that opens one: each has one defect, is refused with its own code, and changes nothing anywhere. Honest ones, odd as
 * they may be, are restored: a reader that refused everything would pass the rest.
 */
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {openArchive, readEntry} from '../../source/engine/archive/reader.js';
import {verifyArchive} from '../../source/engine/archive/verify.js';
import {archiveFaults, type ErrorCode, errorTable, isPrintkeepError} from '../../source/errors.js';
import {digestTree} from '../helpers/digest-tree.js';
import {type JobFinished, makeClient, makeTarget, type TestClient} from '../helpers/engine-client.js';
import {octoprintMembers} from '../helpers/foreign-archive.js';
import {type GoodArchive, goodArchives, ordinaryFiles} from '../helpers/good-archives.js';
import {backupWith, depths, type HostileArchive, hostileArchives} from '../helpers/hostile-archives.js';
import {makeMemoryDirectory} from '../helpers/memory-directory.js';
import {openPty} from '../helpers/pty.js';
import {cliPath, isolatedEnvironment, runPrintkeep} from '../helpers/run-printkeep.js';
import {hostileManifests} from '../helpers/sealed-archive.js';
import {removeDirectory} from '../helpers/temporary.js';
import {createCounts, isFull, sampled} from './counts.js';

const counts = createCounts('hostile archives');
const root = makeMemoryDirectory();
const dataFolder = join(root, 'octoprint');
const store = join(root, 'store');
const home = join(root, 'home');
const incoming = join(root, 'incoming/hostile.zip');
const stored = join(store, 'hostile.zip');
const target = makeTarget(dataFolder, store);
const source = {type: 'file', path: incoming} as const;
let engine: TestClient;

const put = (path: string, text: string | Uint8Array): void => {
	mkdirSync(join(path, '..'), {recursive: true});
	writeFileSync(path, text, {mode: 0o600});
};

/** Live data, and around it what no archive may ever touch: neighbours whose names begin alike, links that lead out, a file to overwrite. */
const layOut = (): void => {
	rmSync(dataFolder, {recursive: true, force: true});
	for (const [name, text] of Object.entries(ordinaryFiles)) {
		put(join(dataFolder, name), `${text}# live\n`);
	}

	put(join(dataFolder, 'uploads/live.gcode'), 'G28 ; live\n');
};

beforeAll(() => {
	layOut();
	put(join(root, 'canary/x'), 'canary\n');
	put(join(root, 'octoprint2/x'), 'canary\n');
	put(join(root, 'x'), 'canary\n');
	symlinkSync('../canary', join(root, 'canary/link'));
	put(incoming, '');
	mkdirSync(store, {mode: 0o700});
	mkdirSync(join(root, 'out'));
	engine = makeClient('in process', home);
});

afterAll(async () => {
	await engine.client.close();
	removeDirectory(root);
	counts.tell();
});

/** Everything in the sandbox but the engine's own notes: its state, and what a store says of its backups. */
const sandbox = () =>
	digestTree(root, {folderTimes: false, skip: path => path === 'home' || path === 'store/.printkeep.json'});

/** What a job ended with. A failure without a name of its own would be a bug. */
const codeOf = ({outcome, error, result}: JobFinished): ErrorCode | null => {
	if (error) {
		expect(error.code in errorTable && !['bug', 'engine-crashed', 'failed'].includes(error.code), error.message).toBe(
			true,
		);
		expect(`${error.message}${error.hint}`).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
		return error.code;
	}

	expect(['done', 'partial']).toContain(outcome);
	expect(result).not.toBeNull();
	return null;
};

const failureOf = async (request: Promise<unknown>): Promise<ErrorCode | null> => {
	try {
		await request;
		return null;
	} catch (error) {
		if (isPrintkeepError(error) && error.code !== 'bug') {
			return error.code;
		}

		throw error;
	}
};

type Step = {
	readonly name: string;
	/** The code it fails with; null when it succeeds. */
	readonly run: () => Promise<ErrorCode | null>;
	/** How deep it looks: it has to refuse what shows there. */
	readonly looks: HostileArchive['seen'];
};

const listed = async () => {
	const {items} = await engine.client.request('backups.list', {target, offset: 0, limit: 10});
	const item = items.find(({key}) => key === 'hostile.zip');
	expect(item).toBeDefined();
	return item;
};

const steps: readonly Step[] = [
	{
		name: 'list',
		looks: 'list',
		async run() {
			const item = await listed();
			return item?.health.type === 'bad' ? item.health.error.code : null;
		},
	},
	{
		name: 'show',
		looks: 'list',
		run: async () =>
			failureOf(engine.client.request('backup.details', {target, source: {type: 'backup', key: 'hostile.zip'}})),
	},
	{
		name: 'browse',
		looks: 'list',
		run: async () =>
			failureOf(engine.client.request('backup.entries', {target, source, directory: '', offset: 0, limit: 100})),
	},
	{
		name: 'verify',
		looks: 'manifest',
		run: async () => codeOf(await engine.run({type: 'verify', target, sources: [source]})),
	},
	{name: 'plan', looks: 'list', run: async () => codeOf(await engine.run({type: 'plan', target, source}))},
	{
		name: 'restore',
		looks: 'restore',
		run: async () => codeOf(await engine.run({type: 'restore', target, source, allowNewer: true})),
	},
	{
		name: 'restore elsewhere',
		looks: 'restore',
		run: async () =>
			codeOf(await engine.run({type: 'restore', target, source, allowNewer: true, to: join(root, 'out/copy')})),
	},
	{
		name: 'restore of one file',
		looks: 'list',
		async run() {
			const to = join(root, 'out/one.gcode');
			const code = codeOf(
				await engine.run({type: 'restore', target, source, allowNewer: true, to, files: ['uploads/cube.gcode']}),
			);
			if (code === null) {
				expect(readFileSync(to, 'utf8')).toBe(octoprintMembers['basedir/uploads/cube.gcode']);
				rmSync(to);
			}

			return code;
		},
	},
	{
		name: 'import',
		looks: 'manifest',
		async run() {
			const end = await engine.run({type: 'import', target, path: incoming});
			if (end.result?.type === 'import') {
				rmSync(end.result.backup.path);
			}

			return codeOf(end);
		},
	},
	{
		name: 'export of files',
		looks: 'content',
		async run() {
			const end = await engine.run({
				type: 'export',
				target,
				source,
				destination: join(root, 'out'),
				parts: [],
				files: ['uploads', 'config.yaml'],
			});
			if (end.result?.type === 'export') {
				rmSync(end.result.path);
			}

			return codeOf(end);
		},
	},
	{
		name: 'export of all',
		looks: 'list',
		async run() {
			const code = codeOf(
				await engine.run({type: 'export', target, source, destination: join(root, 'out'), parts: [], files: []}),
			);
			if (code === null) {
				// A copy, byte by byte, of what is only carried from one place to another.
				const copy = join(root, 'out/hostile.zip');
				expect(readFileSync(copy).equals(readFileSync(incoming))).toBe(true);
				rmSync(copy);
			}

			return code;
		},
	},
];

const all: readonly HostileArchive[] = [...hostileArchives, ...hostileManifests];

test('there are enough of them, each with a name and a code of its class', () => {
	expect(all.length).toBeGreaterThanOrEqual(120);
	expect(new Set(all.map(({title}) => title)).size).toBe(all.length);
	const untried = archiveFaults.filter(code => code.startsWith('zip') && !all.some(archive => archive.code === code));
	// These three need a disk, a second program or a lack of memory, and are tried where that is made.
	expect(untried).toEqual([
		'zip-colliding-name',
		'zip-reserved-name',
		'zip-ambiguous',
		'zip-directory-too-large',
		'zip-changed',
	]);
});

describe('an archive with', () => {
	test.each(all.map(archive => [archive.title, archive] as const))('%s', async (_title, {bytes, code, seen}) => {
		const content = bytes();
		put(incoming, content);
		put(stored, content);
		const before = sandbox();
		counts.add('hostile archives');
		for (const {name, run, looks} of steps) {
			const found = await run();
			if (depths.indexOf(seen) <= depths.indexOf(looks)) {
				expect([name, found]).toEqual([name, code]);
			} else if (found !== null) {
				expect([name, found]).toEqual([name, code]);
			}

			counts.add(found === null ? 'passed on unread, or only looked at' : 'refusals');
			expect(sandbox(), name).toEqual(before);
		}

		rmSync(stored);
	});
});

describe('an archive with something odd but honest,', () => {
	const expectFiles = (folder: string, {files}: GoodArchive): void => {
		for (const [name, text] of Object.entries({...ordinaryFiles, ...files})) {
			expect([name, readFileSync(join(folder, name), 'utf8')]).toEqual([name, text]);
			expect(statSync(join(folder, name)).mode & 0o7000).toBe(0);
		}
	};

	test.each(goodArchives.map(archive => [archive.title, archive] as const))('%s', async (_title, archive) => {
		put(incoming, archive.bytes());
		for (const {name, run} of steps.filter(step =>
			['browse', 'verify', 'plan', 'restore of one file'].includes(step.name),
		)) {
			expect([name, await run()]).toEqual([name, null]);
		}

		const copy = join(root, 'out/copy');
		expect(codeOf(await engine.run({type: 'restore', target, source, allowNewer: true, to: copy}))).toBeNull();
		expectFiles(copy, archive);
		rmSync(copy, {recursive: true});
		expect(codeOf(await engine.run({type: 'restore', target, source, allowNewer: true}))).toBeNull();
		expectFiles(dataFolder, archive);
		expect(existsSync(join(dataFolder, 'uploads/live.gcode'))).toBe(false);
		counts.add('honest archives restored in place');
		counts.add('honest archives restored elsewhere');
		expect(codeOf(await engine.run({type: 'undo', target}))).toBeNull();
		expect(readFileSync(join(dataFolder, 'uploads/live.gcode'), 'utf8')).toBe('G28 ; live\n');
		for (const folder of [root, dataFolder]) {
			for (const name of readdirSync(folder).filter(each => each.startsWith('.printkeep'))) {
				rmSync(join(folder, name), {recursive: true});
			}
		}

		layOut();
	});
});

describe('the shipped program', () => {
	/** Bytes that no name or note may bring to a terminal, in UTF-8; line breaks are the program's own. */
	const active = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]/;
	const nasty: readonly (Pick<HostileArchive, 'title' | 'bytes'> & {readonly seen: HostileArchive['seen'] | null})[] = [
		...sampled(
			all.filter(({code}) => ['zip-control-character', 'zip-invalid-utf8', 'zip-symlink'].includes(code)),
			4,
		),
		...goodArchives.filter(({title}) => title.startsWith('names that turn')).map(good => ({...good, seen: null})),
	];
	/** Commands that need not read everything. */
	const looksOnly = ['show', 'export'];
	const place = ['--basedir', dataFolder, '--store', store];
	const commands = (to: string): readonly (readonly string[])[] => [
		['list', ...place],
		['show', incoming, '--files', ...place],
		['verify', incoming, ...place],
		['restore', incoming, '--dry-run', ...place],
		['restore', incoming, '--to', to, '--yes', ...place],
		['import', incoming, ...place],
		['export', incoming, join(root, 'out/carried.zip'), ...place],
	];

	test('brings no control sequence of theirs to its output, and never dies of one', async () => {
		for (const {title, bytes, seen} of nasty) {
			put(incoming, bytes());
			put(stored, bytes());
			for (const command of commands(join(root, 'out/shown'))) {
				const {code: exit, stdout, stderr} = await runPrintkeep([...command], {home});
				const what = `${title}: ${command[0]}`;
				expect(`${stdout}${stderr}`, what).not.toMatch(active);
				expect(stderr, what).not.toMatch(/node:internal|^\s+at /m);
				const mayPass =
					seen === null || command[0] === 'list' || (seen !== 'list' && looksOnly.includes(command[0] ?? ''));
				const mustPass = seen === null || command[0] === 'list';
				expect([mustPass ? [0] : mayPass ? [0, 4] : [4], what]).toEqual([expect.arrayContaining([exit]), what]);
				counts.add('runs of the shipped program');
			}

			rmSync(join(root, 'out'), {recursive: true});
			rmSync(store, {recursive: true});
			mkdirSync(join(root, 'out'));
			mkdirSync(store, {mode: 0o700});
		}
	});

	test('brings none to a terminal either', async () => {
		for (const {title, bytes} of sampled(nasty, 3)) {
			put(incoming, bytes());
			for (const command of [
				['show', incoming, '--files', ...place],
				['restore', incoming, '--to', join(root, 'out/shown'), '--yes', ...place],
			]) {
				const pty = await openPty([process.execPath, cliPath, ...command], {env: isolatedEnvironment(home)});
				await pty.exit;
				// The program's own sequences are colours and the lines of its progress; everything else would be a name's.
				const text = pty
					.output()
					.toString('utf8')
					.replaceAll(/\u001b\[[\d;]*[mKAG]|\u001b\[\?25[lh]|\r\n|\r/g, '')
					.replaceAll('\n', '');
				expect(text, `${title}: ${command[0]}`).not.toMatch(active);
				expect(pty.output().includes('pwned') && pty.output().includes('\u001b]'), title).toBe(false);
				counts.add('runs in a terminal');
			}

			rmSync(join(root, 'out/shown'), {recursive: true, force: true});
		}
	});
});

test('mangled archives never crash, hang or fill the memory', async () => {
	const bases = [
		...goodArchives.map(({bytes}) => bytes()),
		...hostileArchives
			.filter(({code}) => !['zip-bomb-total', 'zip-too-many-entries', 'zip-member-too-large'].includes(code))
			.map(({bytes}) => bytes()),
		backupWith([]),
	].filter(bytes => bytes.length > 60 && bytes.length < 100_000);
	const path = join(root, 'mangled.zip');
	const started = process.memoryUsage().rss;
	const place = fc.nat({max: 1_000_000});
	const change = fc.oneof(
		fc.record({type: fc.constant('set' as const), place, bytes: fc.uint8Array({minLength: 1, maxLength: 8})}),
		fc.record({type: fc.constant('cut' as const), place, length: fc.nat({max: 60})}),
		fc.record({type: fc.constant('copy' as const), place, from: place, length: fc.nat({max: 120})}),
		fc.record({
			type: fc.constant('number' as const),
			place,
			value: fc.constantFrom(0, 1, 0xff, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff),
		}),
	);
	const mangle = (
		base: Buffer,
		changes: readonly (typeof change extends fc.Arbitrary<infer Type> ? Type : never)[],
	): Buffer => {
		let bytes = Buffer.from(base);
		for (const one of changes) {
			const at = one.place % Math.max(1, bytes.length - 4);
			switch (one.type) {
				case 'set': {
					Buffer.from(one.bytes).copy(bytes, at);
					break;
				}

				case 'cut': {
					bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + one.length)]);
					break;
				}

				case 'copy': {
					const from = one.from % bytes.length;
					bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + one.length), bytes.subarray(at)]);
					break;
				}

				case 'number': {
					if (bytes.length >= 4) {
						bytes.writeUInt32LE(one.value, Math.min(at, bytes.length - 4));
					}

					break;
				}
			}
		}

		return bytes;
	};

	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom(...bases),
			fc.array(change, {minLength: 1, maxLength: 6}),
			async (base, changes) => {
				writeFileSync(path, mangle(base, changes));
				counts.add('mangled archives');
				let found = false;
				try {
					const archive = await openArchive(path);
					try {
						const {problems} = await verifyArchive(archive, {
							signal: new AbortController().signal,
							breathe: async () => {},
						});
						found = problems.length > 0;
						for (const {code} of problems) {
							expect(archiveFaults).toContain(code);
						}

						for (const entry of archive.entries) {
							await readEntry(archive, entry, () => {});
						}
					} finally {
						archive.close();
					}
				} catch (error) {
					expect(isPrintkeepError(error) && error.code !== 'bug', String(error)).toBe(true);
					found = true;
				}

				counts.add(found ? 'mangled archives found out' : 'mangled archives that are honest all the same');
			},
		),
		{numRuns: isFull ? 100_000 : 4000, seed: 20_260_517},
	);
	expect(process.memoryUsage().rss - started).toBeLessThan(400_000_000);
});
