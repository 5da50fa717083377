/** Runs every operation on a disk with a little more room each time, from none to enough: it says that the disk is full, or it is done. Never something between. */
import {execFileSync, spawnSync} from 'node:child_process';
import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	rmSync,
	statfsSync,
	writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {parseJsonLines} from '../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {createCounts, sampled} from './counts.js';
import {
	checkCleaned,
	checkIntact,
	expectSuccess,
	finishedKeys,
	firstKey,
	makeScene,
	type Scene,
	unfinishedThings,
} from './fault-scene.js';
import {inParallel} from './in-parallel.js';
import {type Operation, operations, secondKey} from './traced-operations.js';

const counts = createCounts('full disk');
const root = makeTemporaryDirectory();
/** Bytes of a page, in which tmpfs gives out its room. */
const page = 4096;
const roomyBytes = 256 * 1024 * 1024;

/** A tmpfs whose size is set to what is used and so much more. Only root can have one; elsewhere this suite is skipped. */
const mount = (path: string): void => {
	mkdirSync(path, {recursive: true});
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${roomyBytes},mode=0755`, 'printkeep-test', path]);
};

const canMount = (() => {
	const path = join(root, 'try');
	mkdirSync(path);
	const can = spawnSync('mount', ['-t', 'tmpfs', 'printkeep-test', path]).status === 0;
	if (can) {
		execFileSync('umount', [path]);
	} else if (process.env.CI === 'true' && process.getuid?.() === 0) {
		throw new Error('tmpfs cannot be mounted here, and a proof that is skipped proves nothing');
	} else {
		console.warn('SKIPPED: no tmpfs can be mounted here, so full disks are not tested');
	}

	return can;
})();

const resize = (path: string, bytes: number): void => {
	execFileSync('mount', ['-o', `remount,size=${bytes}`, path]);
};

const leaveFree = (path: string, pages: number): void => {
	const {blocks, bfree, bsize} = statfsSync(path);
	resize(path, (blocks - bfree) * bsize + pages * page);
};

/** A file system with blocks, as boards have them, in a file of its own; null where none can be had. */
const extPlace = ((): string | null => {
	const image = join(root, 'ext4.image');
	const place = join(root, 'ext4');
	mkdirSync(place);
	closeSync(openSync(image, 'w'));
	const can =
		canMount &&
		[
			['truncate', '-s', '144M', image],
			// Nothing is kept for root.
			['mkfs.ext4', '-q', '-F', '-m', '0', image],
			['mount', '-o', 'loop', image, place],
		].every(([program = '', ...args]) => spawnSync(program, args).status === 0);
	if (!can) {
		console.warn('SKIPPED: no ext4 can be mounted here, so full disks are tested on tmpfs alone');
	}

	return can ? place : null;
})();

/** Writes a file until nothing more goes into it. @returns what removes it */
const fill = (path: string): (() => void) => {
	const descriptor = openSync(path, 'w');
	for (const bytes of [1024 * 1024, page, 512]) {
		const chunk = Buffer.alloc(bytes, 'x');
		try {
			for (;;) {
				writeSync(descriptor, chunk);
			}
		} catch (error) {
			expect(error).toMatchObject({code: 'ENOSPC'});
		}
	}

	closeSync(descriptor);
	execFileSync('sync', ['-f', path]);
	return () => rmSync(path);
};

type Lane = {readonly disk: string; readonly scene: Scene};
const mounted: string[] = [];
let lanes: readonly Lane[] = [];
if (extPlace !== null) {
	mounted.push(extPlace);
}

/** A scene on a disk, on which nothing is kept free on purpose: that would refuse everything that is tried here. */
const makeLane = async (disk: string, template: string): Promise<Lane> => {
	const scene = await makeScene(disk, {template});
	expectSuccess(await scene.printkeep('config', 'set', 'keep-free', '0 MB'));
	scene.keep();
	return {disk, scene};
};

const makeExtLane = async (): Promise<Lane> => makeLane(extPlace ?? root, join(root, 'template-ext4'));

beforeAll(async () => {
	if (canMount) {
		lanes = await Promise.all(
			[1, 2].map(async number => {
				const disk = join(root, `disk-${number}`);
				mount(disk);
				mounted.push(disk);
				return makeLane(disk, join(root, `template-${number}`));
			}),
		);
	}
});

afterAll(() => {
	for (const disk of mounted) {
		execFileSync('umount', ['-l', disk]);
	}

	removeDirectory(root);
	counts.tell();
});

/** Pages from nothing to more than an operation can want, closer together where little is left. */
const roomsUpTo = (pages: number): readonly number[] => Array.from({length: pages + 1}, (_, index) => index);

type Settled = {readonly error?: {readonly code: string; readonly message: string}};

const run = async (operation: Operation, pages: number, {disk, scene}: Lane) => {
	leaveFree(disk, pages);
	const output = await scene.printkeep(...operation.args(scene), '--json');
	const last = parseJsonLines(output.stdout).at(-1) as Settled | undefined;
	resize(disk, roomyBytes);
	return {...output, why: last?.error?.code};
};

describe.runIf(canMount)('with little room', () => {
	for (const operation of operations) {
		test(`${operation.name}: done, or refused for want of room with nothing changed`, async () => {
			const outcomes = {done: 0, refused: 0};
			// Made ready once; what it needs, and the states it may end in, are taken from a run with room.
			const prepared = await Promise.all(
				lanes.map(async ({disk, scene}) => {
					scene.reset();
					await operation.prepare(scene);
					const kept = join(root, `prepared-${operation.name}-${scene.place.replaceAll('/', '-')}`);
					execFileSync('cp', ['-a', scene.place, kept]);
					const before = scene.look();
					const used = statfsSync(disk);
					expectSuccess(await scene.printkeep(...operation.args(scene)));
					const after = scene.look();
					const needed = Math.max(0, used.bfree - statfsSync(disk).bfree);
					const reset = (): void => {
						rmSync(scene.place, {recursive: true, force: true});
						execFileSync('cp', ['-a', kept, scene.place]);
					};

					return {disk, scene, before, after, needed, reset};
				}),
			);
			const most = (prepared[0]?.needed ?? 0) + 160;
			await inParallel(sampled(roomsUpTo(most), 14), prepared, async (pages, place, explain) => {
				const {scene, before, after, reset} = place;
				reset();
				const {code, stderr, why} = await run(operation, pages, place);
				explain(`${pages} of ${most} pages free: exit code ${code} ${why ?? ''}: ${stderr}`);
				expect(stderr).not.toMatch(/\n\s+at |went wrong inside/u);
				expect([0, 13]).toContain(code);
				outcomes[code === 0 ? 'done' : 'refused'] += 1;
				counts.add(`${operation.name}: ${code === 0 ? 'done' : 'refused'}`);
				if (code === 13) {
					expect(why).toBe('no-space');
				}

				// A full disk can still remove what it could not finish.
				expect(unfinishedThings(scene)).toEqual([]);
				const state = await checkIntact(scene, [before, after]);
				expect(operation.isDone(scene, state === 1)).toBe(code === 0);
				await checkCleaned(scene);
			});
			expect(outcomes.done).toBeGreaterThan(0);
			expect(outcomes.refused).toBeGreaterThan(0);
		});
	}

	/** Nothing can be written on the disk any more; calling what is returned gives the room back. */
	const fillings: readonly (readonly [string, (lane: Lane) => () => void])[] = [
		[
			'tmpfs',
			({disk}) => {
				leaveFree(disk, 0);
				return () => resize(disk, roomyBytes);
			},
		],
		['ext4', ({disk}) => fill(join(disk, 'filling'))],
	];

	for (const [name, fillUp] of fillings) {
		test.skipIf(name === 'ext4' && extPlace === null)(`what frees room needs none, on ${name}`, async () => {
			const lane = name === 'ext4' ? await makeExtLane() : (lanes[0] as Lane);
			const {scene} = lane;
			scene.reset();
			for (const key of [secondKey, 'third.zip', 'fourth.zip']) {
				expectSuccess(await scene.printkeep('backup', '--no-nice', '--name', key));
			}

			expectSuccess(await scene.printkeep('delete', 'fourth.zip', '--yes'));
			const live = scene.look();
			const giveBack = fillUp(lane);
			expect(statfsSync(lane.disk).bavail).toBe(0);
			const intoTrash = await scene.printkeep('delete', secondKey, '--yes');
			// It is the record of what goes into the trash that has no room.
			expect([intoTrash.code, finishedKeys(scene)]).toEqual([13, [firstKey, secondKey, 'third.zip']]);
			expect(intoTrash.stderr).toContain('printkeep delete --permanently');
			expect(unfinishedThings(scene)).toEqual([]);
			expectSuccess(await scene.printkeep('delete', secondKey, '--permanently', '--yes'));
			expect(finishedKeys(scene)).toEqual([firstKey, 'third.zip']);
			giveBack();
			const giveBackAgain = fillUp(lane);
			expect(statfsSync(lane.disk).bavail).toBe(0);
			expectSuccess(await scene.printkeep('trash', 'empty', '--yes'));
			expect(existsSync(join(scene.store, '.printkeep-trash'))).toBe(false);
			giveBackAgain();
			expect(unfinishedThings(scene)).toEqual([]);
			expect(await checkIntact(scene, [live], [firstKey, 'third.zip'])).toBe(0);
			counts.add(`deleted for good with nothing free, on ${name}`);
		});
	}

	test('settings: the old or the new, and never none', async () => {
		const [{disk, scene}] = lanes as readonly [Lane];
		scene.reset();
		expectSuccess(await scene.printkeep('config', 'set', 'overdue-after', '30'));
		const folder = join(scene.home, '.config/printkeep');
		const settingsFile = join(folder, readdirSync(folder).find(name => name.endsWith('.json')) ?? '');
		const outcomes = {done: 0, refused: 0};
		for (const pages of [0, 1, 2, 8, 64, 512]) {
			const old = readFileSync(settingsFile, 'utf8');
			leaveFree(disk, pages);
			const {code, stderr} = await scene.printkeep('config', 'set', 'overdue-after', String(40 + pages));
			resize(disk, roomyBytes);
			outcomes[code === 0 ? 'done' : 'refused'] += 1;
			counts.add(`settings: ${code === 0 ? 'done' : 'refused'}`);
			expect([0, 13], stderr).toContain(code);
			const text = readFileSync(settingsFile, 'utf8');
			expect(() => JSON.parse(text)).not.toThrow();
			expect(text === old).toBe(code !== 0);
			expect((await scene.printkeep('config', 'get', 'overdue-after')).code).toBe(0);
		}

		expect(outcomes.done).toBeGreaterThan(0);
		expect(outcomes.refused).toBeGreaterThan(0);
	});

	test('a restore that had no room works once there is some', async () => {
		const [lane] = lanes as readonly [Lane];
		const {disk, scene} = lane;
		scene.reset();
		leaveFree(disk, 20);
		expect((await scene.printkeep('restore', firstKey, '--yes')).code).toBe(13);
		resize(disk, roomyBytes);
		expectSuccess(await scene.printkeep('restore', firstKey, '--yes'));
		counts.add('restores that succeeded');
	});
});
