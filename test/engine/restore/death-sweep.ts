/** Sweeps of deaths: a small instance with everything a swap has to deal with, restored and undone with a disk that dies one step later each time. */
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
import {expect} from 'vitest';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {findInterrupted, findPending, recoverInterrupted} from '../../../source/engine/restore/recover.js';
import {digestTree, type Tree} from '../../helpers/digest-tree.js';
import {makeTarget} from '../../helpers/engine-client.js';
import type {MadeInstance} from '../../helpers/make-instance.js';
import {makeMortalDisk} from '../../helpers/mortal-disk.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {makeScene, type Scene} from './scene.js';

/** Thousands of syncs are made here, and none of them has to survive anything: memory will do. */
export const fastDirectory = (): string => temporaryDirectory(existsSync('/dev/shm') ? '/dev/shm' : undefined);

/** A small instance with everything a swap has to deal with: a folder elsewhere behind a link, a folder in which something stays, an empty folder. */
export const makeSmall = (root: string): MadeInstance => {
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

export const change = ({dataFolder, uploads}: MadeInstance): void => {
	writeFileSync(join(dataFolder, 'config.yaml'), 'changed: true\n');
	writeFileSync(join(dataFolder, 'data/plugin.json'), '{"new": true}');
	writeFileSync(join(dataFolder, 'data/later.json'), '{}');
	writeFileSync(join(uploads, 'b.gcode'), 'G29\n');
	rmSync(join(dataFolder, 'scripts'), {recursive: true});
	settle(dataFolder);
	settle(uploads);
};

export const treeOf = ({dataFolder, uploads}: MadeInstance): Tree => ({
	...digestTree(dataFolder),
	...Object.fromEntries(Object.entries(digestTree(uploads)).map(([path, item]) => [`>${path}`, item])),
});

export const small = (root: string): Scene => {
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
export const snapshot = (from: string, to: string): void => {
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

export const privateNames = (folder: string): readonly string[] =>
	existsSync(folder) ? readdirSync(folder).filter(name => !/^rollback(-[0-9a-f]+|\.json)$/.test(name)) : [];

export type Sweep = {
	readonly prepare: (scene: Scene) => Promise<(scene: Scene, disk: Disk) => Promise<unknown>>;
	/** Folder the tries run in; must be the same path each time, since paths are in the journal. */
	readonly root: string;
	/** The disk as it is before it dies. */
	readonly disk?: Disk;
};

/** Runs a job again and again, dying one step later each time, and recovers after each. */
export const sweep = async ({
	prepare,
	root,
	disk: living = systemDisk,
}: Sweep): Promise<{readonly deaths: number; readonly outcomes: Map<string, number>}> => {
	const scene = small(root);
	const run = await prepare(scene);
	const saved = `${root}-saved`;
	snapshot(root, saved);
	const before = treeOf(scene.instance);
	await run(scene, living);
	const after = treeOf(scene.instance);
	expect(after).not.toEqual(before);
	const outcomes = new Map<string, number>();
	let deaths = 0;
	try {
		for (let lives = 0; ; lives++) {
			snapshot(saved, root);
			const {disk, isDead} = makeMortalDisk(lives, living);
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

export const restoring: Sweep['prepare'] = async scene => {
	const backup = await scene.create();
	change(scene.instance);
	return async (again, disk) => again.restore(backup, {disk});
};

export const restoringAgain: Sweep['prepare'] = async scene => {
	const backup = await scene.create();
	await scene.restore(backup);
	change(scene.instance);
	return async (again, disk) => again.restore(backup, {disk});
};

export const undoing: Sweep['prepare'] = async scene => {
	const backup = await scene.create();
	change(scene.instance);
	await scene.restore(backup);
	return async (again, disk) => again.undo({disk});
};
