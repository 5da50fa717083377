/** What could not be removed at the end of a restore, in the private folder of a folder elsewhere, where no other instance's things may be touched. */
import {existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {findInterrupted} from '../../../source/engine/restore/recover.js';
import {recoverPending} from '../../../source/engine/restore/recover-pending.js';
import {newScene, type Scene} from './scene.js';

const privateFolder = ({instance}: Scene): string => join(dirname(instance.timelapse), '.printkeep-timelapse');

/** A disk on which the stage elsewhere can so many times not be removed. */
const failing = (scene: Scene, times: number): {readonly disk: Disk; readonly failures: () => number} => {
	let failures = 0;
	return {
		failures: () => failures,
		disk: {
			...systemDisk,
			removeDirectory(path) {
				if (failures < times && new RegExp(`^${privateFolder(scene)}/stage-[0-9a-f]+$`).test(String(path))) {
					failures++;
					throw Object.assign(new Error('EBUSY: injected'), {code: 'EBUSY', syscall: 'rmdir'});
				}

				systemDisk.removeDirectory(path);
			},
		},
	};
};

const stagesIn = (scene: Scene): readonly string[] =>
	existsSync(privateFolder(scene)) ? readdirSync(privateFolder(scene)).filter(name => name.startsWith('stage-')) : [];

const change = ({instance}: Scene): void => {
	writeFileSync(join(instance.timelapse, 'since.mp4'), 'since');
};

test('after a restore that was done it is found by its name, and nothing else of that kind is touched', async () => {
	const scene = newScene({externalTimelapse: true});
	const backup = await scene.create();
	change(scene);
	const {disk, failures} = failing(scene, 1);
	await scene.restore(backup, {disk});
	expect([failures(), stagesIn(scene)]).toEqual([1, [expect.stringMatching(/^stage-/)]]);
	const [own = ''] = stagesIn(scene);
	mkdirSync(join(privateFolder(scene), 'stage-00ff'));
	expect(await findInterrupted(scene.ports, scene.target)).toEqual(
		expect.arrayContaining([
			expect.objectContaining({path: join(privateFolder(scene), own), remedy: 'clean'}),
			expect.objectContaining({path: join(privateFolder(scene), 'stage-00ff'), remedy: 'none'}),
		]),
	);
	await scene.recover();
	expect(stagesIn(scene)).toEqual(['stage-00ff']);
	expect(await scene.undo()).toMatchObject({type: 'undo'});
});

test.each(['while it was unpacked', 'when it was exchanged'])(
	'after a restore that failed %s the next start removes it',
	async when => {
		const scene = newScene({externalTimelapse: true});
		const backup = await scene.create();
		change(scene);
		const {disk: base, failures} = failing(scene, 1);
		const controller = new AbortController();
		const disk: Disk = {
			...base,
			rename(from, to) {
				if (when === 'when it was exchanged' && String(from).endsWith('/since.mp4')) {
					throw Object.assign(new Error('EIO: injected'), {code: 'EIO', syscall: 'rename'});
				}

				base.rename(from, to);
			},
		};
		const failed = scene.restore(backup, {
			disk,
			signal: controller.signal,
			onPhase(phase) {
				if (when === 'while it was unpacked' && phase === 'syncing') {
					controller.abort();
				}
			},
		});
		await expect(failed).rejects.toThrow();
		expect([failures(), stagesIn(scene).length]).toEqual([1, 1]);
		expect(await recoverPending(scene.ports, scene.target)).toMatchObject({
			type: 'cleaned',
			message: expect.stringMatching(/its files were removed \(/),
		});
		expect(stagesIn(scene)).toEqual([]);
		expect((await recoverPending(scene.ports, scene.target)).type).toBe('none');
	},
);

test('what can never be removed is told once, and does not keep coming back', async () => {
	const scene = newScene({externalTimelapse: true});
	const backup = await scene.create();
	change(scene);
	const {disk} = failing(scene, 1000);
	const controller = new AbortController();
	const failed = scene.restore(backup, {
		disk,
		signal: controller.signal,
		onPhase(phase) {
			if (phase === 'syncing') {
				controller.abort();
			}
		},
	});
	await expect(failed).rejects.toThrow();
	const ports = {...scene.ports, disk};
	expect(await recoverPending(ports, scene.target)).toMatchObject({
		type: 'cleaned',
		message: expect.stringContaining(`Delete by hand what could not be removed: ${privateFolder(scene)}/stage-`),
	});
	expect((await recoverPending(ports, scene.target)).type).toBe('none');
});
