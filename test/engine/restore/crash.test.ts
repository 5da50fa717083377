/**
 * Death at every step: the disk stops working at the Nth changing call, for every N until the job gets through, as it is when the process is killed. Then
 * recovery runs on the real disk; what is there must be exactly the old tree or exactly the new one, and nothing else of printkeep's.
 */
import {readdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {findPending, recoverInterrupted} from '../../../source/engine/restore/recover.js';
import {digestTree, type Tree} from '../../helpers/digest-tree.js';
import {makeMortalDisk} from '../../helpers/mortal-disk.js';
import {
	change,
	fastDirectory,
	restoring,
	restoringAgain,
	small,
	snapshot,
	sweep,
	treeOf,
	undoing,
} from './death-sweep.js';

describe('dying at every step', () => {
	test.each([
		['a restore', restoring],
		['a restore that replaces a rollback copy', restoringAgain],
		['an undo', undoing],
	] as const)(
		'%s leaves the old tree or the new one',
		async (_, prepare) => {
			const {deaths, outcomes} = await sweep({prepare, root: join(fastDirectory(), 'root')});
			expect(deaths).toBeGreaterThan(40);
			expect(outcomes.get('finished')).toBeGreaterThan(5);
		},
		60_000,
	);

	test('recovery can die at every step as well', async () => {
		const root = join(fastDirectory(), 'root');
		const scene = small(root);
		const backup = await scene.create();
		change(scene.instance);
		const saved = `${root}-saved`;
		snapshot(root, saved);
		const before = treeOf(scene.instance);
		await scene.restore(backup);
		const after = treeOf(scene.instance);
		let recoveries = 0;
		const seen = new Set<string>();
		for (let lives = 0; ; lives++) {
			snapshot(saved, root);
			const first = makeMortalDisk(lives);
			await scene.restore(backup, {disk: first.disk}).catch(() => undefined);
			if (!first.isDead()) {
				break;
			}

			// Only states in which something is to be recovered, and every third of them, to keep this short.
			const phase = findPending(scene.target.instance)?.journal.phase ?? 'none';
			if (phase === 'none' || phase === 'staging' || lives % 3 !== 0) {
				continue;
			}

			seen.add(phase);
			snapshot(root, `${root}-crashed`);
			for (let steps = 0; ; steps++) {
				snapshot(`${root}-crashed`, root);
				const second = makeMortalDisk(steps);
				await recoverInterrupted({...scene.ports, disk: second.disk}, scene.target.instance).catch(() => undefined);
				recoveries++;
				await recoverInterrupted(scene.ports, scene.target.instance);
				const tree = treeOf(scene.instance);
				if (JSON.stringify(tree) !== JSON.stringify(after)) {
					expect(tree, `dead after ${lives}, recovery dead after ${steps}`).toEqual(before);
				}

				if (!second.isDead()) {
					break;
				}
			}
		}

		expect(recoveries).toBeGreaterThan(60);
		expect([...seen].sort()).toEqual(['forward', 'swapped']);
	}, 60_000);
});

const withoutFolderTimes = (tree: Tree): Tree =>
	Object.fromEntries(
		Object.entries(tree).map(([path, item]) => [path, item.type === 'directory' ? {...item, modifiedAt: 0} : item]),
	);

describe('the disk says no', () => {
	test('no space, an error, read-only, not allowed, at every step: the job fails, the live data is as it was', async () => {
		const codes = ['ENOSPC', 'EIO', 'EROFS', 'EACCES'];
		const root = join(fastDirectory(), 'root');
		const scene = small(root);
		const backup = await scene.create();
		change(scene.instance);
		const saved = `${root}-saved`;
		snapshot(root, saved);
		const before = treeOf(scene.instance);
		await scene.restore(backup);
		const after = treeOf(scene.instance);
		const names = [
			'create',
			'write',
			'syncFile',
			'syncDirectory',
			'makeDirectory',
			'rename',
			'changeMode',
			'setTimes',
		] as const;
		let failures = 0;
		for (const name of names) {
			for (let number = 1; ; number += 1) {
				snapshot(saved, root);
				let calls = 0;
				let hasFailed = false;
				const original = systemDisk[name] as (...args: unknown[]) => unknown;
				const failing = (...args: unknown[]): unknown => {
					calls++;
					if (calls === number) {
						hasFailed = true;
						const code = codes[failures % codes.length] ?? 'EIO';
						const error = Object.assign(new Error(`${code}: injected`), {code, syscall: name});
						if (name.startsWith('sync')) {
							return Promise.reject(error);
						}

						throw error;
					}

					return original(...args);
				};
				let error: unknown;
				try {
					await scene.restore(backup, {disk: {...systemDisk, [name]: failing}});
				} catch (caught) {
					error = caught;
				}

				if (!hasFailed) {
					break;
				}

				failures++;
				const pending = findPending(scene.target.instance);
				if (pending) {
					// Only tidying was left: the new tree is in place and the message says so.
					expect(pending.journal.phase).toBe('swapped');
					expect(error).toMatchObject({
						code: 'needs-recovery',
						message: expect.stringMatching(/^The backup is restored/),
					});
					await recoverInterrupted(scene.ports, scene.target.instance);
					expect(treeOf(scene.instance)).toEqual(after);
				} else if (error === undefined) {
					// The date of a folder that belongs to somebody else is no reason to fail.
					expect(withoutFolderTimes(treeOf(scene.instance))).toEqual(withoutFolderTimes(after));
				} else {
					expect(error).toMatchObject({name: 'PrintkeepError'});
					expect(treeOf(scene.instance), `${name} ${number}`).toEqual(before);
				}
			}
		}

		expect(failures).toBeGreaterThan(50);
	}, 60_000);
});

test('a restore that fails in the swap and dies while it is taken back ends with the old tree', async () => {
	const root = join(fastDirectory(), 'root');
	const scene = small(root);
	const backup = await scene.create();
	change(scene.instance);
	const saved = `${root}-saved`;
	snapshot(root, saved);
	const before = treeOf(scene.instance);
	let recovered = 0;
	for (let lives = 0; ; lives++) {
		snapshot(saved, root);
		let mortal: ReturnType<typeof makeMortalDisk> | undefined;
		const failing: Disk = {
			...systemDisk,
			rename(from, to) {
				// The first thing on its way in cannot be moved; from here on the steps are counted.
				if (!mortal && String(from).includes('/stage-')) {
					mortal = makeMortalDisk(lives);
					throw Object.assign(new Error('EBUSY: injected'), {code: 'EBUSY', syscall: 'rename'});
				}

				(mortal?.disk ?? systemDisk).rename(from, to);
			},
		};
		const disk = new Proxy(failing, {
			get: (target, name: keyof Disk) => (name === 'rename' ? target.rename : (mortal?.disk ?? systemDisk)[name]),
		});
		await expect(scene.restore(backup, {disk})).rejects.toThrow();
		if (findPending(scene.target.instance)?.journal.phase === 'back') {
			recovered++;
			expect(await recoverInterrupted(scene.ports, scene.target.instance)).toMatchObject({type: 'rolled-back'});
			expect(treeOf(scene.instance)).toEqual(before);
		} else {
			await recoverInterrupted(scene.ports, scene.target.instance);
		}

		if (!mortal?.isDead()) {
			break;
		}
	}

	expect(treeOf(scene.instance)).toEqual(before);
	expect(recovered).toBeGreaterThan(10);
}, 60_000);

test('a server that writes into the gap loses nothing', async () => {
	const scene = small(join(fastDirectory(), 'root'));
	const backup = await scene.create();
	change(scene.instance);
	const {dataFolder} = scene.instance;
	let done = false;
	const disk: Disk = {
		...systemDisk,
		rename(from, to) {
			systemDisk.rename(from, to);
			if (!done && String(from) === join(dataFolder, 'config.yaml')) {
				done = true;
				writeFileSync(join(dataFolder, 'config.yaml'), 'written: in between\n');
			}
		},
	};
	const {next} = await scene.restore(backup, {disk});
	expect(next[0]).toMatch(/aside-.*another program wrote/);
	expect(done).toBe(true);
	expect(digestTree(dataFolder)['config.yaml']?.bytes).toBe('server: {}\n'.length);
	const work = join(scene.root, '.printkeep-octoprint');
	const aside = readdirSync(work).filter(name => name.startsWith('aside-'));
	expect(aside).toHaveLength(1);
	await scene.recover();
	expect(statSync(join(work, aside[0] ?? '', '1')).size).toBe('written: in between\n'.length);
});
