/** Runs every operation on a disk with a little more room each time, from none to enough: it says that the disk is full, or it is done. Never something between. */
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync, rmSync, statfsSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {parseJsonLines} from '../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {createCounts, sampled} from './counts.js';
import {
	checkCleaned,
	checkIntact,
	expectSuccess,
	firstKey,
	makeScene,
	type Scene,
	unfinishedThings,
} from './fault-scene.js';
import {inParallel} from './in-parallel.js';
import {type Operation, operations} from './traced-operations.js';

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

type Lane = {readonly disk: string; readonly scene: Scene};
const mounted: string[] = [];
let lanes: readonly Lane[] = [];

beforeAll(async () => {
	if (canMount) {
		lanes = await Promise.all(
			[1, 2].map(async number => {
				const disk = join(root, `disk-${number}`);
				mount(disk);
				mounted.push(disk);
				const scene = await makeScene(disk, {template: join(root, `template-${number}`)});
				// What is kept free on purpose would refuse everything that is tried here.
				expectSuccess(await scene.printkeep('config', 'set', 'keep-free', '0 MB'));
				scene.keep();
				return {disk, scene};
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
			expect(outcomes.refused + (operation.name === 'delete' ? 1 : 0)).toBeGreaterThan(0);
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
