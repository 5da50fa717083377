/** Folders whose disk is not there are never filled. */
import {mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {RestoreChoice} from '../../../source/client/protocol.js';
import {readExpectedMounts} from '../../../source/engine/expected-mounts.js';
import {toBytePath} from '../../../source/engine/restore/byte-path.js';
import {createMounts, type Mounts} from '../../../source/engine/restore/mounts.js';
import {prepare} from '../../../source/engine/restore/prepare.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {newScene, type Scene} from './scene.js';

const tryWith = async (
	scene: Scene,
	archivePath: string,
	{mounts, ...choice}: Partial<RestoreChoice> & {readonly mounts: Mounts},
): Promise<void> => {
	const prepared = await prepare(
		scene.context(),
		{target: scene.target, source: {type: 'file', path: archivePath}, ...choice},
		{archivePath, mounts},
	);
	prepared.backup.archive.close();
};

describe('where disks belong', () => {
	test('fstab and mount units tell, but not of what is no disk', () => {
		const root = temporaryDirectory();
		const fstab = join(root, 'fstab');
		writeFileSync(
			fstab,
			[
				'# comment',
				'PARTUUID=1 / ext4 defaults 0 1',
				'PARTUUID=2 /boot/firmware vfat defaults 0 2',
				'  UUID=3   /mnt/my\\040disk/  ext4  nofail  0 0',
				'//nas/share\t/srv/nas\tcifs\tnoauto 0 0',
				'tmpfs /tmp tmpfs defaults 0 0',
				'/swapfile none swap sw 0 0',
				'broken',
			].join('\n'),
		);
		writeFileSync(join(root, 'mnt-usb.mount'), '[Mount]\nWhat=/dev/sda1\n Where = /mnt/usb \n');
		writeFileSync(join(root, 'other.service'), 'Where=/not/this\n');
		expect(readExpectedMounts({fstab, units: root})).toEqual([
			'/boot/firmware',
			'/mnt/my disk',
			'/srv/nas',
			'/mnt/usb',
		]);
		expect(readExpectedMounts({fstab: join(root, 'none'), units: join(root, 'none')})).toEqual([]);
	});
});

describe('a disk that is missing', () => {
	test('its empty mount point, or the place below it, is not filled; a disk that is there is', async () => {
		const scene = newScene({externalTimelapse: true});
		const {elsewhere, timelapse} = scene.instance;
		const backup = await scene.create();
		for (const disk of [timelapse, elsewhere]) {
			const expected = [toBytePath(disk)];
			rmSync(elsewhere, {recursive: true});
			mkdirSync(disk, {recursive: true});
			await expect(tryWith(scene, backup, {mounts: createMounts({mountPoints: [], expected})})).rejects.toMatchObject({
				code: 'missing-folder',
				message: expect.stringContaining('not mounted'),
				hint: expect.stringContaining(`sudo mount ${disk}`),
			});
			expect(readdirSync(disk)).toEqual([]);
			// Parts that have nothing to do with it can be restored.
			await tryWith(scene, backup, {mounts: createMounts({mountPoints: [], expected}), parts: ['scripts']});
			// Mounted, and new: it may be filled.
			await tryWith(scene, backup, {mounts: createMounts({mountPoints: expected, expected})});
		}

		// A folder that is used as it is, whatever the table says.
		mkdirSync(timelapse, {recursive: true});
		writeFileSync(join(timelapse, 'a.mp4'), 'x');
		await tryWith(scene, backup, {mounts: createMounts({mountPoints: [], expected: [toBytePath(elsewhere)]})});
	});

	test('nor is a mount point inside the data folder', async () => {
		const scene = newScene();
		const {uploads} = scene.instance;
		const backup = await scene.create();
		rmSync(join(uploads, 'Kalibrierung'), {recursive: true});
		mkdirSync(join(uploads, 'Kalibrierung'));
		const expected = [toBytePath(join(uploads, 'Kalibrierung'))];
		await expect(tryWith(scene, backup, {mounts: createMounts({mountPoints: [], expected})})).rejects.toMatchObject({
			code: 'missing-folder',
		});
		await tryWith(scene, backup, {mounts: createMounts({mountPoints: expected, expected})});
		rmSync(join(uploads, 'Kalibrierung'), {recursive: true});
		await expect(tryWith(scene, backup, {mounts: createMounts({mountPoints: [], expected})})).rejects.toMatchObject({
			code: 'missing-folder',
		});
	});

	test('an empty folder where disks are mounted by habit, on the own disk of the system, is not filled', async () => {
		const scene = newScene({externalTimelapse: true});
		const {elsewhere, timelapse} = scene.instance;
		const backup = await scene.create();
		rmSync(timelapse, {recursive: true});
		mkdirSync(timelapse);
		const options = {expected: [], parents: [toBytePath(elsewhere)], deviceOf: () => 1};
		await expect(tryWith(scene, backup, {mounts: createMounts({...options, mountPoints: []})})).rejects.toMatchObject({
			code: 'missing-folder',
			hint: expect.stringContaining('put any file into it'),
		});
		await tryWith(scene, backup, {mounts: createMounts({...options, mountPoints: [toBytePath(timelapse)]})});
		writeFileSync(join(timelapse, 'here'), '');
		await tryWith(scene, backup, {mounts: createMounts({...options, mountPoints: []})});
	});
});
