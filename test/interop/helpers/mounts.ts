import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync} from 'node:fs';
import {makeTemporaryDirectory, removeDirectory} from '../../helpers/temporary.js';

/** Mounts a file system in memory. */
export const mountMemory = (path: string, megabytes: number): void => {
	mkdirSync(path, {recursive: true});
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'printkeep-test', path]);
};

/** Shows a folder at another path as well, as a share of a NAS that is mounted there. */
export const mountAgain = (folder: string, path: string): void => {
	mkdirSync(path, {recursive: true});
	execFileSync('mount', ['--bind', folder, path]);
};

/** Mount points at or below a folder, deepest last. */
export const mountPointsBelow = (folder: string): readonly string[] =>
	readFileSync('/proc/self/mountinfo', 'utf8')
		.split('\n')
		.map(line =>
			(line.split(' ')[4] ?? '').replaceAll(/\\(\d{3})/gu, (_, digits: string) =>
				String.fromCodePoint(Number.parseInt(digits, 8)),
			),
		)
		.filter(path => path === folder || path.startsWith(`${folder}/`))
		.toSorted();

/** Unmounts everything at or below a folder. */
export const unmountBelow = (folder: string): void => {
	for (const path of mountPointsBelow(folder).toReversed()) {
		execFileSync('umount', ['-l', path]);
	}
};

/** Whether file systems can be mounted here, which takes root. In continuous integration they have to be: what is skipped silently proves nothing. */
export const canMount = ((): boolean => {
	const path = makeTemporaryDirectory();
	const can = spawnSync('mount', ['-t', 'tmpfs', 'printkeep-test', path]).status === 0;
	unmountBelow(path);
	removeDirectory(path);
	if (!can && process.env.CI === 'true') {
		throw new Error('No file system can be mounted here: run this as root, with the right to mount.');
	}

	if (!can) {
		console.warn(
			'SKIPPED: no file system can be mounted here (it takes root), so what OctoPrint does to mounts and full disks is not tested',
		);
	}

	return can;
})();
