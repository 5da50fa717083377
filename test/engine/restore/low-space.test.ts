/** Restoring where not everything fits beside what is there: only what differs is unpacked and exchanged, file by file. */
import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {
	appendFileSync,
	chmodSync,
	cpSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {digestTree, type Tree} from '../../helpers/digest-tree.js';
import {makeTarget} from '../../helpers/engine-client.js';
import type {MadeInstance} from '../../helpers/make-instance.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {makeScene, newScene, type Scene} from './scene.js';

const treeOf = ({instance}: Pick<Scene, 'instance'>): Tree => digestTree(instance.dataFolder);

const damage = ({instance: {dataFolder, uploads, timelapse}}: Scene): void => {
	rmSync(join(uploads, 'Kalibrierung'), {recursive: true});
	appendFileSync(join(uploads, 'benchy_0.2mm_PLA.gcode'), 'M112\n');
	writeFileSync(join(uploads, 'new since.gcode'), 'G28\n');
	mkdirSync(join(dataFolder, 'data/newPlugin'));
	writeFileSync(join(dataFolder, 'data/newPlugin/state.json'), '{}');
	// The same bytes with another mode, another date.
	chmodSync(join(dataFolder, 'scripts/lüfter.sh'), 0o600);
	utimesSync(join(timelapse, 'benchy_20260101120000.mp4'), 1_600_000_000, 1_600_000_000);
};

describe('what differs', () => {
	test('is exchanged and nothing else; the tree is the same as after a restore with everything', async () => {
		const scene = newScene();
		const backup = await scene.create();
		await scene.restore(backup);
		const wanted = treeOf(scene);
		damage(scene);
		const damaged = treeOf(scene);
		const video = join(scene.instance.timelapse, 'benchy_20260101120000.mp4');
		const {ino} = statSync(video);
		const full = await scene.plan(backup);
		const plan = await scene.plan(backup, {lowSpace: true});
		expect(plan).toMatchObject({lowSpace: true, counts: full.counts, enoughSpace: true});
		expect(plan.warnings.join('\n')).toMatch(/As asked for: only what differs/);
		expect(plan.bytesToWrite).toBeLessThan(full.bytesToWrite / 2);
		expect(plan.space[0]?.neededBytes).toBeLessThan(full.space[0]?.neededBytes ?? 0);
		const result = await scene.restore(backup, {lowSpace: true});
		expect(result).toMatchObject({skipped: [], counts: full.counts});
		expect(treeOf(scene)).toEqual(wanted);
		expect(statSync(video).ino).toBe(ino);
		for (const expected of [damaged, wanted, damaged]) {
			await scene.undo();
			expect(treeOf(scene)).toEqual(expected);
		}
	});

	test.each(['merge', 'exact'] as const)('in the mode %s too', async mode => {
		const [one, other] = [newScene(), newScene()];
		for (const [scene, lowSpace] of [
			[one, false],
			[other, true],
		] as const) {
			const backup = await scene.create();
			await scene.restore(backup);
			damage(scene);
			const plan = await scene.plan(backup, {mode, lowSpace});
			const before = treeOf(scene);
			expect((await scene.restore(backup, {mode, lowSpace})).counts).toEqual(plan.counts);
			const after = treeOf(scene);
			await scene.undo();
			expect({...treeOf(scene), '.': null}).toEqual({...before, '.': null});
			await scene.undo();
			expect(treeOf(scene)).toEqual(after);
		}

		const shape = (scene: Scene) =>
			Object.entries(treeOf(scene)).map(([path, {type, mode: bits}]) => [path, type, bits]);
		expect(shape(other)).toEqual(shape(one));
	});

	test('links that are there as they were stay; one that became a file is a link again', async () => {
		const scene = newScene();
		const {uploads} = scene.instance;
		symlinkSync('benchy_0.2mm_PLA.gcode', join(uploads, 'latest.gcode'));
		symlinkSync('/nowhere/at/all', join(uploads, 'far'));
		symlinkSync('Kalibrierung', join(uploads, 'folder'));
		const backup = await scene.create();
		await scene.restore(backup);
		const wanted = treeOf(scene);
		const before = lstatSync(join(uploads, 'far')).ino;
		unlinkSync(join(uploads, 'latest.gcode'));
		cpSync(join(uploads, 'benchy_0.2mm_PLA.gcode'), join(uploads, 'latest.gcode'));
		const {skipped} = await scene.restore(backup, {lowSpace: true});
		expect(skipped).toEqual([]);
		expect(treeOf(scene)).toEqual(wanted);
		expect(lstatSync(join(uploads, 'far')).ino).toBe(before);
	});

	test('a folder configured elsewhere is treated in the same way', async () => {
		const scene = newScene({linkedUploads: true, externalTimelapse: true});
		const {elsewhere, uploads, timelapse} = scene.instance;
		const skip = (path: string): boolean => path.startsWith('.printkeep');
		const backup = await scene.create();
		await scene.restore(backup);
		const wanted = digestTree(elsewhere, {skip});
		const {ino} = statSync(join(timelapse, 'benchy_20260101120000.mp4'));
		writeFileSync(join(uploads, 'empty.gcode'), 'no more');
		chmodSync(join(timelapse, 'benchy_20260101120000.mp4'), 0o600);
		const damaged = digestTree(elsewhere, {skip});
		await scene.restore(backup, {lowSpace: true});
		expect({...digestTree(elsewhere, {skip}), '.': null}).toEqual({...wanted, '.': null});
		expect(statSync(join(timelapse, 'benchy_20260101120000.mp4')).ino).toBe(ino);
		await scene.undo();
		expect({...digestTree(elsewhere, {skip}), '.': null}).toEqual({...damaged, '.': null});
	});
});

describe('a server that goes on writing while the backup is unpacked', () => {
	/** Calls back once, when the first file has been unpacked. */
	const meanwhile = (action: () => void): Disk => {
		let isDone = false;
		return {
			...systemDisk,
			setTimes(thing, accessed, modified) {
				systemDisk.setTimes(thing, accessed, modified);
				// Only what is unpacked is dated while it is open.
				if (!isDone && typeof thing === 'number') {
					isDone = true;
					action();
				}
			},
		};
	};

	test('a file that was the same and is changed is unpacked after all', async () => {
		const scene = newScene();
		const backup = await scene.create();
		await scene.restore(backup);
		const wanted = treeOf(scene);
		const {uploads, dataFolder} = scene.instance;
		writeFileSync(join(uploads, 'new since.gcode'), 'G28\n');
		writeFileSync(join(uploads, 'empty.gcode'), 'changed');
		const disk = meanwhile(() => {
			const metadata = join(uploads, '.metadata.json');
			const {length} = readFileSync(metadata);
			writeFileSync(metadata, ' '.repeat(length));
			// The last file of its folder, which goes on being the folder it was.
			writeFileSync(join(dataFolder, 'translations/de/meta.yaml'), 'changed');
			unlinkSync(join(dataFolder, 'slicingProfiles/curalegacy/fein.profile'));
		});
		const {skipped} = await scene.restore(backup, {lowSpace: true, disk});
		expect(skipped).toEqual([]);
		expect(treeOf(scene)).toEqual(wanted);
	});

	test('folders that go meanwhile stop the restore, and nothing has been changed', async () => {
		const scene = newScene();
		const backup = await scene.create();
		await scene.restore(backup);
		const {uploads, dataFolder} = scene.instance;
		writeFileSync(join(uploads, 'empty.gcode'), 'changed');
		const before = treeOf(scene);
		const disk = meanwhile(() => rmSync(join(dataFolder, 'scripts'), {recursive: true}));
		await expect(scene.restore(backup, {lowSpace: true, disk})).rejects.toMatchObject({
			code: 'failed',
			message: expect.stringContaining('scripts'),
		});
		const after = treeOf(scene);
		expect(after).toEqual({
			...Object.fromEntries(Object.entries(before).filter(([path]) => !path.startsWith('scripts'))),
			'.': after['.'],
		});
		expect(readdirSync(join(scene.root, '.printkeep-octoprint')).filter(name => name.startsWith('stage'))).toEqual([]);
	});
});

test('a file that stays and does not hold what it should is found by the check', async () => {
	const scene = newScene();
	const backup = await scene.create();
	await scene.restore(backup);
	const video = join(scene.instance.timelapse, 'benchy_20260101120000.mp4');
	writeFileSync(join(scene.instance.uploads, 'empty.gcode'), 'changed');
	const {skipped} = await scene.restore(backup, {
		lowSpace: true,
		onPhase(phase) {
			if (phase === 'checking') {
				appendFileSync(video, 'x');
			}
		},
	});
	expect(skipped).toMatchObject([{path: 'timelapse/benchy_20260101120000.mp4'}]);
});

describe('on a small disk', () => {
	/** A data folder of 6 MB on a tmpfs of 10 MB, with the store elsewhere. */
	const onSmallDisk = async (body: (scene: Scene, disk: string) => Promise<void>, skip: (why: string) => void) => {
		const root = temporaryDirectory();
		const disk = join(root, 'card');
		mkdirSync(disk);
		try {
			execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=10m', 'tmpfs', disk], {stdio: 'ignore'});
		} catch {
			skip('no small disk can be mounted here');
			return;
		}

		try {
			const dataFolder = join(disk, 'octoprint');
			mkdirSync(join(dataFolder, 'uploads/sub'), {recursive: true});
			mkdirSync(join(dataFolder, 'timelapse'));
			mkdirSync(join(root, 'store'));
			writeFileSync(join(dataFolder, 'config.yaml'), 'server: {}\n', {mode: 0o600});
			writeFileSync(join(dataFolder, 'users.yaml'), 'admin: {}\n', {mode: 0o600});
			for (const index of [1, 2, 3, 4, 5, 6]) {
				writeFileSync(join(dataFolder, `uploads/sub/${index}.gcode`), randomBytes(1_000_000));
			}

			const instance: MadeInstance = {
				dataFolder,
				elsewhere: disk,
				uploads: join(dataFolder, 'uploads'),
				timelapse: join(dataFolder, 'timelapse'),
				databases: [],
			};
			await body(makeScene(makeTarget(dataFolder, join(root, 'store')), {root, instance}), disk);
		} finally {
			execFileSync('umount', [disk]);
		}
	};

	test('the mode is taken by itself where everything does not fit, and restores and undoes', async ({skip}) => {
		await onSmallDisk(async scene => {
			const {uploads, dataFolder} = scene.instance;
			const wanted = treeOf(scene);
			const backup = await scene.create();
			writeFileSync(join(uploads, 'sub/3.gcode'), randomBytes(900_000));
			unlinkSync(join(uploads, 'sub/5.gcode'));
			writeFileSync(join(uploads, 'sub/later.gcode'), 'G28\n');
			writeFileSync(join(dataFolder, 'config.yaml'), 'server:\n  port: 1\n');
			const damaged = treeOf(scene);
			const plan = await scene.plan(backup);
			expect(plan).toMatchObject({
				lowSpace: true,
				enoughSpace: true,
				counts: {added: 1, changed: 2, removed: 1, kept: 5},
			});
			expect(plan.warnings.join('\n')).toMatch(/Not all of the backup fits/);
			await scene.restore(backup);
			expect(treeOf(scene)).toEqual(wanted);
			await scene.undo();
			expect(treeOf(scene)).toEqual(damaged);
			await scene.undo();
			expect(treeOf(scene)).toEqual(wanted);
		}, skip);
	});

	test('where even that does not fit, it is refused before anything is written', async ({skip}) => {
		await onSmallDisk(async (scene, disk) => {
			const {uploads} = scene.instance;
			const backup = await scene.create();
			for (const index of [1, 2, 3, 4, 5]) {
				writeFileSync(join(uploads, `sub/${index}.gcode`), randomBytes(1_000_000));
			}

			const before = treeOf(scene);
			const plan = await scene.plan(backup);
			expect(plan).toMatchObject({enoughSpace: false, lowSpace: true});
			let calls = 0;
			const counted =
				<Arguments extends unknown[], Result>(call: (...args: Arguments) => Result) =>
				(...args: Arguments): Result => {
					calls++;
					return call(...args);
				};
			await expect(
				scene.restore(backup, {
					disk: {
						...systemDisk,
						create: counted(systemDisk.create),
						makeDirectory: counted(systemDisk.makeDirectory),
						rename: counted(systemDisk.rename),
						unlink: counted(systemDisk.unlink),
					},
				}),
			).rejects.toMatchObject({code: 'no-space', message: expect.stringContaining(disk)});
			expect(calls).toBe(0);
			expect(treeOf(scene)).toEqual(before);
			expect(existsSync(join(disk, '.printkeep-octoprint'))).toBe(false);
		}, skip);
	});
});
