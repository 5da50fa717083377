/** Verify, delete, pin, import and export through a client, on real files. */
import {execFileSync} from 'node:child_process';
import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	statSync,
	utimesSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {archiveFaults} from '../../../source/errors.js';
import {digestTree} from '../../helpers/digest-tree.js';
import {createRequest, makeClient, makeTarget, type TestClient} from '../../helpers/engine-client.js';
import {makeForeignArchive, octoprintMembers} from '../../helpers/foreign-archive.js';
import {makeInstance} from '../../helpers/make-instance.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {waitFor} from '../../helpers/wait-for.js';

const open: TestClient[] = [];

afterEach(async () => {
	await Promise.all(open.splice(0).map(async ({client}) => client.close()));
});

const setUp = () => {
	const root = temporaryDirectory();
	const instance = makeInstance(root);
	const store = join(root, 'store');
	const made = makeClient('in process', root);
	open.push(made);
	return {root, instance, store, target: makeTarget(instance.dataFolder, store), ...made};
};

/** Everything in a store; the folder's own time changes with the lock. */
const backupsIn = (store: string) => ({...digestTree(store), '.': null});

const flipByte = (path: string, position: number): void => {
	const bytes = readFileSync(path);
	const descriptor = openSync(path, 'r+');
	writeSync(descriptor, Buffer.from([(bytes[position] ?? 0) ^ 0x40]), 0, 1, position);
	closeSync(descriptor);
};

describe('verify', () => {
	test('an intact backup: every entry read, databases opened', async () => {
		const {result, target} = setUp();
		const {backup} = await result(createRequest(target));
		const {results} = await result({type: 'verify', target, sources: [{type: 'backup', key: backup.key}]});
		expect(results).toMatchObject([{ok: true, proof: 'sha256', databases: 2, problems: []}]);
	});

	test.each([0.1, 0.5, 0.9, 0.999])(
		'one changed byte at %d of the file is found, and the backup no longer counts as good',
		async where => {
			const {run, result, target, client} = setUp();
			const {backup} = await result(createRequest(target));
			flipByte(backup.path, Math.floor(backup.bytes * where));
			const end = await run({type: 'verify', target, sources: 'all'});
			expect(end).toMatchObject({outcome: 'failed', result: {type: 'verify', results: [{ok: false}]}});
			expect(archiveFaults).toContain(end.error?.code);
			const {items} = await client.request('backups.list', {target, offset: 0, limit: 10});
			expect(items[0]?.health.type).not.toBe('verified');
		},
	);

	test('a foreign backup is proven by CRC only, and a damaged database inside is named', async () => {
		const {run, result, target, root} = setUp();
		const good = join(root, 'good.zip');
		await makeForeignArchive(good);
		const {results} = await result({type: 'verify', target, sources: [{type: 'file', path: good}]});
		expect(results).toMatchObject([{ok: true, proof: 'crc32'}]);
		const bad = join(root, 'bad.zip');
		await makeForeignArchive(bad, {
			...octoprintMembers,
			'basedir/data/x/x.db': Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4096, 9)]),
		});
		const end = await run({type: 'verify', target, sources: [{type: 'file', path: bad}]});
		expect(end).toMatchObject({
			outcome: 'failed',
			error: {code: 'archive-damaged', message: expect.stringContaining('x.db')},
		});
	});

	test('nothing that is not there', async () => {
		const {run, target} = setUp();
		expect(await run({type: 'verify', target, sources: [{type: 'backup', key: 'none.zip'}]})).toMatchObject({
			outcome: 'failed',
			error: {code: 'not-found'},
		});
		expect(await run({type: 'verify', target, sources: [{type: 'file', path: '/nowhere/x.zip'}]})).toMatchObject({
			outcome: 'failed',
			error: {code: 'not-found'},
		});
	});
});

describe('delete and pin', () => {
	test('deletes what is named and says what remains', async () => {
		const {result, target, store} = setUp();
		const first = await result(createRequest(target, {name: 'first'}));
		await result(createRequest(target, {name: 'second'}));
		expect(
			await result({type: 'delete', target, keys: ['first.zip'], allowPinned: false, permanently: true}),
		).toMatchObject({
			deleted: ['first.zip'],
			freedBytes: first.backup.bytes,
			remaining: 1,
		});
		expect(readdirSync(store).filter(name => name.endsWith('.zip'))).toEqual(['second.zip']);
	});

	test('all or none: one wrong key keeps everything', async () => {
		const {run, result, target, store} = setUp();
		await result(createRequest(target, {name: 'first'}));
		const before = backupsIn(store);
		expect(await run({type: 'delete', target, keys: ['first.zip', 'none.zip'], allowPinned: false})).toMatchObject({
			outcome: 'failed',
			error: {code: 'not-found'},
		});
		expect(backupsIn(store)).toEqual(before);
	});

	test('a pinned backup stays until it is allowed', async () => {
		const {client, run, result, target} = setUp();
		await result(createRequest(target, {name: 'keep'}));
		expect(await client.request('backup.pin', {target, key: 'keep.zip', pinned: true})).toMatchObject({pinned: true});
		expect(await run({type: 'delete', target, keys: ['keep.zip'], allowPinned: false})).toMatchObject({
			outcome: 'failed',
			error: {code: 'pinned'},
		});
		expect(await client.request('backup.pin', {target, key: 'keep.zip', pinned: false})).toMatchObject({pinned: false});
		expect(await run({type: 'delete', target, keys: ['keep.zip'], allowPinned: false})).toMatchObject({
			outcome: 'done',
		});
	});

	test('nothing is deleted while nobody knows what is pinned, and what a newer version wrote is not overwritten', async () => {
		const {client, run, result, target, store} = setUp();
		await result(createRequest(target, {name: 'keep'}));
		const index = join(store, '.printkeep.json');
		const newer = '{"format":2,"pins":{"keep.zip":true}}';
		writeFileSync(index, newer);
		expect(await run({type: 'delete', target, keys: ['keep.zip'], allowPinned: false})).toMatchObject({
			outcome: 'failed',
			error: {code: 'store-unwritable', message: expect.stringContaining('newer printkeep')},
		});
		await expect(client.request('backup.pin', {target, key: 'keep.zip', pinned: true})).rejects.toMatchObject({
			code: 'store-unwritable',
		});
		expect(await run(createRequest(target, {name: 'more'}))).toMatchObject({outcome: 'done'});
		expect(readFileSync(index, 'utf8')).toBe(newer);
		expect(existsSync(join(store, 'keep.zip'))).toBe(true);
	});

	test('a damaged note about what was verified takes no pins with it', async () => {
		const {run, result, target, store} = setUp();
		await result(createRequest(target, {name: 'keep'}));
		writeFileSync(
			join(store, '.printkeep.json'),
			'{"format":1,"pinned":["keep.zip"],"verified":{"store/keep.zip":{"at":"soon"}},"sequence":1}',
		);
		expect(await run({type: 'delete', target, keys: ['keep.zip'], allowPinned: false})).toMatchObject({
			error: {code: 'pinned'},
		});
	});

	test("the server's own backups are not deleted or pinned", async () => {
		const {client, run, target, instance} = setUp();
		mkdirSync(join(instance.dataFolder, 'data/backup'), {recursive: true});
		await makeForeignArchive(join(instance.dataFolder, 'data/backup/theirs.zip'));
		expect(await run({type: 'delete', target, keys: ['theirs.zip'], allowPinned: true})).toMatchObject({
			outcome: 'failed',
			error: {code: 'not-found'},
		});
		await expect(client.request('backup.pin', {target, key: 'theirs.zip', pinned: true})).rejects.toMatchObject({
			code: 'not-found',
		});
		expect(existsSync(join(instance.dataFolder, 'data/backup/theirs.zip'))).toBe(true);
	});
});

describe('import', () => {
	test('a valid archive is copied in under a unique name, and counts as read', async () => {
		const {result, target, root} = setUp();
		const file = join(root, 'Octoprint Backup (1).zip');
		await makeForeignArchive(file);
		const first = await result({type: 'import', target, path: file});
		expect(first.backup).toMatchObject({
			key: 'Octoprint-Backup-1.zip',
			origin: 'store',
			health: {type: 'verified'},
			writtenBy: 'octoprint',
		});
		expect(statSync(first.backup.path).mode & 0o777).toBe(0o600);
		expect(readFileSync(first.backup.path)).toEqual(readFileSync(file));
		const second = await result({type: 'import', target, path: file});
		expect(second.backup.key).toBe('Octoprint-Backup-1-2.zip');
	});

	test('an archive of another program keeps its age, so that an old one does not pass for a fresh backup', async () => {
		const {result, target, root, client} = setUp();
		const file = join(root, 'old.zip');
		await makeForeignArchive(file);
		const made = Date.UTC(2025, 0, 2, 3, 4, 5);
		utimesSync(file, made / 1000, made / 1000);
		const {backup} = await result({type: 'import', target, path: file});
		expect(backup.createdAt).toBe(made);
		const {overdue} = await client.request('status.report', {target, overdueAfterMilliseconds: 7 * 86_400_000});
		expect(overdue).toBe(true);
	});

	test('a file that changes between the check and the copy is not imported', async () => {
		const {client, events, target, root, store} = setUp();
		const file = join(root, 'changing.zip');
		await makeForeignArchive(file);
		client.subscribe(event => {
			if (event.type === 'phase' && event.phase === 'copying') {
				flipByte(file, 60);
			}
		});
		await client.request('job.start', {type: 'import', target, path: file});
		const end = await waitFor('the end', () => events.find(event => event.type === 'job-finished'));
		expect(end).toMatchObject({outcome: 'failed', error: {code: 'archive-damaged'}});
		expect(readdirSync(store)).toEqual([]);
	});

	test('what is no backup of this server stays outside', async () => {
		const {run, target, root, store} = setUp();
		const files = {
			'text.zip': 'this is no zip',
			'empty.zip': '',
		};
		for (const [name, content] of Object.entries(files)) {
			writeFileSync(join(root, name), content);
		}

		await makeForeignArchive(join(root, 'bambuddy.zip'), {'bambuddy.db': 'x'});
		await makeForeignArchive(join(root, 'whole.zip'));
		const whole = readFileSync(join(root, 'whole.zip'));
		writeFileSync(join(root, 'cut.zip'), whole.subarray(0, whole.length - 40));
		const codeOf = async (name: string, as?: string) =>
			(await run({type: 'import', target, path: join(root, name), ...(as === undefined ? {} : {as})})).error?.code;
		expect(await codeOf('text.zip')).toBe('not-a-zip');
		expect(await codeOf('empty.zip')).toBe('archive-truncated');
		expect(['archive-truncated', 'not-a-zip']).toContain(await codeOf('cut.zip'));
		expect(await codeOf('bambuddy.zip')).toBe('wrong-server');
		expect(await codeOf('nowhere.zip')).toBe('not-found');
		expect(await codeOf('.')).toBe('not-a-file');
		expect(await codeOf('whole.zip', '-rf')).toBe('invalid-name');
		expect(readdirSync(store)).toEqual([]);
	});
});

describe('export', () => {
	test('a whole backup arrives byte for byte, and is never written over another file', async () => {
		const {run, result, target, root} = setUp();
		const {backup} = await result(createRequest(target));
		const exported = await result({
			type: 'export',
			target,
			source: {type: 'backup', key: backup.key},
			destination: root,
			parts: [],
			files: [],
		});
		expect(exported.path).toBe(join(root, backup.key));
		expect(readFileSync(exported.path)).toEqual(readFileSync(backup.path));
		expect(
			await run({
				type: 'export',
				target,
				source: {type: 'backup', key: backup.key},
				destination: root,
				parts: [],
				files: [],
			}),
		).toMatchObject({outcome: 'failed', error: {code: 'destination-exists'}});
	});

	test('a selection is a small ordinary ZIP of just that', async () => {
		const {result, target, root} = setUp();
		const {backup} = await result(createRequest(target));
		const destination = join(root, 'some.zip');
		await result({
			type: 'export',
			target,
			source: {type: 'backup', key: backup.key},
			destination,
			parts: ['printerProfiles'],
			files: ['uploads/Kalibrierung'],
		});
		const names = execFileSync('unzip', ['-Z1', destination], {encoding: 'utf8', env: {LC_ALL: 'C.UTF-8'}})
			.trim()
			.split('\n')
			.sort();
		expect(names).toHaveLength(2);
		expect(names.join(' ')).toContain('_default.profile');
		execFileSync('unzip', ['-tq', destination]);
		expect(statSync(destination).mode & 0o777).toBe(0o600);
	});

	test('refuses a folder that is not there and a path the backup has not', async () => {
		const {run, result, target, root} = setUp();
		const {backup} = await result(createRequest(target));
		const source = {type: 'backup', key: backup.key} as const;
		expect(
			await run({type: 'export', target, source, destination: join(root, 'no/where.zip'), parts: [], files: []}),
		).toMatchObject({error: {code: 'missing-folder'}});
		expect(
			await run({
				type: 'export',
				target,
				source,
				destination: join(root, 'x.zip'),
				parts: [],
				files: ['uploads/none.gcode'],
			}),
		).toMatchObject({error: {code: 'not-found'}});
		expect(readdirSync(root).filter(name => name.endsWith('.zip') || name.startsWith('.printkeep-part'))).toEqual([]);
	});
});
