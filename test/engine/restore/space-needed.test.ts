import {statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {systemDisk} from '../../../source/engine/disk.js';
import {newScene} from './scene.js';

test('what the journal takes is counted, also for files that stay and only get their dates back', async () => {
	const scene = newScene();
	const {dataFolder} = scene.instance;
	const names = Array.from({length: 2000}, (_, index) => join(dataFolder, 'uploads', `part ${index}.gcode`));
	for (const name of names) {
		writeFileSync(name, 'G28\n');
	}

	const backup = await scene.create();
	for (const name of names) {
		utimesSync(name, 1, 1);
	}

	const {space} = await scene.plan(backup, {lowSpace: true});
	let largest = 0;
	const disk = {
		...systemDisk,
		rename(...[from, to]: Parameters<typeof systemDisk.rename>) {
			systemDisk.rename(from, to);
			if (String(to).endsWith('/journal.json')) {
				largest = Math.max(largest, statSync(to).size);
			}
		},
	};
	await scene.restore(backup, {lowSpace: true, disk});
	// It is replaced by its next version while it is still there.
	expect(space[0]?.neededBytes).toBeGreaterThan(2 * largest);
	expect(largest).toBeGreaterThan(200_000);
});
