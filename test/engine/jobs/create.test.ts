import {execFileSync} from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {afterEach, describe, expect, test} from 'vitest';
import {createInProcessClient} from '../../../source/client/in-process.js';
import type {EngineEvent, JobRequest} from '../../../source/client/protocol.js';
import {openArchive} from '../../../source/engine/archive/reader.js';
import type {Disk} from '../../../source/engine/disk.js';
import {systemDisk} from '../../../source/engine/disk.js';
import {systemPorts} from '../../../source/engine/system-ports.js';
import {digestTree} from '../../helpers/digest-tree.js';
import {createRequest, type JobFinished, makeClient, makeTarget, type TestClient} from '../../helpers/engine-client.js';
import {makeFailingDisk} from '../../helpers/failing-disk.js';
import {makeInstance} from '../../helpers/make-instance.js';
import {asOrdinaryUser} from '../../helpers/ordinary-user.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {waitFor} from '../../helpers/wait-for.js';

const open: TestClient[] = [];

afterEach(async () => {
	await Promise.all(open.splice(0).map(async ({client}) => client.close()));
});

const setUp = (options: Parameters<typeof makeInstance>[1] = {}) => {
	const root = temporaryDirectory();
	const instance = makeInstance(root, options);
	const store = join(root, 'store');
	const test = makeClient('in process', root);
	open.push(test);
	return {root, instance, store, target: makeTarget(instance.dataFolder, store), ...test};
};

/** Everything in a store; the folder's own time changes with the lock. */
const backupsIn = (store: string) => ({...digestTree(store), '.': null});

const entryNames = async (path: string): Promise<readonly string[]> => {
	const archive = await openArchive(path);
	try {
		return archive.entries.map(({name}) => name);
	} finally {
		archive.close();
	}
};

test('the archive and its folder are private, and nothing else lies in the store but its index', async () => {
	const {result, target, store} = setUp();
	const {backup} = await result(createRequest(target));
	expect(statSync(backup.path).mode & 0o777).toBe(0o600);
	expect(statSync(store).mode & 0o777).toBe(0o700);
	expect(readdirSync(store).sort()).toEqual(['.printkeep.json', backup.key].sort());
	expect(backup.key).toMatch(/^[a-z0-9_-]+_octoprint-octoprint_\d{8}-\d{6}z_manual\.zip$/);
});

test('the data folder is not touched', async () => {
	const {result, target, instance} = setUp();
	const before = digestTree(instance.dataFolder);
	await result(createRequest(target));
	expect(digestTree(instance.dataFolder)).toEqual(before);
});

test('two backups in one second get two names', async () => {
	const {result, target} = setUp();
	const first = await result(createRequest(target));
	const second = await result(createRequest(target));
	expect(second.backup.key).not.toBe(first.backup.key);
	expect(second.backup.sequence).toBe(2);
});

test('a sequence number is never given twice, also when the newest backup was deleted', async () => {
	const {result, target} = setUp();
	await result(createRequest(target));
	const second = await result(createRequest(target));
	await result({type: 'delete', target, keys: [second.backup.key], allowPinned: false});
	expect((await result(createRequest(target))).backup.sequence).toBe(3);
});

test('excluded, volatile and foreign backups are not in it; everything else is', async () => {
	const {result, target, instance} = setUp();
	mkdirSync(join(instance.dataFolder, 'data/backup'), {recursive: true});
	writeFileSync(join(instance.dataFolder, 'data/backup/octoprint-backup-20260101-000000.zip'), 'PK');
	const {backup} = await result(createRequest(target, {excludes: ['timelapse']}));
	const names = await entryNames(backup.path);
	expect(names[0]).toBe('metadata.json');
	expect(names).toContain('basedir/config.yaml');
	expect(names).toContain('basedir/uploads/プロジェクト/歯車 ギア.gcode');
	expect(names).toContain('basedir/uploads/leer/');
	expect(names.filter(name => /^basedir\/(timelapse|logs|generated|watched|data\/backup)\//.test(name))).toEqual([]);
	expect(JSON.parse(execFileSync('unzip', ['-p', backup.path, 'metadata.json'], {encoding: 'utf8'}))).toEqual({
		version: '1.11.8',
		excludes: ['timelapse', 'timelapse_tmp'],
	});
});

test('a store inside the data folder is never taken in', async () => {
	const {result, instance} = setUp();
	const target = makeTarget(instance.dataFolder, join(instance.dataFolder, 'uploads/backups'));
	await result(createRequest(target));
	const {backup} = await result(createRequest(target));
	expect((await entryNames(backup.path)).filter(name => name.includes('uploads/backups'))).toEqual([]);
});

test('a file written into the data folder is not taken into itself', async () => {
	const {result, target, instance} = setUp();
	const path = join(instance.dataFolder, 'uploads', 'my backup.zip');
	await result(createRequest(target, {path}));
	expect(existsSync(path)).toBe(true);
	expect((await entryNames(path)).filter(name => name.includes('backup') || name.includes('.printkeep'))).toEqual([]);
});

describe('what cannot be is refused before anything is written', () => {
	test.each([
		['no such part', {excludes: ['nonsense']}, 'usage'],
		['a part that is always in', {excludes: ['config']}, 'usage'],
		['a name that cannot be', {name: '../escape.zip'}, 'invalid-name'],
	] as const)('%s', async (_title, options, code) => {
		const {run, target, root} = setUp();
		const before = readdirSync(root);
		expect(await run(createRequest(target, options))).toMatchObject({outcome: 'failed', error: {code}});
		expect(readdirSync(root).filter(name => name !== 'state' && name !== 'store')).toEqual(before);
		expect(existsSync(target.store) ? readdirSync(target.store) : []).toEqual([]);
	});

	test('a name that is taken, whatever its case', async () => {
		const {run, result, target, store} = setUp();
		await result(createRequest(target, {name: 'Nightly.zip'}));
		const before = backupsIn(store);
		expect(await run(createRequest(target, {name: 'nightly'}))).toMatchObject({
			outcome: 'failed',
			error: {code: 'name-clash'},
		});
		expect(backupsIn(store)).toEqual(before);
	});

	test('a refusal is no failed backup: the state stays as it was', async () => {
		const {client, run, result, target} = setUp();
		const {backup} = await result(createRequest(target, {name: 'nightly'}));
		await run(createRequest(target, {name: 'nightly'}));
		await run(createRequest(target, {excludes: ['nonsense']}));
		const status = await client.request('status.report', {target, overdueAfterMilliseconds: 86_400_000});
		expect(status).toMatchObject({lastJob: {job: 'create', outcome: 'done', key: backup.key}});
		expect(status.days.at(-1)?.state).toBe('ok');
	});

	test('a file that exists', async () => {
		const {run, target, root} = setUp();
		const path = join(root, 'mine.zip');
		writeFileSync(path, 'mine');
		expect(await run(createRequest(target, {path}))).toMatchObject({
			outcome: 'failed',
			error: {code: 'destination-exists'},
		});
		expect(readFileSync(path, 'utf8')).toBe('mine');
	});

	test('too little space, with the room that is to stay free', async () => {
		const {run, target, store} = setUp();
		expect(await run(createRequest({...target, keepFreeBytes: 1e18}))).toMatchObject({
			outcome: 'failed',
			error: {code: 'no-space'},
		});
		expect(readdirSync(store)).toEqual([]);
	});
});

describe('files that change, vanish or are no files', () => {
	test('a pipe in the tree does not hang the backup', async () => {
		const {result, target, instance} = setUp();
		execFileSync('mkfifo', [join(instance.dataFolder, 'uploads/pipe.gcode')]);
		const {backup} = await result(createRequest(target));
		expect(await entryNames(backup.path)).not.toContain('basedir/uploads/pipe.gcode');
	});

	test('a file from before 1980 is taken, with its time in the manifest', async () => {
		const {result, target} = setUp({ancientFile: true});
		const {backup, skipped} = await result(createRequest(target));
		expect(skipped).toEqual([]);
		const archive = await openArchive(backup.path);
		const manifest = await archive.manifest();
		archive.close();
		expect(manifest?.files.find(({path}) => path.endsWith('no clock.gcode'))?.modified).toBe('100000.000000000');
	});

	test('a file that keeps growing is taken as it was, and the backup says that it is partial', async () => {
		const {run, target, instance, events} = setUp();
		const growing = join(instance.dataFolder, 'uploads', 'growing.gcode');
		writeFileSync(growing, Buffer.alloc(8_000_000, 'G1 X1 Y2\n'));
		const finished = run(createRequest(target));
		const timer = setInterval(() => appendFileSync(growing, 'G1 X9\n'), 0);
		const end = await finished.finally(() => clearInterval(timer));
		expect(end.outcome).toBe('partial');
		expect(end.result).toMatchObject({
			skipped: [{path: 'uploads/growing.gcode', reason: expect.stringContaining('changing')}],
			backup: {health: {type: 'partial'}},
		});
		expect(events.some(event => event.type === 'file-skipped')).toBe(true);
	});

	test('a name that is no UTF-8 is taken under another name, and that is told', async () => {
		const {result, target, instance} = setUp();
		writeFileSync(
			Buffer.concat([Buffer.from(`${instance.dataFolder}/uploads/caf`), Buffer.from([0xe9]), Buffer.from('.gcode')]),
			'G28\n',
		);
		const {backup, notes} = await result(createRequest(target));
		expect(await entryNames(backup.path)).toContain('basedir/uploads/caf%E9.gcode');
		expect(notes.join(' ')).toContain('caf');
	});

	test('an unreadable file makes the backup partial, and is named', async () => {
		const {run, target, instance, root} = setUp();
		const end = await asOrdinaryUser(root, async () => {
			chmodSync(join(instance.dataFolder, 'uploads/benchy_0.2mm_PLA.gcode'), 0);
			return run(createRequest(target));
		});
		expect(end).toMatchObject({outcome: 'partial', result: {skipped: [{path: 'uploads/benchy_0.2mm_PLA.gcode'}]}});
	});

	test('a database that is no database is taken as it lies, and that is told', async () => {
		const {run, target, instance} = setUp();
		const path = join(instance.dataFolder, 'data/broken.db');
		writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(5000, 7)]));
		utimesSync(path, 1_700_000_000, 1_700_000_000);
		const end = await run(createRequest(target));
		expect(end).toMatchObject({outcome: 'partial', result: {skipped: [{path: 'data/broken.db'}]}});
	});
});

describe('a disk that fails leaves no backup and no trace', () => {
	const faults = [
		{call: 'write', number: 1, code: 'ENOSPC'},
		{call: 'write', number: 2, code: 'ENOSPC'},
		{call: 'syncFile', number: 1, code: 'EIO'},
		{call: 'syncFile', number: 2, code: 'EIO'},
		{call: 'link', number: 3, code: 'EIO'},
		{call: 'makeDirectory', number: 2, code: 'ENOSPC'},
	] as const;
	const expected: Readonly<Record<string, string>> = {ENOSPC: 'no-space', EIO: 'io-error'};

	test.each(faults)('$call $number: $code', async fault => {
		const {root, target, store} = setUp();
		// The locks use the port too; the fault comes after them.
		const state = {armed: false};
		let failing: {readonly disk: Disk; readonly hasFailed: () => boolean} | undefined;
		const ports = systemPorts({environment: {HOME: root}, stateFolder: join(root, 'state')});
		const disk = new Proxy(systemDisk, {
			get: (original, call: keyof Disk) => (state.armed && failing ? failing.disk[call] : original[call]),
		});
		const client = createInProcessClient({...ports, disk});
		const events: EngineEvent[] = [];
		client.subscribe(event => {
			events.push(event);
			if (event.type === 'job-started') {
				failing = makeFailingDisk(
					systemDisk,
					fault.call === 'link'
						? {...fault, number: 1}
						: fault.call === 'makeDirectory'
							? {...fault, number: 1}
							: fault,
				);
				state.armed = true;
			} else if (event.type === 'phase' && event.phase === 'cancelling') {
				state.armed = false;
			}
		});
		await client.request('job.start', createRequest(target) satisfies JobRequest);
		const end = await waitFor('the end', () =>
			events.find((event): event is JobFinished => event.type === 'job-finished'),
		);
		expect(failing?.hasFailed()).toBe(true);
		expect(end.outcome).toBe('failed');
		expect(end.error?.code).toBe(fault.call === 'makeDirectory' ? 'no-space' : expected[fault.code]);
		state.armed = false;
		await client.close();
		expect(readdirSync(store).filter(name => name !== '.printkeep.json')).toEqual([]);
		rmSync(store, {recursive: true});
	});
});

test('the names of new folders for the store are on the medium before the backup has its name', async () => {
	const root = temporaryDirectory();
	const {dataFolder} = makeInstance(root);
	const store = join(root, 'new/folders/store');
	const steps: string[] = [];
	const disk: Disk = {
		...systemDisk,
		async syncDirectory(path) {
			await systemDisk.syncDirectory(path);
			steps.push(String(path));
		},
		link(from, to) {
			systemDisk.link(from, to);
			steps.push(to);
		},
	};
	const client = createInProcessClient({
		...systemPorts({environment: {HOME: root}, stateFolder: join(root, 'state')}),
		disk,
	});
	const events: EngineEvent[] = [];
	client.subscribe(event => events.push(event));
	await client.request('job.start', createRequest(makeTarget(dataFolder, store), {name: 'first'}) satisfies JobRequest);
	await waitFor('the end', () => events.find(({type}) => type === 'job-finished'));
	await client.close();
	const named = steps.indexOf(join(store, 'first.zip'));
	expect(named).toBeGreaterThan(0);
	for (const folder of [root, join(root, 'new'), join(root, 'new/folders')]) {
		expect(steps.slice(0, named)).toContain(folder);
	}
});

test('a disk too full for the copy of a database makes no backup with a torn one in it', async ({skip}) => {
	const {run, target, store, instance} = setUp();
	mkdirSync(store, {mode: 0o700});
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', store], {stdio: 'ignore'});
	} catch {
		skip('no small disk can be mounted here');
	}

	try {
		const database = new DatabaseSync(join(instance.dataFolder, 'data/large.db'));
		database.exec('CREATE TABLE pictures (data BLOB)');
		database.exec('INSERT INTO pictures VALUES (zeroblob(4000000))');
		database.close();
		expect(await run({...createRequest(target), excludes: ['timelapse']})).toMatchObject({
			outcome: 'failed',
			error: {code: 'no-space'},
		});
		expect(readdirSync(store).filter(name => name !== '.printkeep.json')).toEqual([]);
	} finally {
		execFileSync('umount', [store]);
	}
});
