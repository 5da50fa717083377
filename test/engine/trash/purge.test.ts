import {utimesSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {readTrash} from '../../../source/engine/trash-folder.js';
import {makeForeignArchive} from '../../helpers/foreign-archive.js';
import {day, newTrashScene} from './scene.js';

const hour = day / 24;

/** An archive of another program's from before everything here: its age is the time of its file. */
const makeOldArchive = async (path: string): Promise<void> => {
	await makeForeignArchive(path);
	utimesSync(path, new Date(2026, 1, 1), new Date(2026, 1, 1));
};

/** A store with `kept` in it and `old`, made before it, in the trash. */
const withOneDeleted = async (...changes: Parameters<typeof newTrashScene>) => {
	const scene = newTrashScene(...changes);
	await scene.backup('old');
	await scene.backup('kept');
	await scene.remove(['old.zip']);
	return scene;
};

test('what is past its time goes after the second job that finds it so', async () => {
	const {backup, trashed, time, logs} = await withOneDeleted();
	time.now += 7 * day - hour;
	await backup('a');
	time.now += 2 * day;
	await backup('b');
	expect(trashed()).toEqual(['old.zip']);
	time.now += hour;
	await backup('c');
	expect(trashed()).toEqual(['old.zip']);
	time.now += 12 * hour;
	await backup('d');
	expect(trashed()).toEqual([]);
	expect(logs).toContain('1 deleted backup went from the trash for good, after 7 days.');
});

test.each(['import', 'delete'] as const)('a job of the kind %s purges too', async kind => {
	const {root, run, target, backup, remove, trashed, time} = await withOneDeleted();
	await backup('a');
	await backup('b');
	await makeOldArchive(join(root, 'foreign.zip'));
	for (const name of ['a', 'b']) {
		time.now += 8 * day;
		await (kind === 'import'
			? run({type: 'import', target, path: join(root, 'foreign.zip'), as: name.repeat(2)})
			: remove([`${name}.zip`]));
	}

	expect(trashed()).not.toContain('old.zip');
});

test('looking and bringing back purge nothing, nor does a job that fails', async () => {
	const {root, backup, run, target, trashed, remove, time, ids} = await withOneDeleted();
	time.now += 8 * day;
	await backup('a');
	time.now += day;
	await run({type: 'verify', target, sources: 'all'});
	await run({type: 'import', target, path: join(root, 'nothing.zip')});
	await backup('a');
	expect(trashed()).toEqual(['old.zip']);
	// Deleting another and bringing it back leaves the trash to the next job that adds or deletes.
	await run({type: 'trash-restore', target, ids: ids()});
	expect(trashed()).toEqual([]);
	await remove(['old.zip']);
	expect(trashed()).toEqual(['old.zip']);
});

test('another number of days holds for what is there already', async () => {
	const {target, run, trashed, time} = await withOneDeleted();
	const create = async (name: string, trashDays: number) =>
		run({
			type: 'create',
			target: {...target, trashDays},
			excludes: [],
			includes: [],
			note: '',
			trigger: 'manual',
			name,
		});
	time.now += 8 * day;
	await create('a', 30);
	time.now += 8 * day;
	await create('b', 30);
	expect(trashed()).toEqual(['old.zip']);
	await create('c', 0);
	time.now += day;
	await create('d', 0);
	expect(trashed()).toEqual([]);
});

test('a clock that jumps ahead deletes nothing, and what it saw is forgotten when it is right again', async () => {
	const {backup, run, target, trashed, time} = await withOneDeleted();
	time.now += 3650 * day;
	await backup('in-2036');
	await backup('in-2036-again');
	expect(trashed()).toEqual(['old.zip']);
	time.now -= 3650 * day - hour;
	await backup('right-again');
	expect(trashed()).toEqual(['old.zip']);
	// As long as there are backups of the wrong date the clock is behind what is known to have been.
	time.now += 8 * day;
	await backup('a');
	time.now += day;
	await backup('b');
	expect(trashed()).toEqual(['old.zip']);
	const keys = ['in-2036.zip', 'in-2036-again.zip'];
	await run({type: 'delete', target, keys, allowPinned: false, permanently: true});
	time.now += day;
	await backup('c');
	expect(trashed()).toEqual([]);
});

test.each([
	['1970', () => 0],
	['before the deletion', (now: number) => now - hour],
])('a clock in %s deletes nothing', async (_name, turn) => {
	const {backup, trashed, time} = await withOneDeleted({trashDays: 1});
	const start = time.now;
	time.now = start + 2 * day;
	await backup('noted');
	for (const name of ['a', 'b', 'c']) {
		time.now = turn(start);
		await backup(name);
		expect(trashed()).toEqual(['old.zip']);
	}
});

test('what has no newer backup that was read in full stays', async () => {
	const {store, remove, run, target, backup, trashed, time} = newTrashScene();
	for (const name of ['unread-1', 'unread-2', 'unread-3']) {
		await makeOldArchive(join(store, `${name}.zip`));
	}

	await backup('older');
	await backup('newer');
	await remove(['newer.zip']);
	for (const name of ['unread-1', 'unread-2']) {
		time.now += 8 * day;
		await run({type: 'delete', target, keys: [`${name}.zip`], allowPinned: false, permanently: true});
	}

	expect(trashed()).toEqual(['newer.zip']);
	await run({type: 'delete', target, keys: ['older.zip'], allowPinned: false, permanently: true});
	expect(trashed()).toEqual(['newer.zip']);
	await backup('newest');
	expect(trashed()).toEqual([]);
});

test('an old archive of another program, read in full, takes the place of nothing', async () => {
	const {root, run, target, backup, remove, trashed, time} = newTrashScene();
	await makeOldArchive(join(root, 'foreign.zip'));
	await run({type: 'import', target, path: join(root, 'foreign.zip'), as: 'foreign'});
	await backup('mine');
	await remove(['mine.zip']);
	for (const name of ['a', 'b', 'c']) {
		time.now += 8 * day;
		await run({type: 'import', target, path: join(root, 'foreign.zip'), as: name});
	}

	expect(trashed()).toEqual(['mine.zip']);
	await backup('mine-again');
	expect(trashed()).toEqual([]);
});

test('a backup of another instance in the same store protects nothing', async () => {
	const {target, run, remove, trashed, backup, time} = newTrashScene();
	await backup('mine');
	await remove(['mine.zip']);
	const other = {...target, instance: {...target.instance, name: 'other'}};
	const create = async (of: typeof target, name: string) =>
		run({type: 'create', target: of, excludes: [], includes: [], note: '', trigger: 'manual', name});
	for (const name of ['a', 'b', 'c']) {
		time.now += 8 * day;
		await create(other, name);
	}

	expect(trashed()).toEqual(['mine.zip']);
	await create(target, 'mine-again');
	expect(trashed()).toEqual([]);
});

test('the store may be left with an item whose record says when it was first seen past its time', async () => {
	const {store, backup, time} = await withOneDeleted();
	time.now += 8 * day;
	await backup('a');
	expect(readTrash(store).entries[0]?.record?.seenExpiredAt).toBe(time.now);
	time.now -= 2 * day;
	await backup('b');
	expect(readTrash(store).entries[0]?.record?.seenExpiredAt).toBeUndefined();
});
