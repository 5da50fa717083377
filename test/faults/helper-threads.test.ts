/**
 * Backs up with real helper threads to which things happen: they die, their reads fail, the disk is full, somebody cancels, and files change at the worst
 * moment. Whatever happens, it is told, nothing half-done is left, and what is in an archive is whole.
 */

import {execFileSync} from 'node:child_process';
import {hash} from 'node:crypto';
import {
	appendFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	renameSync,
	rmSync,
	symlinkSync,
	truncateSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {createInProcessClient} from '../../source/client/in-process.js';
import type {EngineEvent, JobResult} from '../../source/client/protocol.js';
import {parseManifest} from '../../source/engine/archive/manifest.js';
import type {PackFilesInput} from '../../source/engine/archive/pack-files.js';
import {openArchive, readEntry} from '../../source/engine/archive/reader.js';
import {type Disk, systemDisk} from '../../source/engine/disk.js';
import {type Pool, type StartPool, startThreadPool} from '../../source/engine/pool/pool.js';
import type {TaskInput, TaskName} from '../../source/engine/pool/tasks.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import {createRequest, type JobFinished, makeTarget} from '../helpers/engine-client.js';
import {makeFailingDisk} from '../helpers/failing-disk.js';
import {bundleHelper} from '../helpers/helper-threads.js';
import {contentOf} from '../helpers/random-tree.js';
import {dumpDatabase, makeDatabase} from '../helpers/sqlite.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {makeBareInstance, type ReadEntries, readWithYauzl, uploadsName} from '../helpers/two-writers.js';
import {waitFor} from '../helpers/wait-for.js';
import {createCounts, isFull, sampled} from './counts.js';
import {type ThreadFault, writeFaultyHelper} from './faulty-helper.js';

const counts = createCounts('helper threads');
const root = makeTemporaryDirectory();
let helper = new URL('file:///');
const piece = 1024 * 1024;
const largeBytes = 6 * piece + 12_345;
const large = contentOf({kind: 'text', bytes: largeBytes, seed: 1});

beforeAll(async () => {
	helper = await bundleHelper(root);
});

afterAll(() => {
	removeDirectory(root);
	counts.tell();
});

type CreateResult = Extract<JobResult, {type: 'create'}>;

type Scene = {
	readonly uploads: string;
	readonly store: string;
	readonly file: (name: string) => string;
	/** Backs up. @param begun is called when the job has its number */
	readonly create: (
		options: {readonly startPool?: StartPool; readonly disk?: Disk},
		begun?: (cancel: () => void) => void,
	) => Promise<JobFinished>;
};

let scenes = 0;

/** Batches of small files, a large file that shrinks, one that does not, and small ones after it. */
const makeScene = (smallFiles = 1200): Scene => {
	const place = join(root, `scene-${scenes++}`);
	mkdirSync(place);
	const {dataFolder, uploads} = makeBareInstance(place);
	const file = (name: string): string => join(uploads, name);
	for (let index = 0; index < smallFiles; index++) {
		writeFileSync(file(`a-${String(index).padStart(4, '0')}.gcode`), `G28 ; ${index}\n`.repeat(1 + (index % 40)));
	}

	writeFileSync(file('b-large.gcode'), large);
	writeFileSync(file('c-film.mp4'), contentOf({kind: 'noise', bytes: 3 * piece, seed: 2}));
	writeFileSync(file('d-last.gcode'), 'M84\n');
	const store = join(place, 'store');
	return {
		uploads,
		store,
		file,
		async create({startPool, disk = systemDisk}, begun = () => undefined) {
			const ports = systemPorts({
				environment: {HOME: join(place, 'home'), PATH: process.env.PATH},
				stateFolder: join(place, 'state'),
			});
			const client = createInProcessClient({...ports, disk, startPool});
			const events: EngineEvent[] = [];
			client.subscribe(event => events.push(event));
			try {
				const target = {...makeTarget(dataFolder, store), effort: {jobs: 2, nice: false}};
				const {jobId} = await client.request('job.start', createRequest(target));
				begun(() => void client.request('job.cancel', {jobId}));
				return await waitFor(
					'the backup to end',
					() => events.find((event): event is JobFinished => event.type === 'job-finished'),
					{timeout: 60_000, interval: 2},
				);
			} finally {
				await client.close();
			}
		},
	};
};

const threads = (): Pool => startThreadPool(helper, 2);

type Task = {readonly name: string; readonly number: number};
type GivenTask = Task & {readonly input: TaskInput<TaskName>};

/** Threads that are real, and something that happens before they are given a task. */
const watchedThreads =
	(before: (task: GivenTask) => void): StartPool =>
	() => {
		const pool = threads();
		const numbers = new Map<string, number>();
		return {
			...pool,
			async run(name, input, transfer) {
				const number = (numbers.get(name) ?? 0) + 1;
				numbers.set(name, number);
				before({name, number, input});
				return pool.run(name, input, transfer);
			},
		};
	};

/** Files and folders below the tests' own that are open in this process. */
const openPaths = (): readonly string[] =>
	readdirSync('/proc/self/fd')
		.map(descriptor => {
			try {
				return readlinkSync(`/proc/self/fd/${descriptor}`);
			} catch {
				// The one that listed them.
				return '';
			}
		})
		.filter(path => path.startsWith(root))
		.toSorted();

const expectNothingLeft = ({store}: Scene, finished = 0): void => {
	const names = existsSync(store) ? readdirSync(store) : [];
	expect(names.filter(name => name !== '.printkeep.json').map(name => /^\./u.test(name))).toEqual(
		Array.from({length: finished}, () => false),
	);
	expect(openPaths()).toEqual([]);
};

const resultOf = ({result, error}: JobFinished): CreateResult => {
	if (result?.type !== 'create') {
		throw new Error(`The backup failed: ${error?.message} ${error?.detail ?? ''}`);
	}

	return result;
};

/** What a scene's archive holds of the uploads, every byte read. */
const readUploads = async ({backup}: CreateResult): Promise<ReadEntries> =>
	new Map(
		[...(await readWithYauzl(backup.path))]
			.filter(([name]) => name.startsWith(`${uploadsName}/`))
			.map(([name, entry]) => [name.slice(uploadsName.length + 1), entry]),
	);

/** The content of an entry of a scene's archive. */
const contentIn = async ({backup}: CreateResult, name: string): Promise<Buffer> => {
	const archive = await openArchive(backup.path);
	try {
		const entry = archive.entries.find(other => other.name === name);
		const chunks: Buffer[] = [];
		if (entry) {
			await readEntry(archive, entry, chunk => {
				chunks.push(Buffer.from(chunk));
			});
		}

		return Buffer.concat(chunks);
	} finally {
		archive.close();
	}
};

/** How often each task is given in a backup where nothing happens. */
const countTasks = async (scene: Scene): Promise<ReadonlyMap<string, number>> => {
	const tasks = new Map<string, number>();
	const {outcome} = await scene.create({
		startPool: watchedThreads(({name, number}) => tasks.set(name, number)),
	});
	expect(outcome).toBe('done');
	rmSync(scene.store, {recursive: true});
	return tasks;
};

test('a thread that dies ends the backup, and nothing of it is left', async () => {
	const scene = makeScene();
	const faults: readonly ThreadFault[] = (['exit', 'throw', 'memory'] as const).flatMap(type =>
		[1, 2, 3, 4, 6].map(task => ({type, task})),
	);
	for (const fault of sampled(faults, 9)) {
		const program = writeFaultyHelper(root, helper, fault);
		const {outcome, error} = await scene.create({startPool: () => startThreadPool(program, 2)});
		expect({fault, outcome, code: error?.code}).toEqual({fault, outcome: 'failed', code: 'engine-crashed'});
		expectNothingLeft(scene);
		counts.add(`threads that died by ${fault.type}`);
	}

	// The locks were given back, and the next one is as good as any.
	expect(resultOf(await scene.create({startPool: threads})).files).toBe(1204);
	expectNothingLeft(scene, 1);
});

test('a backup that is cancelled while threads are at work leaves nothing, and nothing open', async () => {
	const scene = makeScene();
	const tasks = await countTasks(scene);
	const moments = [...tasks].flatMap(([name, count]) =>
		Array.from({length: count}, (_, index): Task => ({name, number: index + 1})),
	);
	expect(moments.length).toBeGreaterThan(15);
	for (const moment of sampled(moments, 12)) {
		let cancel = (): void => undefined;
		const {outcome} = await scene.create(
			{
				startPool: watchedThreads(({name, number}) => {
					if (name === moment.name && number === moment.number) {
						cancel();
					}
				}),
			},
			begun => {
				cancel = begun;
			},
		);
		expect({moment, outcome}).toEqual({moment, outcome: 'cancelled'});
		expectNothingLeft(scene);
		counts.add(`cancelled at ${moment.name}`);
	}

	expect(resultOf(await scene.create({startPool: threads})).files).toBe(1204);
});

test('a disk that is full while threads are at work ends the backup, and nothing of it is left', async () => {
	const scene = makeScene();
	let failed = 0;
	for (let number = 1; ; number++) {
		const failing = makeFailingDisk(systemDisk, {call: 'write', number, code: 'ENOSPC'});
		const finished = await scene.create({startPool: threads, disk: failing.disk});
		if (!failing.hasFailed()) {
			expect(finished.outcome).toBe('done');
			break;
		}

		// Notes beside a finished backup may fail without harm.
		if (finished.outcome === 'done') {
			rmSync(scene.store, {recursive: true});
			continue;
		}

		expect({number, code: finished.error?.code}).toEqual({number, code: 'no-space'});
		expectNothingLeft(scene);
		failed++;
		counts.add('full disks beside threads');
	}

	expect(failed).toBeGreaterThan(4);
});

test('what a thread cannot read is left out and told, and all the rest is whole', async () => {
	const scene = makeScene();
	const whole = await readUploads(resultOf(await scene.create({startPool: threads})));
	for (const [code, words] of [
		['EIO', /input\/output/u],
		['EACCES', /permission/u],
	] as const) {
		for (const reads of isFull ? [0, 1, 2, 3, 10, 100, 400, 600, 605] : [0, 3, 400, 605]) {
			rmSync(scene.store, {recursive: true});
			const program = writeFaultyHelper(root, helper, {type: 'read', reads, code});
			const result = resultOf(await scene.create({startPool: () => startThreadPool(program, 2)}));
			const found = await readUploads(result);
			const missing = [...whole.keys()].filter(name => !found.has(name));
			expect(missing.length).toBeGreaterThan(0);
			expect(result.skipped.map(({path}) => path).toSorted()).toEqual(
				missing.map(name => `uploads/${name}`).toSorted(),
			);
			for (const {reason} of result.skipped) {
				expect(reason).toMatch(words);
			}

			for (const [name, entry] of found) {
				expect({name, ...entry}).toEqual({name, ...whole.get(name)});
			}

			expect(result.backup.health.type).toBe('partial');
			expectNothingLeft(scene, 1);
			counts.add('files left out that could not be read', missing.length);
		}
	}
});

type Change = {
	readonly title: string;
	/** Before these pieces of the large file are asked for, counted over all attempts. */
	readonly pieces: readonly number[];
	readonly change: (path: string) => void;
	/** What its entry holds then. */
	readonly content: (path: string) => Buffer | null;
	readonly told: string | null;
};

const torn = 'It kept changing while it was read; it may be torn.';
const now = (path: string): Buffer => readFileSync(path);
const rewrite = (path: string): void => {
	writeFileSync(path, contentOf({kind: 'text', bytes: largeBytes, seed: 3}), {flag: 'r+'});
	utimesSync(path, 1_700_000_000, 1_700_000_000);
};

const changes: readonly Change[] = [
	...(isFull
		? [0, 1, piece - 1, piece, piece + 1, 2 * piece, 3 * piece, 3 * piece + 5, largeBytes - 1]
		: [0, piece + 1, 3 * piece, 3 * piece + 5]
	).map(
		(bytes): Change => ({
			title: `shrinks to ${bytes} bytes`,
			pieces: [4],
			change: path => truncateSync(path, bytes),
			content: now,
			told: null,
		}),
	),
	{title: 'grows', pieces: [3], change: path => appendFileSync(path, large), content: now, told: null},
	{
		title: 'is written over at the same size, with its date put back',
		pieces: [4],
		change: rewrite,
		content: now,
		told: null,
	},
	{
		title: 'is replaced by another file, which leaves the one that is being read as it is',
		pieces: [4],
		change(path) {
			writeFileSync(`${path}.new`, 'another\n');
			renameSync(`${path}.new`, path);
		},
		content: () => large,
		told: null,
	},
	{title: 'vanishes', pieces: [4], change: unlinkSync, content: () => large, told: null},
	{
		title: 'shrinks and grows again and again',
		pieces: Array.from({length: 40}, (_, index) => index + 3),
		change(path) {
			const {length} = readFileSync(path);
			truncateSync(path, length > 4 * piece ? 3 * piece - 7 : largeBytes);
		},
		content: () => null,
		told: torn,
	},
	{
		title: 'never stops growing',
		pieces: Array.from({length: 200}, (_, index) => index + 2),
		change: path => appendFileSync(path, 'M105\n'),
		content: () => null,
		told: torn,
	},
];

test.each(changes)('a large file that $title while its pieces are read', async ({pieces, change, content, told}) => {
	const scene = makeScene(250);
	const path = scene.file('b-large.gcode');
	const wanted = new Set(pieces);
	let changed = 0;
	const startPool = watchedThreads(({name, number}) => {
		if (name === 'pack-piece' && wanted.has(number)) {
			change(path);
			changed++;
		}
	});
	const result = resultOf(await scene.create({startPool}));
	expect(changed).toBeGreaterThan(0);
	const found = await readUploads(result);
	const expected = content(path);
	if (expected) {
		expect(found.get('b-large.gcode')).toMatchObject({bytes: expected.length, sha256: hash('sha256', expected)});
	} else {
		expect(found.get('b-large.gcode')?.bytes).toBeGreaterThan(0);
	}

	expect(result.skipped).toEqual(told === null ? [] : [{path: 'uploads/b-large.gcode', reason: told}]);
	// What came after it is where it should be.
	expect(found.size).toBe(253);
	expect(found.get('d-last.gcode')?.sha256).toBe(hash('sha256', 'M84\n'));
	expectNothingLeft(scene, 1);
	counts.add('large files that changed', changed);
});

test('small files that become other things before a thread opens them', async () => {
	const scene = makeScene();
	const before = await readUploads(resultOf(await scene.create({startPool: threads})));
	rmSync(scene.store, {recursive: true});
	const path = (number: number): string => scene.file(`a-${String(number).padStart(4, '0')}.gcode`);
	const isChanged = new Set(['0300', '0301', '0302', '0303', '0304', '0305', '0306']);
	let isDone = false;
	const startPool = watchedThreads(({name, input}) => {
		// They are in one batch: by then the scan has seen all of them, and no thread any.
		if (isDone || name !== 'pack-files' || !(input as PackFilesInput).files.some(({source}) => source === path(306))) {
			return;
		}

		isDone = true;
		for (const number of [300, 301, 302, 303, 304, 305, 306]) {
			unlinkSync(path(number));
		}

		// 300 is gone.
		execFileSync('mkfifo', [path(301)]);
		mkdirSync(path(302));
		symlinkSync('b-large.gcode', path(303));
		symlinkSync('nowhere', path(304));
		writeFileSync(path(305), large);
		makeDatabase(path(306), 50);
	});
	const result = resultOf(await scene.create({startPool}));
	expect(isDone).toBe(true);
	const found = await readUploads(result);
	const nameOf = (number: string): string => `a-${number}.gcode`;
	const reasons = new Map(result.skipped.map(({path: skipped, reason}) => [skipped, reason]));
	const noFile = 'It is no ordinary file any more.';
	expect(Object.fromEntries(reasons)).toEqual({
		[`uploads/${nameOf('0301')}`]: noFile,
		[`uploads/${nameOf('0302')}`]: noFile,
	});
	expect(result.notes.filter(note => note.includes('vanished')).length).toBe(2);
	for (const number of ['0303', '0305']) {
		expect(found.get(nameOf(number))).toMatchObject({bytes: largeBytes, sha256: hash('sha256', large)});
	}

	const copy = join(root, 'copy.db');
	const content = await contentIn(result, `${uploadsName}/${nameOf('0306')}`);
	writeFileSync(copy, content);
	expect(dumpDatabase(copy)).toBe(dumpDatabase(path(306)));
	for (const [name, entry] of before) {
		if (!isChanged.has(name.slice(2, 6))) {
			expect({name, ...found.get(name)}).toEqual({name, ...entry});
		}
	}

	expectNothingLeft(scene, 1);
});

test('a large file that becomes a database while its pieces are read is taken as a consistent copy', async () => {
	const scene = makeScene(5);
	const path = scene.file('b-large.gcode');
	const database = scene.file('z.db');
	makeDatabase(database, 40_000);
	const bytes = readFileSync(database);
	unlinkSync(database);
	expect(bytes.length).toBeGreaterThan(2 * piece);
	let isDone = false;
	const result = resultOf(
		await scene.create({
			startPool: watchedThreads(({name, number}) => {
				if (name === 'pack-piece' && number === 4 && !isDone) {
					isDone = true;
					writeFileSync(path, bytes);
				}
			}),
		}),
	);
	expect(isDone).toBe(true);
	const {files} = parseManifest(await contentIn(result, 'printkeep.json'));
	const tables = files.find(({path: name}) => name.endsWith('b-large.gcode'))?.tables;
	expect(tables).toEqual({prints: 40_000, spools: 40_000});
});
