/** What is said of restored files that cannot be looked at. */
import {spawnSync} from 'node:child_process';
import {chmodSync, existsSync, readFileSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {asOrdinaryUser} from '../../helpers/ordinary-user.js';
import {newScene} from './scene.js';

test('a restored file that may not be read is told as that, and not as the fault of the disk', async () => {
	const scene = newScene();
	const {uploads} = scene.instance;
	await asOrdinaryUser(scene.root, async () => {
		const backup = await scene.create();
		const file = join(uploads, 'benchy_0.2mm_PLA.gcode');
		const restored = readFileSync(file, 'utf8');
		writeFileSync(file, 'M84\n');
		const result = await scene.restore(backup, {
			onPhase(phase) {
				if (phase === 'checking') {
					chmodSync(file, 0o000);
				}
			},
		});
		expect(result.skipped).toEqual([
			{
				path: expect.stringContaining('benchy_0.2mm_PLA.gcode'),
				reason: 'It was restored, and could not be read to check it: permission was denied.',
			},
		]);
		chmodSync(file, 0o644);
		expect(readFileSync(file, 'utf8')).toBe(restored);
	});
});

test('a restored file whose bytes differ, with its date and size, is the fault of the disk, and all is taken back', async () => {
	const scene = newScene();
	const backup = await scene.create();
	const file = join(scene.instance.uploads, 'benchy_0.2mm_PLA.gcode');
	writeFileSync(file, 'M84\n');
	const restoring = scene.restore(backup, {
		onPhase(phase) {
			if (phase === 'checking') {
				const {atime, mtime, size} = statSync(file);
				writeFileSync(file, Buffer.alloc(size, 'x'));
				utimesSync(file, atime, mtime);
			}
		},
	});
	await expect(restoring).rejects.toMatchObject({
		code: 'io-error',
		message: '1 restored file did not read back as written: the disk does not keep what it is given.',
	});
	expect(readFileSync(file, 'utf8')).toBe('M84\n');
	expect(existsSync(join(scene.root, '.printkeep-octoprint/journal.json'))).toBe(false);
});

test('a restored file elsewhere that the disk does not give back makes the restore fail', async context => {
	const scene = newScene();
	writeFileSync(join(scene.instance.uploads, 'empty.gcode'), '');
	const backup = await scene.create();
	const to = join(scene.root, 'to');
	const file = join(to, 'uploads/empty.gcode');
	let mounted = false;
	try {
		const restoring = scene.restore(backup, {
			to,
			onPhase(phase) {
				if (phase === 'checking') {
					// An ordinary and empty file, whose beginning the kernel answers for with an input/output error.
					mounted = spawnSync('mount', ['--bind', `/proc/${process.pid}/mem`, file]).status === 0;
				}
			},
		});
		const result = await restoring.catch((error: unknown) => error);
		if (!mounted) {
			context.skip();
		}

		expect(result).toMatchObject({
			code: 'io-error',
			message: '1 restored file could not be read back: the disk reported an input/output error.',
		});
	} finally {
		spawnSync('umount', [file]);
	}
});
