/** An interrupted restore ends by itself, at the next start of anything. */
import {chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {Target} from '../../../source/client/protocol.js';
import {systemDisk} from '../../../source/engine/disk.js';
import {readHistory} from '../../../source/engine/history.js';
import {acquireLock, lockPaths} from '../../../source/engine/lock.js';
import {findPending} from '../../../source/engine/restore/recover.js';
import {recoverPending} from '../../../source/engine/restore/recover-pending.js';
import {makeMortalDisk} from '../../helpers/mortal-disk.js';
import {asOrdinaryUser} from '../../helpers/ordinary-user.js';
import {change, fastDirectory, small, snapshot, treeOf} from './death-sweep.js';
import type {Scene} from './scene.js';

const nothing = {type: 'none', message: '', hint: ''};

/** How many changes on disk a restore got through that died in a phase: the same every time, once it is known. */
const livesIn = new Map<string, number>();

/** A scene whose restore died in the phase asked for. */
const killedIn = async (
	phase: 'staging' | 'forward' | 'swapped',
	root = join(fastDirectory(), 'root'),
): Promise<{readonly scene: Scene; readonly before: unknown; readonly after: unknown}> => {
	const scene = small(root);
	const backup = await scene.create();
	change(scene.instance);
	const before = treeOf(scene.instance);
	snapshot(root, `${root}-saved`);
	await scene.restore(backup);
	const after = treeOf(scene.instance);
	const sort = `${phase} as user ${process.geteuid?.()}`;
	for (let lives = livesIn.get(sort) ?? 10; ; lives++) {
		snapshot(`${root}-saved`, root);
		const {disk, isDead} = makeMortalDisk(lives);
		await scene.restore(backup, {disk}).catch(() => undefined);
		expect(isDead()).toBe(true);
		if (findPending(scene.target.instance)?.journal.phase === phase) {
			livesIn.set(sort, lives);
			return {scene, before, after};
		}
	}
};

const mess = ({root}: Scene): readonly string[] =>
	existsSync(join(root, '.printkeep-octoprint')) ? readdirSync(join(root, '.printkeep-octoprint')) : [];

test('nothing is asked of the disk when nothing is pending, not even a lock', async () => {
	const scene = small(join(fastDirectory(), 'root'));
	const {disk, isDead} = makeMortalDisk(0);
	expect(await recoverPending({...scene.ports, disk}, scene.target)).toEqual(nothing);
	expect(isDead()).toBe(false);
});

test.each(['forward', 'swapped'] as const)('one that died in phase %s is finished, and noted', async phase => {
	const {scene, after} = await killedIn(phase);
	expect(await recoverPending(scene.ports, scene.target)).toMatchObject({
		type: 'finished',
		message: expect.stringMatching(/was finished/),
	});
	expect(treeOf(scene.instance)).toEqual(after);
	expect(await recoverPending(scene.ports, scene.target)).toEqual(nothing);
	expect(readHistory(scene.ports.stateFolder, scene.target)).toMatchObject([
		{job: 'recover', outcome: 'done', message: expect.stringMatching(/was finished/)},
	]);
});

test('once everything is in place, what the server has deleted since does not stand in the way', async () => {
	const {scene} = await killedIn('swapped');
	rmSync(join(scene.instance.dataFolder, 'config.yaml'));
	expect(await recoverPending(scene.ports, scene.target)).toMatchObject({type: 'finished'});
	expect(existsSync(join(scene.instance.dataFolder, 'config.yaml'))).toBe(false);
});

test('one that had touched nothing is cleaned away', async () => {
	const {scene, before} = await killedIn('staging');
	expect(await recoverPending(scene.ports, scene.target)).toMatchObject({type: 'cleaned'});
	expect(treeOf(scene.instance)).toEqual(before);
	expect(mess(scene)).toEqual([]);
});

test('a living printkeep at work there is left alone', async () => {
	const {scene} = await killedIn('forward');
	const {disk, clock, randomHex, hostName} = scene.ports;
	const pending = findPending(scene.target.instance);
	const lock = await acquireLock({
		paths: lockPaths(scene.target).instance,
		disk,
		clock,
		randomHex,
		hostName,
		job: 'restore',
	});
	expect(await recoverPending(scene.ports, scene.target)).toEqual(nothing);
	expect(findPending(scene.target.instance)).toEqual(pending);
	lock.release();
	expect(await recoverPending(scene.ports, scene.target)).toMatchObject({type: 'finished'});
	expect(existsSync(lock.path)).toBe(false);
});

test('no store, no state folder', async () => {
	const {scene, after} = await killedIn('forward');
	rmSync(scene.target.store, {recursive: true});
	writeFileSync(scene.target.store, 'a file where the disk would be mounted');
	rmSync(scene.ports.stateFolder, {recursive: true, force: true});
	writeFileSync(scene.ports.stateFolder, 'no folder');
	expect(await recoverPending(scene.ports, scene.target)).toMatchObject({type: 'finished'});
	expect(treeOf(scene.instance)).toEqual(after);
});

test('what cannot be ended is told, with what to do, and tried again', async () => {
	const {scene, after} = await killedIn('forward');
	const refuse = (): never => {
		throw Object.assign(new Error('EROFS: injected'), {code: 'EROFS', syscall: 'open'});
	};
	const readOnly = {...systemDisk, create: refuse, rename: refuse, makeDirectory: refuse, unlink: refuse};
	const failed = await recoverPending({...scene.ports, disk: readOnly}, scene.target);
	expect(failed).toMatchObject({
		type: 'failed',
		message: expect.stringMatching(/^An interrupted restore could not be ended.*read-only/),
	});
	expect(failed.hint).not.toBe('');
	expect(await recoverPending(scene.ports, scene.target)).toMatchObject({type: 'finished'});
	expect(treeOf(scene.instance)).toEqual(after);
});

test('a journal nobody can read is told, and nothing is touched', async () => {
	const {scene} = await killedIn('forward');
	const tree = treeOf(scene.instance);
	writeFileSync(join(scene.root, '.printkeep-octoprint/journal.json'), '{"format": 99}');
	expect(await recoverPending(scene.ports, scene.target)).toMatchObject({
		type: 'failed',
		message: expect.stringContaining('cannot be understood'),
		hint: expect.stringContaining('Nothing has been touched'),
	});
	expect(treeOf(scene.instance)).toEqual(tree);
});

test('what another user keeps private is nothing to tell', async () => {
	const root = join(fastDirectory(), 'root');
	mkdirSync(root);
	chmodSync(join(root, '..'), 0o755);
	const {scene} = await killedIn('forward', root);
	if (process.getuid?.() !== 0) {
		return;
	}

	const target: Target = scene.target;
	await asOrdinaryUser(scene.instance.dataFolder, async () => {
		expect(await recoverPending(scene.ports, target)).toEqual(nothing);
	});
});

test.runIf(process.getuid?.() === 0)('root ends what a user began, and leaves it to that user', async () => {
	const root = join(fastDirectory(), 'root');
	mkdirSync(root);
	chmodSync(join(root, '..'), 0o777);
	let scene: Scene | undefined;
	await asOrdinaryUser(root, async () => {
		({scene} = await killedIn('forward', root));
	});
	if (!scene) {
		throw new Error('nothing was begun');
	}

	expect(await recoverPending(scene.ports, scene.target)).toMatchObject({type: 'finished'});
	for (const name of mess(scene)) {
		expect([name, statSync(join(root, '.printkeep-octoprint', name)).uid]).toEqual([name, 65_534]);
	}

	const {undo} = scene;
	await asOrdinaryUser(root, async () => {
		expect(await undo()).toMatchObject({type: 'undo'});
	});
});
