/** Names that are exchanged in a single step, where the system can do that; and death between that step and what follows it. */
import {spawnSync} from 'node:child_process';
import {
	copyFileSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statfsSync,
	writeFileSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, onTestFinished, test} from 'vitest';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {createExchange} from '../../../source/engine/exchange.js';
import {findPending, recoverInterrupted} from '../../../source/engine/restore/recover.js';
import {makeMortalDisk} from '../../helpers/mortal-disk.js';
import {isolatedEnvironment} from '../../helpers/run-printkeep.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {change, fastDirectory, restoring, small, snapshot, sweep, treeOf, undoing} from './death-sweep.js';

/** Puts a program called `exch` first on the search path until the test ends. */
const withProgram = (text: string | null): string => {
	const folder = temporaryDirectory();
	if (text === null) {
		copyFileSync(fileURLToPath(new URL('../../helpers/exch.py', import.meta.url)), join(folder, 'exch'));
	} else {
		writeFileSync(join(folder, 'exch'), text, {mode: 0o755});
	}

	const before = process.env.PATH;
	process.env.PATH = `${folder}:${before}`;
	onTestFinished(() => {
		process.env.PATH = before;
	});
	return process.env.PATH;
};

/** An exchange as fast as a test with hundreds of restores needs it; nobody looks while it is at work. */
const quickly = (counts: {done: number}, isRefused: () => boolean = () => false): Disk => ({
	...systemDisk,
	exchange(first, second) {
		if (isRefused()) {
			return false;
		}

		counts.done++;
		const third = `${String(second)}.third`;
		renameSync(first, third);
		renameSync(second, first);
		renameSync(third, second);
		return true;
	},
});

const tmpfs = 0x0102_1994;
const hasShm = existsSync('/dev/shm') && statfsSync('/dev/shm').type === tmpfs;

test('what the program of the system does is used, with any names', () => {
	withProgram(null);
	const exchange = createExchange();
	const root = temporaryDirectory();
	const [first, second] = [join(root, '-rf "a'), join(root, 'b c $HOME \n;')];
	mkdirSync(first);
	writeFileSync(join(first, 'inside'), 'one');
	writeFileSync(second, 'two');
	expect(exchange?.(first, second)).toBe(true);
	expect(readFileSync(first, 'utf8')).toBe('two');
	expect(readFileSync(join(second, 'inside'), 'utf8')).toBe('one');
	expect(exchange?.(first, join(root, 'missing'))).toBe(false);
	expect(exchange?.(Buffer.from([...Buffer.from(`${root}/`), 0xff]), second)).toBe(false);
	expect(readdirSync(root)).toHaveLength(2);
});

test('another program of that name is not used', () => {
	withProgram('#!/bin/sh\necho "exch 1.0: currency rates"\n');
	expect(createExchange()).toBeUndefined();
});

test('a program that only says it did it is found out, and the names are moved in two steps', async () => {
	withProgram('#!/bin/sh\necho util-linux\n');
	const exchange = createExchange();
	expect(exchange).toBeDefined();
	const scene = small(join(fastDirectory(), 'root'));
	const backup = await scene.create();
	change(scene.instance);
	await scene.restore(backup, {disk: {...systemDisk, exchange}});
	const once = treeOf(scene.instance);
	await scene.restore(backup);
	expect(treeOf(scene.instance)).toEqual(once);
});

describe.runIf(hasShm)('dying at every step with exchanges', () => {
	test.each([
		['a restore', restoring],
		['an undo', undoing],
	] as const)(
		'%s leaves the old tree or the new one',
		async (_, prepare) => {
			const counts = {done: 0};
			const {deaths, outcomes} = await sweep({prepare, root: join(fastDirectory(), 'root'), disk: quickly(counts)});
			expect(deaths).toBeGreaterThan(40);
			expect(counts.done).toBeGreaterThan(100);
			expect(outcomes.get('finished')).toBeGreaterThan(5);
		},
		60_000,
	);

	test('an exchange that is refused from some point on', async () => {
		const counts = {done: 0};
		for (let allowed = 0; allowed < 4; allowed++) {
			const scene = small(join(fastDirectory(), 'root'));
			const backup = await scene.create();
			change(scene.instance);
			await scene.restore(backup);
			const good = treeOf(scene.instance);
			await scene.undo();
			const bad = treeOf(scene.instance);
			let tries = 0;
			const disk = quickly(counts, () => tries++ >= allowed);
			await scene.restore(backup, {disk});
			expect(treeOf(scene.instance)).toEqual(good);
			expect(tries).toBeGreaterThan(allowed);
			await scene.undo();
			expect(treeOf(scene.instance)).toEqual(bad);
		}
	});

	test('a recovery can die at every step, and need not have the program', async () => {
		const root = join(fastDirectory(), 'root');
		const scene = small(root);
		const backup = await scene.create();
		change(scene.instance);
		snapshot(root, `${root}-saved`);
		const before = treeOf(scene.instance);
		const counts = {done: 0};
		await scene.restore(backup, {disk: quickly(counts)});
		const after = treeOf(scene.instance);
		const ways = {forward: 0, back: 0};
		for (let lives = 0; ; lives++) {
			snapshot(`${root}-saved`, root);
			const first = makeMortalDisk(lives, quickly(counts));
			await scene.restore(backup, {disk: first.disk}).catch(() => undefined);
			if (!first.isDead()) {
				break;
			}

			const pending = findPending(scene.target.instance);
			// Every fifth state, to keep this short.
			if (pending?.journal.phase !== 'forward' || pending.journal.format !== 2 || lives % 5 !== 0) {
				continue;
			}

			for (let steps = 0; ; steps += 5) {
				// No copy of a crashed tree: in one, everything has other numbers.
				snapshot(`${root}-saved`, root);
				await scene.restore(backup, {disk: makeMortalDisk(lives, quickly(counts)).disk}).catch(() => undefined);
				const second = makeMortalDisk(steps, {...systemDisk, exchange: undefined});
				await recoverInterrupted({...scene.ports, disk: second.disk}, scene.target.instance).catch(() => undefined);
				await recoverInterrupted(scene.ports, scene.target.instance);
				const isNew = JSON.stringify(treeOf(scene.instance)) === JSON.stringify(after);
				ways[isNew ? 'forward' : 'back']++;
				if (!isNew) {
					expect(treeOf(scene.instance), `dead after ${lives}, recovery dead after ${steps}`).toEqual(before);
				}

				if (!second.isDead()) {
					break;
				}
			}
		}

		expect(ways.forward).toBeGreaterThan(12);
		rmSync(`${root}-saved`, {recursive: true});
	}, 60_000);
});

test.runIf(hasShm)(
	'a copy of a data folder in pieces is left alone, since nothing tells old from new in it',
	async () => {
		const root = join(fastDirectory(), 'root');
		const scene = small(root);
		const backup = await scene.create();
		change(scene.instance);
		snapshot(root, `${root}-saved`);
		let refused = 0;
		for (let lives = 0; ; lives++) {
			snapshot(`${root}-saved`, root);
			const {disk, isDead} = makeMortalDisk(lives, quickly({done: 0}));
			await scene.restore(backup, {disk}).catch(() => undefined);
			if (!isDead()) {
				break;
			}

			const pending = findPending(scene.target.instance);
			if (pending?.journal.phase !== 'forward') {
				continue;
			}

			snapshot(root, `${root}-copy`);
			snapshot(`${root}-copy`, root);
			const copied = treeOf(scene.instance);
			try {
				await recoverInterrupted(scene.ports, scene.target.instance);
			} catch (error) {
				refused++;
				expect(error).toMatchObject({code: 'needs-recovery', message: expect.stringContaining('copied')});
				expect(treeOf(scene.instance)).toEqual(copied);
				expect(findPending(scene.target.instance)).toEqual(pending);
			}
		}

		expect(refused).toBeGreaterThan(2);
	},
	60_000,
);

test.runIf(hasShm)(
	'kill -9 right after an exchange by the program of the system',
	async () => {
		const path = withProgram(null);
		const program = fileURLToPath(new URL('../../helpers/die-in-exchange.ts', import.meta.url));
		const root = join(fastDirectory(), 'root');
		const scene = small(root);
		const backup = await scene.create();
		change(scene.instance);
		snapshot(root, `${root}-saved`);
		await scene.restore(backup);
		const good = treeOf(scene.instance);
		for (const number of [1, 2]) {
			snapshot(`${root}-saved`, root);
			const {dataFolder} = scene.instance;
			const {signal, stderr} = spawnSync(
				process.execPath,
				['--import', 'tsx', program, dataFolder, scene.target.store, backup, String(number), join(root, 'state')],
				{
					env: {...isolatedEnvironment(join(dirname(root), 'home')), PATH: path},
					cwd: fileURLToPath(new URL('../../..', import.meta.url)),
					encoding: 'utf8',
				},
			);
			expect([signal, stderr]).toEqual(['SIGKILL', '']);
			const pending = findPending(scene.target.instance);
			expect(pending?.journal).toMatchObject({phase: 'forward', format: 2});
			const marked = pending?.journal.moves.filter(({staged}) => staged !== undefined) ?? [];
			// The old thing lies where the new one was staged.
			const exchanged = marked.filter(
				({place, path: name, staged}) =>
					pending &&
					lstatSync(join(pending.journal.places[place]?.work ?? '', pending.journal.stageName, name), {
						bigint: true,
						throwIfNoEntry: false,
					})?.ino.toString() !== staged,
			);
			expect(exchanged).toHaveLength(number);
			expect(await recoverInterrupted(scene.ports, scene.target.instance)).toMatchObject({type: 'finished'});
			expect(treeOf(scene.instance)).toEqual(good);
		}
	},
	60_000,
);
