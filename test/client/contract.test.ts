/** What every client must do, whichever thread its engine runs in: one suite, run on both. */
import {copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, unlinkSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {createRequest, makeClient, makeTarget, type TestClient, type Transport} from '../helpers/engine-client.js';
import {makeForeignArchive} from '../helpers/foreign-archive.js';
import {makeInstance} from '../helpers/make-instance.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {waitFor} from '../helpers/wait-for.js';

const open: TestClient[] = [];

afterEach(async () => {
	await Promise.all(open.splice(0).map(async ({client}) => client.close()));
});

const setUp = (transport: Transport, options: Parameters<typeof makeInstance>[1] = {}) => {
	const root = temporaryDirectory();
	const instance = makeInstance(root, options);
	const store = join(root, 'store');
	const connect = (): TestClient => {
		const made = makeClient(transport, root);
		open.push(made);
		return made;
	};

	const target = makeTarget(instance.dataFolder, store);
	// Reads so slowly that a job is still at work when a test does something to it, whatever the machine.
	const slow = {...target, effort: {maxBytesPerSecond: 100_000}};
	return {root, instance, store, target, slow, connect, ...connect()};
};

/** More than is read before the first wait. */
const extraBytes = 3_000_000;

describe.each(['in process', 'worker'] as const)('client, %s', transport => {
	test('answers and refuses: errors cross with code, message and hint', async () => {
		const {client, root} = setUp(transport);
		const listed = await client.request('folder.list', {directory: root});
		expect(listed.entries.map(({name}) => name)).toContain('octoprint');
		await expect(client.request('folder.list', {directory: join(root, 'nowhere')})).rejects.toMatchObject({
			name: 'PrintkeepError',
			code: 'missing-folder',
			hint: expect.stringMatching(/./),
		});
	});

	test('finds an instance by its folder and lists its parts with sizes', async () => {
		const {client, instance, store} = setUp(transport);
		const found = await client.request('instances.inspect', {dataFolder: instance.dataFolder});
		expect(found).toMatchObject({kind: 'octoprint', version: '1.11.8', versionSource: 'log'});
		const parts = await client.request('parts.list', {instance: found, store});
		expect(parts.find(({name}) => name === 'uploads')).toMatchObject({inclusion: 'included'});
		expect(parts.find(({name}) => name === 'logs')?.inclusion).toBe('never');
		const size = await client.request('parts.measure', {instance: found, store, part: 'uploads'});
		expect(size.files).toBe(5);
		expect(size.bytes).toBeGreaterThan(10_000);
	});

	test('a job tells its start, its phases and its end, in that order, and the list has the backup by then', async () => {
		const {client, events, run, target} = setUp(transport);
		await client.request('backups.watch', {target});
		const {outcome, result} = await run(createRequest(target, {note: 'before the upgrade'}));
		expect(outcome).toBe('done');
		const types = events
			.map(event => (event.type === 'phase' ? event.phase : event.type))
			.filter(type => type !== 'progress' && type !== 'log');
		// The watcher may see the archive before the job has noted that it is verified, and tell of it twice.
		expect(types.filter(type => type !== 'catalog-changed')).toEqual([
			'job-started',
			'scanning',
			'writing',
			'syncing',
			'verifying',
			'backup-created',
			'job-finished',
		]);
		expect(types.slice(-3)).toEqual(['catalog-changed', 'backup-created', 'job-finished']);
		const {items} = await client.request('backups.list', {target, offset: 0, limit: 200});
		expect(items).toHaveLength(1);
		expect(items[0]).toMatchObject({
			note: 'before the upgrade',
			proof: 'sha256',
			health: {type: 'verified'},
			writtenBy: 'printkeep',
			sequence: 1,
			serverVersion: '1.11.8',
		});
		expect(result).toMatchObject({type: 'create', backup: {key: items[0]?.key}, skipped: []});
	});

	test('a cancelled backup leaves nothing behind and releases its locks', async () => {
		const {client, run, slow, store, root, events} = setUp(transport, {extraBytes});
		const before = readdirSync(root).sort();
		const finished = run(createRequest(slow));
		const progress = await waitFor('the writing to begin', () =>
			events.find(event => event.type === 'progress' && event.phase === 'writing' && event.bytesDone > 0),
		);
		await client.request('job.cancel', {jobId: progress.type === 'progress' ? progress.jobId : ''});
		expect(await finished).toMatchObject({outcome: 'cancelled', result: null, error: {code: 'cancelled'}});
		expect(readdirSync(store)).toEqual([]);
		expect(
			readdirSync(root)
				.filter(name => name !== 'state' && name !== 'store')
				.sort(),
		).toEqual(before);
	});

	test('what another program puts into or takes out of the store is told', async () => {
		const {client, events, root, store, target} = setUp(transport);
		mkdirSync(store);
		await client.request('backups.watch', {target});
		const archive = join(root, 'made.zip');
		await makeForeignArchive(archive);
		copyFileSync(archive, join(store, 'appeared.zip'));
		await waitFor('the new backup', () =>
			events.some(
				event =>
					event.type === 'catalog-changed' &&
					event.upserted.some(({key, health}) => key === 'appeared.zip' && health.type === 'unverified'),
			),
		);
		unlinkSync(join(store, 'appeared.zip'));
		await waitFor('its removal', () =>
			events.some(event => event.type === 'catalog-changed' && event.removed.some(({key}) => key === 'appeared.zip')),
		);
	});

	test('a second client is refused while a job runs, is told who holds the lock, and hears the end', async () => {
		const {run, target, slow, connect, client, events} = setUp(transport, {extraBytes});
		const held = run(createRequest(slow));
		const started = await waitFor('the job to start', () => events.find(event => event.type === 'job-started'));
		const second = connect();
		const {holder} = await second.client.request('backups.watch', {target});
		expect(holder).toMatchObject({pid: process.pid, job: 'create'});
		await expect(second.client.request('job.start', {type: 'verify', target, sources: 'all'})).rejects.toMatchObject({
			code: 'busy',
			message: expect.stringContaining(String(process.pid)),
		});
		await expect(client.request('job.start', createRequest(target))).rejects.toMatchObject({code: 'busy'});
		await client.request('job.cancel', {jobId: started.jobId});
		expect((await held).outcome).toBe('cancelled');
		await waitFor('the holder to be gone', () =>
			second.events.some(event => event.type === 'holder-changed' && event.holder === null),
		);
		expect((await run(createRequest(target))).outcome).toBe('done');
		await waitFor('the new backup', () =>
			second.events.some(event => event.type === 'catalog-changed' && event.upserted.length === 1),
		);
	});

	test('closing cancels what runs and cleans up', async () => {
		const {client, run, slow, store, events} = setUp(transport, {extraBytes});
		void run(createRequest(slow)).catch(() => undefined);
		await waitFor('the writing to begin', () =>
			events.some(event => event.type === 'progress' && event.phase === 'writing'),
		);
		await client.close();
		expect(readdirSync(store)).toEqual([]);
	});

	test('details and entries of a backup', async () => {
		const {client, result, target} = setUp(transport);
		const {backup} = await result(createRequest(target, {excludes: ['timelapse']}));
		const source = {type: 'backup', key: backup.key} as const;
		const details = await client.request('backup.details', {target, source});
		expect(details.parts.find(({name}) => name === 'timelapse')).toMatchObject({state: 'excluded', files: 0});
		expect(details.parts.find(({name}) => name === 'uploads')).toMatchObject({state: 'included', files: 5});
		expect(details.databases.map(({path}) => path).sort()).toEqual([
			'data/PrintJobHistory/printJobHistory.db',
			'data/SpoolManager/spoolmanager.db',
		]);
		const top = await client.request('backup.entries', {target, source, directory: '', offset: 0, limit: 200});
		expect(top.items.map(({path}) => path)).toContain('uploads');
		const uploads = await client.request('backup.entries', {
			target,
			source,
			directory: 'uploads',
			offset: 0,
			limit: 200,
		});
		expect(uploads.items.map(({path}) => path)).toContain('uploads/benchy_0.2mm_PLA.gcode');
	});

	test('the state at a glance', async () => {
		const {client, result, target} = setUp(transport);
		const overdueAfterMilliseconds = 86_400_000;
		expect(await client.request('status.report', {target, overdueAfterMilliseconds})).toMatchObject({
			total: 0,
			overdue: true,
			lastGood: null,
		});
		const {backup} = await result(createRequest(target));
		const status = await client.request('status.report', {target, overdueAfterMilliseconds});
		expect(status).toMatchObject({
			total: 1,
			overdue: false,
			lastGood: {key: backup.key},
			lastJob: {job: 'create', outcome: 'done'},
			leftovers: [],
			holder: null,
		});
		expect(status.days.at(-1)?.state).toBe('ok');
		rmSync(target.instance.dataFolder, {recursive: true});
		const lost = await client.request('status.report', {target, overdueAfterMilliseconds});
		expect(lost.total).toBe(1);
		expect(lost.instance.problems).toHaveLength(1);
	});
});

test('when the engine thread dies, what was asked fails, the running job is reported, and a new thread goes on', async () => {
	const {client, events, run, target, slow, store, killThread} = setUp('worker', {extraBytes});
	void run(createRequest(slow)).catch(() => undefined);
	await waitFor('the writing to begin', () =>
		events.some(event => event.type === 'progress' && event.phase === 'writing' && event.bytesDone > 0),
	);
	const pending = client.request('backups.list', {target, offset: 0, limit: 1});
	await killThread();
	await pending.catch((error: unknown) => expect(error).toMatchObject({code: 'engine-crashed'}));
	await waitFor('the job to be reported', () =>
		events.some(event => event.type === 'job-finished' && event.error?.code === 'engine-crashed'),
	);
	await waitFor('the new thread', () => events.some(({type}) => type === 'engine-restarted'));
	// What it was writing is swept, and its locks are given back.
	expect(readdirSync(store)).toEqual([]);
	expect((await run(createRequest(target))).outcome).toBe('done');
});

test('a thread that dies before its job has begun gives the locks back as well', async () => {
	const {client, events, run, target, slow, store, killThread} = setUp('worker', {extraBytes});
	await client.request('instances.find', {extraFolders: []});
	const started = client.request('job.start', createRequest(slow)).catch(() => undefined);
	await waitFor('the lock', () => existsSync(join(store, '.printkeep.lock')), {timeout: 10_000, interval: 1});
	await killThread();
	await started;
	await waitFor('the new thread', () => events.some(({type}) => type === 'engine-restarted'));
	expect((await run(createRequest(target))).outcome).toBe('done');
});
