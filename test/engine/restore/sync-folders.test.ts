import {mkdirSync, rmdirSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {toBytePath} from '../../../source/engine/restore/byte-path.js';
import {syncAll} from '../../../source/engine/restore/swap-paths.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

test('the folders of an exchange are synced side by side, each once, and those that are gone not at all', async () => {
	const root = temporaryDirectory();
	const paths = Array.from({length: 100}, (_, index) => join(root, String(index)));
	for (const path of paths) {
		mkdirSync(path);
	}

	rmdirSync(paths[7] ?? root);
	const synced: string[] = [];
	let running = 0;
	let most = 0;
	const disk: Disk = {
		...systemDisk,
		async syncDirectory(path) {
			synced.push(String(path));
			running++;
			most = Math.max(most, running);
			await systemDisk.syncDirectory(path);
			running--;
		},
	};
	await syncAll(disk, [...paths, ...paths].map(toBytePath));
	expect([running, most]).toEqual([0, 16]);
	expect(synced.sort()).toEqual(paths.filter((_, index) => index !== 7).sort());
});
