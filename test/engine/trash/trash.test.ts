import {
	existsSync,
	linkSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {changePin} from '../../../source/engine/pins.js';
import {readStoreIndex} from '../../../source/engine/store-index.js';
import {listTrash} from '../../../source/engine/trash.js';
import {readTrash, trashFolder} from '../../../source/engine/trash-folder.js';
import {makeFailingDisk} from '../../helpers/failing-disk.js';
import {makeForeignArchive} from '../../helpers/foreign-archive.js';
import {day, newTrashScene, sceneOn} from './scene.js';

const withoutLinks: Disk = {
	...systemDisk,
	link() {
		throw Object.assign(new Error('no hard links here'), {code: 'EPERM', syscall: 'link'});
	},
};

test.each([
	['hard links', systemDisk],
	['none', withoutLinks],
])('a deleted backup is in the trash and comes back as it was, with %s', async (_name, disk) => {
	const {store, target, run, backup, catalog, remove, trashed, ids, ports, time} = newTrashScene();
	await backup('first', disk);
	const before = (await catalog()).get('first.zip');
	await changePin(ports, store, before, true);
	const bytes = readFileSync(before.path);
	time.now += day;

	const deletion = await remove(['first.zip'], disk);
	expect(deletion).toMatchObject({
		outcome: 'done',
		result: {
			deleted: ['first.zip'],
			freedBytes: 0,
			remaining: 0,
			trashed: [{key: 'first.zip', bytes: bytes.length, deletedAt: time.now, expiresAt: time.now + 7 * day}],
		},
	});
	expect((await catalog()).list()).toEqual([]);
	expect(existsSync(before.path)).toBe(false);
	expect(readStoreIndex(store).pinned.size).toBe(0);
	expect(trashed()).toEqual(['first.zip']);
	const [entry] = readTrash(store).entries;
	expect((statSync(trashFolder(store)).mode & 0o777).toString(8)).toBe('700');
	expect((statSync(entry?.folder ?? '').mode & 0o777).toString(8)).toBe('700');
	expect((statSync(join(entry?.folder ?? '', 'item.json')).mode & 0o777).toString(8)).toBe('600');

	expect(await run({type: 'trash-restore', target, ids: ids()}, disk)).toMatchObject({
		outcome: 'done',
		result: {restored: ['first.zip']},
	});
	expect((await catalog()).get('first.zip')).toMatchObject({pinned: true, health: {type: 'verified'}});
	expect(readFileSync(before.path)).toEqual(bytes);
	expect(trashed()).toEqual([]);
	expect(existsSync(trashFolder(store))).toBe(false);
});

test('the latest deletion comes first, whatever the clock says', async () => {
	const {backup, remove, trashed, time} = newTrashScene();
	for (const name of ['a', 'b', 'c']) {
		await backup(name);
	}

	await remove(['b.zip']);
	time.now -= 30 * day;
	await remove(['c.zip']);
	time.now += 365 * day;
	await remove(['a.zip']);
	expect(trashed()).toEqual(['a.zip', 'c.zip', 'b.zip']);
});

test('nothing in the store is overwritten: a name that is taken now is named', async () => {
	const {store, target, run, backup, remove, ids, trashed} = newTrashScene();
	await backup('a');
	await backup('b');
	await remove(['a.zip', 'b.zip']);
	await backup('a');
	const now = readFileSync(join(store, 'a.zip'));
	expect(await run({type: 'trash-restore', target, ids: ids()})).toMatchObject({
		error: {code: 'name-clash', message: 'There is a backup called a.zip in the store now.'},
	});
	expect(readFileSync(join(store, 'a.zip'))).toEqual(now);
	expect(trashed()).toHaveLength(2);
	await remove(['a.zip']);
	expect(await run({type: 'trash-restore', target, ids: ids()})).toMatchObject({
		error: {code: 'name-clash', message: 'Two of these are called a.zip.'},
	});
});

test('deleting for good, by word or because the trash keeps nothing', async () => {
	const {store, target, result, run, backup, trashed} = newTrashScene();
	await backup('a');
	const {bytes} = await result({
		type: 'delete',
		target,
		keys: ['a.zip'],
		allowPinned: false,
		permanently: true,
	}).then(({freedBytes, trashed: kept}) => ({bytes: freedBytes, kept}));
	expect(bytes).toBeGreaterThan(0);
	await backup('b');
	expect(
		await run({type: 'delete', target: {...target, trashDays: 0}, keys: ['b.zip'], allowPinned: false}),
	).toMatchObject({result: {deleted: ['b.zip'], trashed: []}});
	expect(trashed()).toEqual([]);
	expect(readdirSync(store).filter(name => !name.endsWith('.json'))).toEqual([]);
});

test('the trash is emptied by item and as a whole, and an item that is not there empties nothing', async () => {
	const {store, target, run, backup, remove, ids, trashed} = newTrashScene();
	for (const name of ['a', 'b', 'c']) {
		await backup(name);
	}

	await remove(['a.zip', 'b.zip', 'c.zip']);
	const [c, b] = ids();
	expect(await run({type: 'trash-empty', target, ids: [c ?? '', 'ffffffffffff']})).toMatchObject({
		error: {code: 'not-found'},
	});
	expect(trashed()).toHaveLength(3);
	expect(await run({type: 'trash-empty', target, ids: [b ?? '']})).toMatchObject({result: {deleted: ['b.zip']}});
	expect(trashed()).toEqual(['c.zip', 'a.zip']);
	expect(await run({type: 'trash-empty', target, ids: 'all'})).toMatchObject({result: {deleted: ['c.zip', 'a.zip']}});
	expect(existsSync(trashFolder(store))).toBe(false);
	expect(await run({type: 'trash-empty', target, ids: 'all'})).toMatchObject({
		outcome: 'done',
		result: {deleted: [], freedBytes: 0},
	});
});

test('without its record an archive is listed from its own words, comes back, and is never thought old', async () => {
	const {store, target, result, backup, remove, ports, ids, time} = newTrashScene();
	await backup('a');
	await makeForeignArchive(join(store, 'b.zip'));
	await remove(['a.zip', 'b.zip']);
	for (const {folder, key} of readTrash(store).entries) {
		if (key === 'a.zip') {
			rmSync(join(folder, 'item.json'));
		} else {
			writeFileSync(join(folder, 'item.json'), '{"format":1,"num');
		}
	}

	const {items} = listTrash(ports, target);
	expect(items).toMatchObject([
		{key: 'a.zip', createdAt: time.now, expiresAt: null},
		{key: 'b.zip', expiresAt: null},
	]);
	for (let jobs = 0; jobs < 3; jobs++) {
		time.now += 100 * day;
		await backup(`later-${jobs}`);
	}

	expect((await result({type: 'trash-restore', target, ids: ids()})).restored).toEqual(['a.zip', 'b.zip']);
	expect(existsSync(trashFolder(store))).toBe(false);
});

test('what is in both places is in the store, and only there after the next job', async () => {
	const {store, backup, remove, trashed, catalog} = newTrashScene();
	await backup('a');
	await backup('b');
	await remove(['a.zip']);
	const [entry] = readTrash(store).entries;
	linkSync(entry?.path ?? '', join(store, 'a.zip'));
	expect([trashed(), (await catalog()).list().map(({key}) => key)]).toEqual([[], ['b.zip', 'a.zip']]);
	await remove(['b.zip']);
	expect(trashed()).toEqual(['b.zip']);
	expect(statSync(join(store, 'a.zip')).nlink).toBe(1);
	expect(readdirSync(trashFolder(store))).toHaveLength(1);
});

test('another file of the same name in the store does not count as the same backup', async () => {
	const {store, backup, remove, trashed} = newTrashScene();
	await backup('a');
	await remove(['a.zip']);
	await backup('a');
	expect(trashed()).toEqual(['a.zip']);
	await remove(['a.zip']);
	expect(trashed()).toEqual(['a.zip', 'a.zip']);
	expect(readTrash(store).remains).toEqual([]);
});

test("what is in the trash that is not printkeep's stays there", async () => {
	const {store, target, run, backup, remove} = newTrashScene();
	await backup('a');
	await remove(['a.zip']);
	const [entry] = readTrash(store).entries;
	writeFileSync(join(trashFolder(store), 'notes.txt'), 'mine');
	writeFileSync(join(entry?.folder ?? '', 'notes.txt'), 'mine too');
	expect(await run({type: 'trash-empty', target, ids: 'all'})).toMatchObject({outcome: 'done'});
	expect(readFileSync(join(trashFolder(store), 'notes.txt'), 'utf8')).toBe('mine');
	expect(readFileSync(join(entry?.folder ?? '', 'notes.txt'), 'utf8')).toBe('mine too');
});

test('a trash that is a link to somewhere else is refused, and nothing is deleted', async () => {
	const {root, store, target, backup, remove, ports} = newTrashScene();
	await backup('a');
	mkdirSync(join(root, 'elsewhere'));
	symlinkSync(join(root, 'elsewhere'), trashFolder(store));
	expect(await remove(['a.zip'])).toMatchObject({error: {code: 'store-unwritable'}});
	expect(() => listTrash(ports, target)).toThrow(expect.objectContaining({code: 'store-unwritable'}));
	expect([existsSync(join(store, 'a.zip')), readdirSync(join(root, 'elsewhere'))]).toEqual([true, []]);
});

test.each([
	['makeDirectory', 1],
	['makeDirectory', 2],
	['create', 1],
	['write', 1],
	['syncFile', 1],
	['link', 1],
	['syncDirectory', 2],
	['syncDirectory', 3],
	['unlink', 1],
] as const)(
	'when %s number %i of a deletion fails, the backup is in the store and the trash is as it was',
	async (call, number) => {
		const {store, backup, remove, trashed, catalog} = newTrashScene();
		await backup('a');
		const failing = makeFailingDisk(systemDisk, {call, number, code: 'ENOSPC'});
		const end = await remove(['a.zip'], failing.disk);
		expect(failing.hasFailed()).toBe(true);
		expect(end).toMatchObject({outcome: 'failed', error: {code: 'no-space'}});
		expect((await catalog()).get('a.zip').health.type).toBe('verified');
		expect([trashed(), readTrash(store).remains]).toEqual([[], []]);
		expect(await remove(['a.zip'])).toMatchObject({outcome: 'done'});
	},
);

test('where nothing has hard links, a sync that fails brings the backup back too', async () => {
	for (let number = 1; number <= 6; number++) {
		const {backup, remove, catalog, trashed} = newTrashScene();
		await backup('a');
		const {disk, hasFailed} = makeFailingDisk(withoutLinks, {call: 'syncDirectory', number, code: 'EIO'});
		const end = await remove(['a.zip'], disk);
		expect([number, hasFailed()]).toEqual([number, true]);
		const inStore = (await catalog()).list().length;
		expect([number, inStore + trashed().length, inStore === 1]).toEqual([
			number,
			1,
			end.outcome === 'failed' && number < 6,
		]);
	}
});

test('the name of the trash may be taken, and a name of 255 bytes fits', async () => {
	const {store, target, result, backup, remove, ids, catalog} = newTrashScene();
	await backup('a');
	const long = `${'x'.repeat(251)}.zip`;
	renameSync(join(store, 'a.zip'), join(store, long));
	expect(await remove([long])).toMatchObject({outcome: 'done'});
	expect((await result({type: 'trash-restore', target, ids: ids()})).restored).toEqual([long]);
	expect((await catalog()).list().map(({key}) => key)).toEqual([long]);
	writeFileSync(trashFolder(store), 'a file');
	expect(await remove([long])).toMatchObject({error: {code: 'store-unwritable'}});
});

test('the trash is in no backup, also when the store lies in the data', async () => {
	const {root, target} = newTrashScene();
	const inside = sceneOn(root, {store: join(target.instance.dataFolder, 'own-backups')});
	mkdirSync(inside.store, {mode: 0o700});
	await inside.backup('a');
	await inside.remove(['a.zip']);
	const {backup} = await inside.result({
		type: 'create',
		target: inside.target,
		excludes: [],
		includes: [],
		note: '',
		trigger: 'manual',
		name: 'b',
	});
	expect(readFileSync(backup.path).includes('printkeep-trash')).toBe(false);
	expect(inside.trashed()).toEqual(['a.zip']);
});

test('a backup that is a link to one elsewhere is not said to be in the trash', async () => {
	const {root, store, backup, remove, run, target, trashed} = newTrashScene();
	await backup('a');
	await backup('b');
	const elsewhere = join(root, 'elsewhere.zip');
	renameSync(join(store, 'a.zip'), elsewhere);
	symlinkSync(elsewhere, join(store, 'a.zip'));
	expect(await remove(['b.zip', 'a.zip'])).toMatchObject({outcome: 'failed', error: {code: 'not-a-file'}});
	expect([trashed(), existsSync(join(store, 'b.zip'))]).toEqual([[], true]);
	await run({type: 'delete', target, keys: ['a.zip'], allowPinned: false, permanently: true});
	expect([existsSync(join(store, 'a.zip')), existsSync(elsewhere)]).toEqual([false, true]);
});
