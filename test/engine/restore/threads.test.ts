/** Restores whose files are unpacked by helper threads: the same trees as without, and nothing left where one is cut off. */
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, readdirSync, readlinkSync, rmSync, statfsSync, truncateSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import fc from 'fast-check';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {readGauge} from '../../../source/engine/pool/gauge.js';
import {type Pool, startThreadPool} from '../../../source/engine/pool/pool.js';
import type {TaskInput} from '../../../source/engine/pool/tasks.js';
import {PrintkeepError} from '../../../source/errors.js';
import {digestTree} from '../../helpers/digest-tree.js';
import {bundleHelper} from '../../helpers/helper-threads.js';
import {contentOf, makeTree, treeArbitrary} from '../../helpers/random-tree.js';
import {makeTemporaryDirectory, removeDirectory} from '../../helpers/temporary.js';
import {newScene, type Scene} from './scene.js';

const folder = makeTemporaryDirectory();
let helper = new URL('file:///');

beforeAll(async () => {
	helper = await bundleHelper(folder);
});

afterAll(() => {
	removeDirectory(folder);
});

const withThreads = async <Result>(count: number, use: (pool: Pool) => Promise<Result>, url = helper) => {
	const pool = startThreadPool(url, count);
	try {
		return await use(pool);
	} finally {
		await pool.close();
	}
};

/** A pool that is told of every task before it is begun. */
const watched = (pool: Pool, onTask: (name: string, input: unknown, number: number) => void): Pool => {
	let tasks = 0;
	return {
		...pool,
		async run(name, input, transfer) {
			onTask(name, input, tasks++);
			return pool.run(name, input, transfer);
		},
	};
};

/** Files of a scene that this process has open. */
const openFiles = ({root}: Scene): readonly string[] =>
	readdirSync('/proc/self/fd').flatMap(descriptor => {
		try {
			const path = readlinkSync(join('/proc/self/fd', descriptor));
			return path.startsWith(root) ? [path] : [];
		} catch {
			// The one this was read with.
			return [];
		}
	});

/** A tree without the date of its top, which is made anew. */
const treeOf = (path: string) => ({...digestTree(path), '.': null});

const largeBytes = 5 * 1024 * 1024;

/** Files that make several batches, and two that are too large for one: one that shrinks, one that does not. */
const fill = ({instance}: Scene): void => {
	const uploads = join(instance.dataFolder, 'uploads/many');
	for (let index = 0; index < 300; index++) {
		const path = join(uploads, String(index % 7), `${index}.gcode`);
		mkdirSync(dirname(path), {recursive: true});
		writeFileSync(path, contentOf({kind: 'text', bytes: index * 40, seed: index}));
	}

	writeFileSync(join(uploads, 'large.gcode'), contentOf({kind: 'text', bytes: largeBytes, seed: 1}));
	writeFileSync(join(uploads, 'large.bin'), contentOf({kind: 'noise', bytes: largeBytes, seed: 2}));
};

test('random trees are restored as without threads, elsewhere and in place', async () => {
	let batches = 0;
	let large = 0;
	const count = (name: string): void => {
		batches += name === 'unpack-files' ? 1 : 0;
		large += name === 'unpack-large' ? 1 : 0;
	};
	await fc.assert(
		fc.asyncProperty(treeArbitrary, async tree => {
			const scene = newScene();
			fill(scene);
			const uploads = join(scene.instance.dataFolder, 'uploads/tree');
			mkdirSync(uploads);
			makeTree(uploads, tree);
			const backup = await scene.create();
			await scene.restore(backup, {to: join(scene.root, 'inline')});
			const expected = treeOf(join(scene.root, 'inline'));
			const to = join(scene.root, 'threads');
			await withThreads(3, async pool => scene.restore(backup, {to, pool: watched(pool, count)}));
			expect(treeOf(to)).toEqual(expected);
			rmSync(uploads, {recursive: true});
			rmSync(join(scene.instance.dataFolder, 'uploads/many'), {recursive: true});
			await withThreads(2, async pool => scene.restore(backup, {pool: watched(pool, count)}));
			expect(treeOf(join(scene.instance.dataFolder, 'uploads'))).toEqual(treeOf(join(scene.root, 'inline/uploads')));
		}),
		{numRuns: 1, endOnFailure: true},
	);
	expect(batches).toBeGreaterThan(10);
	expect(large).toBeGreaterThan(3);
});

/** What must be as if nothing had been tried. */
const stateOf = (scene: Scene) => ({
	data: digestTree(scene.instance.dataFolder),
	root: readdirSync(scene.root).filter(name => name.startsWith('.printkeep') || name.startsWith('to')),
	open: openFiles(scene),
});

test('a cancelled restore stops its threads, in a large file as well, and leaves neither files nor open descriptors', async () => {
	const scene = newScene();
	fill(scene);
	const backup = await scene.create();
	rmSync(join(scene.instance.dataFolder, 'uploads/many'), {recursive: true});
	for (const stop of ['unpack-files', 'unpack-large']) {
		await withThreads(2, async pool => {
			const before = stateOf(scene);
			const controller = new AbortController();
			let large: TaskInput<'unpack-large'> | undefined;
			const cancelling = watched(pool, (name, input, number) => {
				if (name === stop && number > 1) {
					controller.abort();
					large = name === 'unpack-large' ? (input as TaskInput<'unpack-large'>) : undefined;
				}
			});
			await expect(scene.restore(backup, {pool: cancelling, signal: controller.signal})).rejects.toMatchObject({
				code: 'cancelled',
			});
			expect(stateOf(scene)).toEqual(before);
			if (stop === 'unpack-large') {
				expect(large && readGauge(large.gauge)).toBeLessThan(largeBytes);
			}
		});
	}
});

test('a large file is not unpacked to its end when another file has failed, which is what is told', async () => {
	const scene = newScene();
	const path = join(scene.instance.dataFolder, 'uploads/huge.gcode');
	const bytes = 64 * 1024 * 1024;
	writeFileSync(path, '');
	truncateSync(path, bytes);
	const backup = await scene.create();
	await withThreads(2, async pool => {
		let huge: TaskInput<'unpack-large'> | undefined;
		const {promise: begun, resolve: begin} = Promise.withResolvers<void>();
		const failing: Pool = {
			...pool,
			async run(name, input, transfer) {
				if (name === 'unpack-large') {
					huge = input as TaskInput<'unpack-large'>;
					begin();
				} else if (name === 'unpack-files') {
					await begun;
					throw new PrintkeepError('no-space', 'Injected.');
				}

				return pool.run(name, input, transfer);
			},
		};
		await expect(scene.restore(backup, {to: join(scene.root, 'to'), pool: failing})).rejects.toMatchObject({
			code: 'no-space',
			message: expect.stringContaining('Injected.'),
		});
		expect(huge && readGauge(huge.gauge)).toBeLessThan(bytes);
	});
});

test('a thread that dies ends the restore with nothing changed, and nothing is written after that', async () => {
	const scene = newScene();
	fill(scene);
	const backup = await scene.create();
	rmSync(join(scene.instance.dataFolder, 'uploads/many'), {recursive: true});
	const {data, root} = stateOf(scene);
	const mortal = join(folder, 'mortal.mjs');
	writeFileSync(
		mortal,
		`import {parentPort, threadId} from 'node:worker_threads';
		let tasks = 0;
		parentPort.on('message', ({name}) => { if (name === 'unpack-files' && ++tasks === 2) process.exit(1); });
		await import(${JSON.stringify(helper.href)});`,
	);
	await withThreads(
		3,
		async pool => {
			await expect(scene.restore(backup, {pool})).rejects.toMatchObject({code: 'engine-crashed'});
			expect(stateOf(scene)).toMatchObject({data, root});
		},
		pathToFileURL(mortal),
	);
	expect(stateOf(scene)).toMatchObject({data, root});
	await scene.restore(backup);
	expect(readdirSync(join(scene.instance.dataFolder, 'uploads/many'))).toHaveLength(9);
});

test('a disk that becomes full in a thread is told as that, and the destination is gone again', async context => {
	const scene = newScene();
	fill(scene);
	const backup = await scene.create();
	const disk = join(scene.root, 'disk');
	mkdirSync(disk);
	if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'printkeep-test', disk]).status !== 0) {
		context.skip();
	}

	try {
		await withThreads(2, async pool => {
			const filling = watched(pool, (_name, _input, number) => {
				if (number === 1) {
					const {bavail, bsize} = statfsSync(disk);
					writeFileSync(join(disk, 'filler'), Buffer.alloc((bavail - 50) * bsize));
				}
			});
			await expect(scene.restore(backup, {to: join(disk, 'to'), pool: filling})).rejects.toMatchObject({
				code: 'no-space',
			});
			expect(readdirSync(disk)).toEqual(['filler']);
			expect(openFiles(scene)).toEqual([]);
		});
	} finally {
		execFileSync('umount', [disk]);
	}
});
