import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, rmdirSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

/** As much as can be written to it; it takes as much of the disk as is. */
const imageBytes = 40e9;

const run = (file: string, ...args: readonly string[]): string =>
	execFileSync(file, [...args], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']}).trim();

/**
 * Mounts a new ext4 with a journal, in a file below the folder. A file system of its own starts in the same state every time, and what is measured does not
 * depend on what the machine's own has been through. Only root can. Gives the mounted folder, and what takes everything away again.
 */
export const mountImage = (folder: string): {readonly path: string; readonly unmount: () => void} => {
	if (process.getuid?.() !== 0) {
		throw new Error('--image mounts a file system, which only root can.');
	}

	const file = join(folder, 'image.ext4');
	const path = join(folder, 'image');
	mkdirSync(path, {recursive: true});
	let device = '';
	const unmount = (): void => {
		if (device !== '') {
			run('umount', path);
			run('losetup', '--detach', device);
			device = '';
		}

		rmSync(file, {force: true});
		if (existsSync(path)) {
			rmdirSync(path);
		}
	};

	writeFileSync(file, '', {flag: 'wx', mode: 0o600});
	try {
		truncateSync(file, imageBytes);
		run('mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', '-N', '2000000', file);
		device = run('losetup', '--find', '--show', '--direct-io=on', file);
		try {
			run('mount', device, path);
		} catch (error) {
			run('losetup', '--detach', device);
			device = '';
			throw error;
		}
	} catch (error) {
		unmount();
		throw error;
	}

	return {path, unmount};
};
