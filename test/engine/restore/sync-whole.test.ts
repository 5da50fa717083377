/** Files that get onto the medium by syncs of whole file systems, where these tell what was lost. */
import {spawnSync} from 'node:child_process';
import {statfsSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {batchBytesFor, createSyncer, wholeBatchBytes} from '../../../source/engine/restore/sync-whole.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

/** A disk that writes down what is synced and closed. */
const makeDisk = ({can = true, fails}: {readonly can?: boolean; readonly fails?: () => Error | null} = {}) => {
	const calls: string[] = [];
	let open = 0;
	const disk: Disk = {
		...systemDisk,
		create(path, mode) {
			open++;
			return systemDisk.create(path, mode);
		},
		close(descriptor) {
			open--;
			systemDisk.close(descriptor);
		},
		canSyncFileSystem: async () => can,
		async syncFileSystem(path) {
			calls.push(path);
			const error = fails?.() ?? null;
			if (error) {
				throw error;
			}
		},
		async syncFile(descriptor) {
			calls.push('file');
			return systemDisk.syncFile(descriptor);
		},
		async syncDirectory(path) {
			calls.push('folder');
			return systemDisk.syncDirectory(path);
		},
	};
	return {disk, calls, open: () => open};
};

const add = async (
	disk: Disk,
	syncer: Awaited<ReturnType<typeof createSyncer>>,
	root: string,
	name: string,
	bytes = 1,
) => syncer.add([disk.create(join(root, name), 0o600)], bytes);

test('files are closed at once, and every file system is synced once for files and once for folders', async () => {
	const root = temporaryDirectory();
	const {disk, calls, open} = makeDisk();
	const syncer = await createSyncer(disk, [root, '/tmp'], 200);
	for (let number = 0; number < 200; number++) {
		await add(disk, syncer, root, String(number));
	}

	expect(open()).toBe(0);
	expect(calls).toEqual([]);
	await syncer.flush();
	expect(calls).toEqual([root, '/tmp']);
	await syncer.syncFolders([]);
	expect(calls).toEqual([root, '/tmp', root, '/tmp']);
});

test('much is not left for the end, and what was written during a sync is synced again', async () => {
	const root = temporaryDirectory();
	const {disk, calls} = makeDisk();
	const syncer = await createSyncer(disk, [root], 200);
	for (let number = 0; number < 10; number++) {
		await add(disk, syncer, root, String(number), 0.6 * wholeBatchBytes);
	}

	await syncer.flush();
	expect(calls.length).toBeGreaterThan(3);
});

test('what could not be written fails the restore, at once or at the end, and leaves nothing open', async () => {
	for (const bytes of [1, 1.25 * wholeBatchBytes]) {
		const root = temporaryDirectory();
		const {disk, open} = makeDisk({
			fails: () => Object.assign(new Error('EIO: injected'), {code: 'EIO', syscall: 'syncfs'}),
		});
		const syncer = await createSyncer(disk, [root], 200);
		const work = async (): Promise<void> => {
			await add(disk, syncer, root, 'first', bytes);
			await add(disk, syncer, root, 'second', bytes);
			await syncer.flush();
		};
		await expect(work()).rejects.toMatchObject({code: 'EIO'});
		await syncer.abandon();
		expect(open()).toBe(0);
	}
});

test('where the system does not tell what was lost, every file and folder is synced by itself', async () => {
	const root = temporaryDirectory();
	const {disk, calls, open} = makeDisk({can: false});
	const syncer = await createSyncer(disk, [root], 200);
	await add(disk, syncer, root, 'one');
	await syncer.flush();
	expect(open()).toBe(0);
	expect(calls).toEqual(['file']);
});

test('this system’s disk does it where it is told what was lost, and not for a handful of files', async () => {
	const root = temporaryDirectory();
	const version = spawnSync('sync', ['--version'], {encoding: 'utf8'}).stdout ?? '';
	const isTold = ['0xef53', '0x58465342', '0x9123683e', '0xf2f52010'].includes(
		`0x${statfsSync(root).type.toString(16)}`,
	);
	expect(await systemDisk.canSyncFileSystem(root, 3)).toBe(false);
	expect(await systemDisk.canSyncFileSystem(root, 1000)).toBe(isTold && version.includes('GNU coreutils'));
	expect(await systemDisk.canSyncFileSystem('/proc', 1000)).toBe(false);
	await expect(systemDisk.syncFileSystem(join(root, 'missing'))).rejects.toMatchObject({code: 'EIO'});
});

test.each([
	['a small board', 512, 0, 64],
	['a large one', 8192, 0, 256],
	['a server', 262_144, 0, 1024],
	['a small container on a server', 262_144, 1024, 64],
	['a container that may have more than there is', 8192, 2 ** 44, 256],
])('on %s as much is gathered as its memory lets it', (_, total, allowed, expected) => {
	const megabyte = 1024 * 1024;
	expect(batchBytesFor(total * megabyte, allowed * megabyte)).toBe(expected * megabyte);
});
