/** Files that wait for a slow medium: there are never too many of them open. */
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {createFileSyncer} from '../../../source/engine/restore/sync-batch.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

/** A disk that counts what is open and syncs no file before it is told to. */
const makeSlowDisk = (fault?: Error) => {
	const open = new Set<number>();
	/** How many files each batch had. */
	const batches: number[] = [];
	let synced = 0;
	const {promise: released, resolve: release} = Promise.withResolvers<void>();
	const disk: Disk = {
		...systemDisk,
		create(path, mode) {
			const descriptor = systemDisk.create(path, mode);
			open.add(descriptor);
			return descriptor;
		},
		close(descriptor) {
			open.delete(descriptor);
			systemDisk.close(descriptor);
			// A batch is closed when all of it is synced.
			if (synced > 0) {
				batches.push(synced);
				synced = 0;
			}
		},
		async syncFile() {
			await released;
			if (fault) {
				throw fault;
			}

			synced++;
		},
	};
	return {disk, open, batches, release};
};

const perBatch = 48;

test('many batches that are complete at once wait with their files until there is room, and none is lost', async () => {
	const root = temporaryDirectory();
	const {disk, open, batches, release} = makeSlowDisk();
	const syncer = createFileSyncer(disk);
	let number = 0;
	const taken: boolean[] = [];
	const make = (): readonly number[] =>
		Array.from({length: perBatch}, () => disk.create(join(root, String(number++)), 0o600));
	const adding = Array.from({length: 20}, async (_, index) => {
		await syncer.add(make(), 1);
		taken[index] = true;
	});
	// All that may be taken has been taken when the microtasks are through.
	await new Promise(setImmediate);
	// Six begin a batch, and six more gather: 288 of at most 320.
	expect(taken.filter(Boolean)).toHaveLength(12);
	release();
	await Promise.all(adding);
	await syncer.flush();
	expect(open.size).toBe(0);
	expect(batches).toEqual([6, 7, 7].map(count => count * perBatch));
});

test('files that waited for room when a sync failed are closed with the others', async () => {
	const root = temporaryDirectory();
	const {disk, open, release} = makeSlowDisk(new Error('injected'));
	const syncer = createFileSyncer(disk);
	let number = 0;
	const adding = Array.from({length: 20}, async () =>
		syncer.add(
			Array.from({length: perBatch}, () => disk.create(join(root, String(number++)), 0o600)),
			1,
		),
	);
	const settled = Promise.allSettled(adding);
	await new Promise(setImmediate);
	release();
	expect((await settled).filter(({status}) => status === 'rejected')).toHaveLength(8);
	await syncer.abandon();
	expect(open.size).toBe(0);
});
