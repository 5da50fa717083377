import {join} from 'node:path';
import {removeFolder, runAside} from './bench.js';
import type {Command} from './measure.js';

/** A restic repository with a cache of its own, both below one folder, so that a copy of the folder is both. */
export const resticCommand = (folder: string, cwd: string, ...args: readonly string[]): Command => ({
	argv: ['restic', '--quiet', '--repo', join(folder, 'repository'), ...args],
	cwd,
	env: {
		PATH: process.env.PATH ?? '',
		HOME: folder,
		RESTIC_PASSWORD: 'bench',
		RESTIC_CACHE_DIR: join(folder, 'cache'),
	},
});

/** Makes an empty repository where there may have been one. */
export const newRepository = (folder: string): void => {
	removeFolder(folder);
	runAside(resticCommand(folder, '/', 'init'));
};
