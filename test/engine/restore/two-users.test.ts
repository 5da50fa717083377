/** Root and the data's owner take turns: neither leaves the other locked out, or with another undo than the last. */
import {chmodSync, chownSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {systemClock} from '../../../source/clock.js';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {acquireLock, lockPaths} from '../../../source/engine/lock.js';
import {recoverPending} from '../../../source/engine/restore/recover-pending.js';
import {digestTree} from '../../helpers/digest-tree.js';
import {makeTarget} from '../../helpers/engine-client.js';
import {killInSwap} from '../../helpers/kill-in-swap.js';
import {makeInstance} from '../../helpers/make-instance.js';
import {asOrdinaryUser} from '../../helpers/ordinary-user.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {makeScene, newScene, type Scene} from './scene.js';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

/** A scene in a home that belongs to nobody, as all data in it does. */
const usersScene = async (): Promise<{readonly scene: Scene; readonly root: string; readonly backup: string}> => {
	const top = temporaryDirectory();
	chmodSync(top, 0o755);
	const root = join(top, 'home');
	mkdirSync(root);
	const instance = makeInstance(root);
	mkdirSync(join(root, 'store'), {mode: 0o700});
	const scene = makeScene(makeTarget(instance.dataFolder, join(root, 'store')), {root, instance});
	let backup = '';
	await asOrdinaryUser(root, async () => {
		backup = await scene.create();
	});
	chownSync(root, nobody, nobody);
	return {scene, root, backup};
};

const asNobody = async <Result>(callback: () => Promise<Result>): Promise<Result> => {
	process.setegid?.(nobody);
	process.seteuid?.(nobody);
	try {
		return await callback();
	} finally {
		process.seteuid?.(0);
		process.setegid?.(0);
	}
};

test.runIf(isRoot)('a user backs up, restores and undoes after root has restored their data', async () => {
	const {scene, backup} = await usersScene();
	const file = join(scene.instance.dataFolder, 'config.yaml');
	const restored = readFileSync(file, 'utf8');
	writeFileSync(file, 'server: {}\n');
	await scene.restore(backup);
	await asNobody(async () => {
		await scene.undo();
		expect(readFileSync(file, 'utf8')).toBe('server: {}\n');
		await scene.create();
		await scene.restore(backup);
		expect(readFileSync(file, 'utf8')).toBe(restored);
	});
});

test.runIf(isRoot)("a user ends a restore in which root's printkeep died", async () => {
	const {scene, root, backup} = await usersScene();
	const file = join(scene.instance.dataFolder, 'config.yaml');
	const restored = readFileSync(file, 'utf8');
	writeFileSync(file, 'server: {}\n');
	chownSync(file, nobody, nobody);
	mkdirSync(join(root, 'killed'));
	await killInSwap({
		dataFolder: scene.instance.dataFolder,
		store: scene.target.store,
		backup,
		stateFolder: join(root, 'killed'),
	});
	await asNobody(async () => {
		expect(await recoverPending(scene.ports, scene.target)).toMatchObject({type: 'finished'});
		expect(readFileSync(file, 'utf8')).toBe(restored);
		await scene.undo();
		expect(readFileSync(file, 'utf8')).toBe('server: {}\n');
	});
});

test.runIf(isRoot)("a lock that root's dead process left does not lock the user out", async () => {
	const {scene} = await usersScene();
	const {disk, clock, randomHex} = scene.ports;
	const {instance: paths} = lockPaths(scene.target);
	const options = {paths, disk, clock, randomHex, hostName: 'testhost', job: 'restore'};
	const {path} = await acquireLock(options);
	expect(statSync(path)).toMatchObject({uid: nobody, mode: 0o100600});
	// The holder's start says that another process has its number now.
	writeFileSync(path, readFileSync(path, 'utf8').replace(/"startTicks":"\d+"/, '"startTicks":"1"'));
	await asNobody(async () => {
		(await acquireLock(options)).release();
	});
});

test('undo brings back the last restore, whatever the clock said and wherever the private folder was', async () => {
	const scene = newScene();
	const {dataFolder} = scene.instance;
	const backup = await scene.create();
	const file = join(dataFolder, 'config.yaml');
	const restored = readFileSync(file, 'utf8');
	writeFileSync(file, 'server: {}\n# first\n');
	await scene.restore(backup);
	// As if whoever restored first had not been able to write beside the data folder.
	const beside = join(scene.root, '.printkeep-octoprint');
	const record = join(beside, 'rollback.json');
	writeFileSync(record, readFileSync(record, 'utf8').replaceAll('/.printkeep-octoprint"', '/octoprint/.printkeep"'));
	renameSync(beside, join(dataFolder, '.printkeep'));
	writeFileSync(file, 'server: {}\n# second\n');
	const earlier = makeScene(scene.target, scene);
	Object.assign(earlier.ports, {clock: {...systemClock, now: () => 1000}});
	await earlier.restore(backup);
	expect(readFileSync(file, 'utf8')).toBe(restored);
	await scene.undo();
	expect(readFileSync(file, 'utf8')).toBe('server: {}\n# second\n');
});

test('an undo that could not even be noted, on a full disk, has changed nothing and says so', async () => {
	const scene = newScene();
	const backup = await scene.create();
	writeFileSync(join(scene.instance.dataFolder, 'config.yaml'), 'server: {}\n');
	await scene.restore(backup);
	const before = digestTree(scene.instance.dataFolder);
	const disk: Disk = {
		...systemDisk,
		write() {
			throw Object.assign(new Error('ENOSPC: no space left on device'), {code: 'ENOSPC', syscall: 'write'});
		},
	};
	await expect(scene.undo({disk})).rejects.toMatchObject({
		code: 'no-space',
		message: expect.stringContaining('nothing has been changed'),
	});
	expect(digestTree(scene.instance.dataFolder)).toEqual(before);
	await scene.undo();
	expect(readFileSync(join(scene.instance.dataFolder, 'config.yaml'), 'utf8')).toBe('server: {}\n');
});
