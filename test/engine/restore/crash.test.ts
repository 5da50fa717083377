/**
 * Death at every step: the disk stops working at the Nth changing call, for every N until the job gets through, as it is when the process is killed. Then
 * recovery runs on the real disk; what is there must be exactly the old tree or exactly the new one, and nothing else of printkeep's.
 */
import {
	cpSync,
	existsSync,
	lutimesSync,
	mkdirSync,
	readdirSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {findInterrupted, findPending, recoverInterrupted} from '../../../source/engine/restore/recover.js';
import {digestTree, type Tree} from '../../helpers/digest-tree.js';
import {makeTarget} from '../../helpers/engine-client.js';
import type {MadeInstance} from '../../helpers/make-instance.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {makeScene, type Scene} from './scene.js';

class Death extends Error {}

/** Thousands of syncs are made here, and none of them has to survive anything: memory will do. */
const fastDirectory = (): string => temporaryDirectory(existsSync('/dev/shm') ? '/dev/shm' : undefined);

/** A disk that works for some changing calls and never again. */
const mortalDisk = (lives: number): {readonly disk: Disk; readonly isDead: () => boolean} => {
	let left = lives;
	const mortal =
		<Arguments extends unknown[], Result>(call: (...args: Arguments) => Result) =>
		(...args: Arguments): Result => {
			if (left <= 0) {
				throw new Death('the power is gone');
			}

			left--;
			return call(...args);
		};
	const awaited =
		<Arguments extends unknown[], Result>(call: (...args: Arguments) => Promise<Result>) =>
		async (...args: Arguments): Promise<Result> =>
			mortal(call)(...args);
	return {
		disk: {
			...systemDisk,
			create: mortal(systemDisk.create),
			write: mortal(systemDisk.write),
			syncFile: awaited(systemDisk.syncFile),
			syncDirectory: awaited(systemDisk.syncDirectory),
			makeDirectory: mortal(systemDisk.makeDirectory),
			rename: mortal(systemDisk.rename),
			link: mortal(systemDisk.link),
			symlink: mortal(systemDisk.symlink),
			unlink: mortal(systemDisk.unlink),
			removeDirectory: mortal(systemDisk.removeDirectory),
			changeMode: mortal(systemDisk.changeMode),
			changeOwner: mortal(systemDisk.changeOwner),
			setTimes: mortal(systemDisk.setTimes),
		},
		isDead: () => left <= 0,
	};
};

/** A small instance with everything a swap has to deal with: a folder elsewhere behind a link, a folder in which something stays, an empty folder. */
const makeSmall = (root: string): MadeInstance => {
	const dataFolder = join(root, 'octoprint');
	const uploads = join(root, 'far/gcode');
	mkdirSync(uploads, {recursive: true});
	mkdirSync(join(dataFolder, 'data/backup'), {recursive: true});
	mkdirSync(join(dataFolder, 'scripts/empty'), {recursive: true});
	symlinkSync(uploads, join(dataFolder, 'uploads'));
	for (const [path, content] of [
		['octoprint/config.yaml', 'server: {}\n'],
		['octoprint/users.yaml', 'admin: {}\n'],
		['octoprint/data/plugin.json', '{"old": true}'],
		['octoprint/data/backup/native.zip', 'stays'],
		['octoprint/scripts/a.sh', '#!/bin/sh\n'],
		['far/gcode/a.gcode', 'G28\n'],
	] as const) {
		writeFileSync(join(root, path), content);
	}

	settle(root);
	return {dataFolder, elsewhere: join(root, 'far'), uploads, timelapse: join(dataFolder, 'timelapse'), databases: []};
};

const change = ({dataFolder, uploads}: MadeInstance): void => {
	writeFileSync(join(dataFolder, 'config.yaml'), 'changed: true\n');
	writeFileSync(join(dataFolder, 'data/plugin.json'), '{"new": true}');
	writeFileSync(join(dataFolder, 'data/later.json'), '{}');
	writeFileSync(join(uploads, 'b.gcode'), 'G29\n');
	rmSync(join(dataFolder, 'scripts'), {recursive: true});
	settle(dataFolder);
	settle(uploads);
};

const treeOf = ({dataFolder, uploads}: MadeInstance): Tree => ({
	...digestTree(dataFolder),
	...Object.fromEntries(Object.entries(digestTree(uploads)).map(([path, item]) => [`>${path}`, item])),
});

const small = (root: string): Scene => {
	const instance = makeSmall(root);
	mkdirSync(join(root, 'store'));
	return makeScene(makeTarget(instance.dataFolder, join(root, 'store')), {root, instance});
};

const copyTimes = (from: string, to: string): void => {
	for (const entry of readdirSync(from, {withFileTypes: true})) {
		if (entry.isDirectory()) {
			copyTimes(join(from, entry.name), join(to, entry.name));
		}
	}

	const seconds = Math.floor(statSync(from).mtimeMs / 1000);
	utimesSync(to, seconds, seconds);
};

/** A copy of everything, dates included (in whole seconds), so that every try starts from the same. */
const snapshot = (from: string, to: string): void => {
	rmSync(to, {recursive: true, force: true});
	cpSync(from, to, {recursive: true, preserveTimestamps: true, verbatimSymlinks: true});
	copyTimes(from, to);
};

/** Gives everything below a folder a date in whole seconds. */
const settle = (folder: string): void => {
	for (const entry of readdirSync(folder, {withFileTypes: true})) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) {
			settle(path);
		} else {
			lutimesSync(path, 1_700_000_001, 1_700_000_001);
		}
	}

	utimesSync(folder, 1_700_000_002, 1_700_000_002);
};

const privateNames = (folder: string): readonly string[] =>
	existsSync(folder) ? readdirSync(folder).filter(name => !/^rollback(-[0-9a-f]+|\.json)$/.test(name)) : [];

type Sweep = {
	readonly prepare: (scene: Scene) => Promise<(scene: Scene, disk: Disk) => Promise<unknown>>;
	/** Folder the tries run in; must be the same path each time, since paths are in the journal. */
	readonly root: string;
};

/** Runs a job again and again, dying one step later each time, and recovers after each. */
const sweep = async ({
	prepare,
	root,
}: Sweep): Promise<{readonly deaths: number; readonly outcomes: Map<string, number>}> => {
	const scene = small(root);
	const run = await prepare(scene);
	const saved = `${root}-saved`;
	snapshot(root, saved);
	const before = treeOf(scene.instance);
	await run(scene, systemDisk);
	const after = treeOf(scene.instance);
	expect(after).not.toEqual(before);
	const outcomes = new Map<string, number>();
	let deaths = 0;
	try {
		for (let lives = 0; ; lives++) {
			snapshot(saved, root);
			const {disk, isDead} = mortalDisk(lives);
			let error: unknown;
			try {
				await run(scene, disk);
			} catch (caught) {
				error = caught;
			}

			if (!isDead()) {
				expect(error).toBeUndefined();
				return {deaths, outcomes};
			}

			deaths++;
			const {type} = await recoverInterrupted(scene.ports, scene.target.instance);
			outcomes.set(type, (outcomes.get(type) ?? 0) + 1);
			const tree = treeOf(scene.instance);
			const isNew = JSON.stringify(tree) === JSON.stringify(after);
			if (!isNew) {
				expect(tree, `dead after ${lives} steps, ${type}`).toEqual(before);
			}

			if (error === undefined) {
				expect(isNew).toBe(true);
			}

			expect(findPending(scene.target.instance)).toBeNull();
			expect(await recoverInterrupted(scene.ports, scene.target.instance)).toEqual({type: 'none', message: ''});
			expect(treeOf(scene.instance)).toEqual(tree);
			await scene.recover();
			expect(await findInterrupted(scene.ports, scene.target)).toEqual([]);
			expect(privateNames(join(root, '.printkeep-octoprint'))).toEqual([]);
			expect(privateNames(join(root, 'far/.printkeep-gcode'))).toEqual([]);
		}
	} finally {
		rmSync(saved, {recursive: true, force: true});
	}
};

const restoring: Sweep['prepare'] = async scene => {
	const backup = await scene.create();
	change(scene.instance);
	return async (again, disk) => again.restore(backup, {disk});
};

const restoringAgain: Sweep['prepare'] = async scene => {
	const backup = await scene.create();
	await scene.restore(backup);
	change(scene.instance);
	return async (again, disk) => again.restore(backup, {disk});
};

const undoing: Sweep['prepare'] = async scene => {
	const backup = await scene.create();
	change(scene.instance);
	await scene.restore(backup);
	return async (again, disk) => again.undo({disk});
};

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
			const first = mortalDisk(lives);
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
				const second = mortalDisk(steps);
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
		let mortal: ReturnType<typeof mortalDisk> | undefined;
		const failing: Disk = {
			...systemDisk,
			rename(from, to) {
				// The first thing on its way in cannot be moved; from here on the steps are counted.
				if (!mortal && String(from).includes('/stage-')) {
					mortal = mortalDisk(lives);
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
