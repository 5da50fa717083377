/**
 * A backup takes over what has not changed. Here everything is done to make it take over something that has: edits that look like none, clocks that jump,
 * databases whose news lie elsewhere, and earlier backups that are damaged.
 */
import {execFileSync} from 'node:child_process';
import {
	appendFileSync,
	closeSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {afterAll, describe, expect, test} from 'vitest';
import {openArchive} from '../../source/engine/archive/reader.js';
import {contentsOf, expectSound, minute, setUp} from '../engine/reuse/scene.js';
import {createCounts} from './counts.js';

const counts = createCounts('taking over');

afterAll(() => {
	expect(counts.get('changes that were all seen')).toBeGreaterThan(9);
	expect(counts.get('damaged backups that poisoned no new one')).toBeGreaterThan(4);
	counts.tell();
});

describe('a changed file never slips through', () => {
	const file = (data: string): string => join(data, 'uploads', 'folder', '7.gcode');
	const large = (data: string): string => join(data, 'uploads', 'large.gcode');
	const overwrite = (path: string, position: number): void => {
		const descriptor = openSync(path, 'r+');
		writeSync(descriptor, 'M117', position);
		closeSync(descriptor);
	};
	/** Sets a file's time to the nanosecond. */
	const setTime = (path: string, nanoseconds: bigint): void => {
		const seconds = `${nanoseconds / 1_000_000_000n}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}`;
		execFileSync('touch', ['-d', `@${seconds}`, path]);
		expect(statSync(path, {bigint: true}).mtimeNs).toBe(nanoseconds);
	};
	const keepTimes = (path: string, change: () => void): void => {
		const {mtimeNs} = statSync(path, {bigint: true});
		change();
		setTime(path, mtimeNs);
	};

	test.each<[string, (data: string) => void]>([
		['appended to', data => appendFileSync(file(data), 'G28\n')],
		['edited, with the same size', data => overwrite(file(data), 10)],
		[
			'edited, with the same size and its time set back',
			data => keepTimes(file(data), () => overwrite(file(data), 10)),
		],
		[
			'large and edited, with its time set back',
			data => keepTimes(large(data), () => overwrite(large(data), 1_200_000)),
		],
		[
			'replaced by another of the same size and time',
			data => {
				const {mtimeNs, size} = statSync(file(data), {bigint: true});
				writeFileSync(`${file(data)}.new`, Buffer.alloc(Number(size), 'x'));
				setTime(`${file(data)}.new`, mtimeNs);
				renameSync(`${file(data)}.new`, file(data));
			},
		],
		[
			'swapped with its neighbour',
			data => {
				renameSync(file(data), `${file(data)}.away`);
				renameSync(join(data, 'uploads', 'folder', '8.gcode'), file(data));
				renameSync(`${file(data)}.away`, join(data, 'uploads', 'folder', '8.gcode'));
			},
		],
		[
			'put behind a link that leads elsewhere now',
			data => {
				writeFileSync(join(data, 'uploads', 'other'), 'another content');
				rmSync(file(data));
				symlinkSync('../other', file(data));
			},
		],
		['removed', data => rmSync(file(data))],
		['new', data => writeFileSync(join(data, 'uploads', 'folder', '7.gcode.first'), 'G1')],
		['moved with its folder', data => renameSync(join(data, 'uploads', 'folder'), join(data, 'uploads', 'a-folder'))],
	])('%s', async (_, change) => {
		const {data, create} = setUp();
		const first = await create();
		change(data);
		const second = await create();
		expect(second.reused.files).toBeGreaterThan(0);
		expect(second.reused.files).toBeLessThan(first.files + 1);
		expectSound(second.backup.path);
		const anew = await create({rehash: true});
		expect(anew.reused.files).toBe(0);
		expect(await contentsOf(second.backup.path)).toEqual(await contentsOf(anew.backup.path));
		expect(await contentsOf(second.backup.path)).not.toEqual(await contentsOf(first.backup.path));
		counts.add('changes that were all seen');
		counts.add('files taken over beside them', second.reused.files);
	});

	test('written to while the clock was set back', async () => {
		const {data, create, time} = setUp();
		await create();
		overwrite(file(data), 4);
		time.offset = -365 * 24 * 60 * minute;
		const second = await create({name: 'past.zip'});
		expect(await contentsOf(second.backup.path)).toMatchObject({
			'basedir/uploads/folder/7.gcode': readFileSync(file(data), 'latin1'),
		});
	});

	test('read within two seconds of its last change: its times could stay the same', async () => {
		const {create, time, data} = setUp();
		time.offset = 0;
		appendFileSync(file(data), 'G28\n');
		await create();
		time.offset = minute;
		const second = await create();
		expect(second.reused.files).toBe(0);
		expect((await create()).reused.files).toBe(second.files);
	});
});

describe('databases', () => {
	const open = (data: string): DatabaseSync => new DatabaseSync(join(data, 'data', 'history.db'));

	test('an unchanged one is taken over with its rows, a changed one is copied anew', async () => {
		const {data, create} = setUp();
		await create();
		const second = await create();
		expect(second.reused.files).toBe(second.files);
		const database = open(data);
		database.exec('INSERT INTO prints VALUES (3)');
		database.close();
		const third = await create();
		expect(third.reused.files).toBe(third.files - 1);
		const archive = await openArchive(third.backup.path);
		const manifest = await archive.manifest();
		archive.close();
		expect(manifest?.files.find(({path}) => path.endsWith('history.db'))?.tables).toEqual({prints: 3});
	});

	test('one that is damaged is copied as it lies, and told, each time', async () => {
		const {data, create} = setUp();
		writeFileSync(
			join(data, 'data', 'broken.db'),
			Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4000, 7)]),
		);
		const first = await create();
		expect(first.skipped.map(({path}) => path)).toEqual(['data/broken.db']);
		const second = await create();
		expect(second.skipped).toEqual(first.skipped);
		expect(second.reused.files).toBe(second.files - 1);
	});

	test('one with a name that leaves no room for that of a log is backed up like any other', async () => {
		const {data, create} = setUp();
		const source = new DatabaseSync(join(data, 'data', 'history.db'));
		source.exec(`VACUUM INTO '${join(data, 'data', 'short.db')}'`);
		source.close();
		renameSync(join(data, 'data', 'short.db'), join(data, 'data', `${'n'.repeat(246)}.db`));
		const first = await create();
		expect(first.files).toBe(34);
		expect((await create()).files).toBe(34);
	});

	test('one that a link leads to, whose news lie in a log beside it and not beside the link, is copied anew', async () => {
		const {root, data, create} = setUp();
		const elsewhere = join(root, 'history.db');
		renameSync(join(data, 'data', 'history.db'), elsewhere);
		symlinkSync(elsewhere, join(data, 'data', 'history.db'));
		const wal = new DatabaseSync(elsewhere);
		wal.exec('PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; INSERT INTO prints VALUES (3)');
		await create();
		wal.exec('INSERT INTO prints VALUES (4)');
		const second = await create();
		const archive = await openArchive(second.backup.path);
		const manifest = await archive.manifest();
		archive.close();
		wal.close();
		expect(manifest?.files.find(({path}) => path.endsWith('history.db'))?.tables).toEqual({prints: 4});
	});

	test('one whose news lie in a log beside it is copied anew', async () => {
		const {data, create} = setUp();
		const wal = open(data);
		wal.exec('PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; INSERT INTO prints VALUES (3)');
		await create();
		wal.exec('INSERT INTO prints VALUES (4)');
		const second = await create();
		const archive = await openArchive(second.backup.path);
		const manifest = await archive.manifest();
		archive.close();
		wal.close();
		expect(manifest?.files.find(({path}) => path.endsWith('history.db'))?.tables).toEqual({prints: 4});
	});
});

describe('what is taken over from', () => {
	/** Turns a bit of the archive, and sets its time back so that the store still takes it for verified. */
	const damage = (path: string, position: number): void => {
		const {mtimeNs} = statSync(path, {bigint: true});
		const byte = readFileSync(path).readUInt8(position);
		const descriptor = openSync(path, 'r+');
		writeSync(descriptor, Uint8Array.of(byte ^ 1), 0, 1, position);
		closeSync(descriptor);
		const seconds = `${mtimeNs / 1_000_000_000n}.${String(mtimeNs % 1_000_000_000n).padStart(9, '0')}`;
		execFileSync('touch', ['-d', `@${seconds}`, path]);
		expect(statSync(path, {bigint: true}).mtimeNs).toBe(mtimeNs);
	};

	const places = {
		'the data of an entry': archive => (archive.find('basedir/uploads/large.gcode')?.headerOffset ?? 0) + 300,
		'the header of an entry': archive => (archive.find('basedir/uploads/folder/9.gcode')?.headerOffset ?? 0) + 14,
		'the content of a stored byte': archive => (archive.find('basedir/config.yaml')?.headerOffset ?? 0) + 75,
		'the manifest': archive => (archive.find('printkeep.json')?.headerOffset ?? 0) + 200,
		'the list of contents': archive => archive.endRecordOffset - 200,
	} satisfies Record<string, (archive: Awaited<ReturnType<typeof openArchive>>) => number>;

	test.each(Object.entries(places))('a backup damaged in %s poisons no new one', async (_, placeIn) => {
		const {data, create} = setUp();
		const first = await create();
		const archive = await openArchive(first.backup.path);
		const position = placeIn(archive);
		archive.close();
		damage(first.backup.path, position);
		const second = await create();
		expectSound(second.backup.path);
		expect(second.backup.health.type).toBe('verified');
		expect((await contentsOf(second.backup.path))['basedir/uploads/large.gcode']).toBe(
			readFileSync(join(data, 'uploads', 'large.gcode'), 'latin1'),
		);
		counts.add('damaged backups that poisoned no new one');
	});

	test('damage that is found is told, and the damaged backup counts as verified no more', async () => {
		const {create, events, client, target} = setUp();
		const first = await create();
		const archive = await openArchive(first.backup.path);
		const position = places['the data of an entry'](archive);
		archive.close();
		damage(first.backup.path, position);
		const second = await create();
		expect(second.reused).toEqual({key: null, files: 0, bytes: 0});
		expect(events.find(event => event.type === 'log' && event.level === 'warning')).toMatchObject({
			text: expect.stringContaining(`What was taken over from ${first.backup.key} did not read back right`),
		});
		const {items} = await client.request('backups.list', {target, offset: 0, limit: 10});
		expect(items.map(({key, health}) => [key, health.type])).toEqual([
			[second.backup.key, 'verified'],
			[first.backup.key, 'unverified'],
		]);
	});

	test('a backup whose file was touched since it was verified gives nothing, nor does another instance’s', async () => {
		const {create, target} = setUp();
		const first = await create();
		execFileSync('touch', [first.backup.path]);
		expect((await create()).reused.files).toBe(0);
		const other = await create({target: {...target, instance: {...target.instance, name: 'other'}}});
		expect(other.reused.files).toBe(0);
	});
});
