import {expect, test} from 'vitest';
import type {BackupSummary} from '../../source/client/protocol.js';
import {PrintkeepError} from '../../source/errors.js';
import {resolvePaths} from '../../source/settings/paths.js';
import {defaultInstanceSettings, defaultSettings} from '../../source/settings/schema.js';
import {createActions} from '../../source/state/actions.js';
import {initialModel, type Model} from '../../source/state/model.js';
import {createStore} from '../../source/state/store.js';
import {makeBackup, makeInstance, testNow} from '../helpers/make-model.js';
import {createScriptedClient, type Script} from '../helpers/scripted-client.js';
import {partAnswers} from '../helpers/scripted-parts.js';

const paths = resolvePaths({environment: {}, homeDirectory: '/home/pi'});
const basedir = '/home/pi/.octoprint';

const connect = (script: Script = {}, settings = defaultSettings) => {
	const client = createScriptedClient({
		...script,
		answers: {...partAnswers, 'instances.inspect': params => makeInstance(params), ...script.answers},
	});
	const store = createStore<Model>(initialModel(settings));
	const actions = createActions({client, store, clock: {now: () => testNow, monotonic: () => 0}, paths});
	return {client, store, actions};
};

const many = (count: number): readonly BackupSummary[] =>
	Array.from({length: count}, (_, index) => makeBackup({key: `b-${index}.zip`, createdAt: testNow - index * 1000}));

test('starting finds the target, reads everything and follows it', async () => {
	const {actions, store, client} = connect({backups: many(3)});
	await actions.start({basedir, store: '/srv/backups'});
	const model = store.get();
	expect(model.target).toMatchObject({store: '/srv/backups', instance: {dataFolder: basedir}});
	expect(model.backups.ordered).toHaveLength(3);
	expect(model.status).not.toBeNull();
	expect(client.calls.map(({method}) => method)).toContain('backups.watch');
});

test('an interrupted restore is ended before the instance is looked at, and told', async () => {
	const {actions, store, client} = connect({
		answers: {
			'recover.pending': async () => ({type: 'finished', message: 'It was finished.', hint: 'Restart OctoPrint.'}),
		},
	});
	await actions.start({basedir});
	const asked = client.calls.map(({method}) => method);
	expect(asked.indexOf('recover.pending')).toBeLessThan(asked.indexOf('instances.inspect'));
	expect(store.get().toast).toMatchObject({level: 'warning', text: 'It was finished. Restart OctoPrint.'});
});

test('a long list is read page by page; the first page does not wait for the others', async () => {
	const backups = many(450);
	const lengths: number[] = [];
	const {actions, store, client} = connect({backups});
	store.subscribe(() => {
		const {length} = store.get().backups.ordered;
		if (lengths.at(-1) !== length) {
			lengths.push(length);
		}
	});
	await actions.start({basedir});
	expect(lengths).toEqual([0, 200, 450]);
	expect(client.calls.filter(({method}) => method === 'backups.list')).toHaveLength(3);
	// Read again, the list never shrinks on the way.
	await actions.loadBackups();
	expect(lengths).toEqual([0, 200, 450]);
});

test('pages that do not fit together are read again', async () => {
	const before = many(300);
	const after = before.slice(1);
	let asked = 0;
	const {actions, store} = connect({
		answers: {
			'backups.list': ({offset, limit}) => {
				// The newest one is removed between the first page and the second.
				const isLater = asked++ > 0;
				const all = isLater ? after : before;
				return {items: all.slice(offset, offset + limit), total: all.length, offset, revision: isLater ? 2 : 1};
			},
		},
	});
	await actions.start({basedir});
	expect(store.get().backups.ordered.map(({key}) => key)).toEqual(after.map(({key}) => key));
	expect(store.get().backups.revision).toBe(2);
});

test('what cannot be listed is an error, a toast and a line in the log', async () => {
	const {actions, store} = connect({
		answers: {
			'backups.list': () => {
				throw new PrintkeepError('permission-denied', 'The folder cannot be read.', {
					hint: 'Ask its owner.',
					detail: 'EACCES',
				});
			},
		},
	});
	await actions.start({basedir});
	expect(store.get().backups).toMatchObject({state: 'failed', error: {code: 'permission-denied'}});
	expect(store.get().toast).toMatchObject({level: 'error', text: 'The folder cannot be read. Ask its owner.'});
	expect(store.get().log.at(-1)?.detail).toEqual([
		'The folder cannot be read.',
		'Ask its owner.',
		'Code: permission-denied',
		'EACCES',
	]);
});

test('no instance is no crash', async () => {
	const {actions, store} = connect({answers: {'instances.find': () => ({found: [], unusable: []})}});
	await actions.start({});
	expect(store.get()).toMatchObject({target: null, targetError: {code: 'no-instance'}});
	expect(await actions.create({excludes: [], includes: [], note: ''})).toMatchObject({
		type: 'refused',
		error: {code: 'no-instance'},
	});
});

test('one part that cannot be measured does not keep the others from it', async () => {
	const {actions, store} = connect({
		answers: {
			'parts.measure': ({part}) => {
				if (part === 'uploads') {
					throw new PrintkeepError('io-error', 'The disk is dying.');
				}

				return {name: part, bytes: 1, files: 1, estimatedBytes: 1};
			},
		},
	});
	await actions.start({basedir});
	await actions.loadParts();
	expect([...store.get().parts.sizes.keys()]).toEqual(['config', 'timelapse', 'plugin-data']);
	expect(store.get().parts.unmeasured.get('uploads')?.message).toBe('The disk is dying.');
});

test('of two measurements at once only the later one counts', async () => {
	let running = 0;
	const {actions, store} = connect({
		answers: {
			'parts.measure': async ({part}) => {
				const own = ++running;
				await new Promise(resolve => {
					setImmediate(resolve);
				});
				return {name: part, bytes: own, files: 1, estimatedBytes: 1};
			},
		},
	});
	await actions.start({basedir});
	await Promise.all([actions.loadParts(), actions.loadParts()]);
	expect(store.get().parts.sizes.size).toBe(4);
	expect(store.get().parts.state).toBe('ready');
});

test('a job that was started is named; one that was refused says why', async () => {
	const {actions} = connect();
	await actions.start({basedir});
	expect(await actions.verify('all')).toEqual({type: 'started', jobId: 'job-1'});
	const refusing = connect({
		answers: {
			'job.start': () => {
				throw new PrintkeepError('busy', 'A restore is running.');
			},
		},
	});
	await refusing.actions.start({basedir});
	expect(await refusing.actions.verify('all')).toMatchObject({type: 'refused', error: {code: 'busy'}});
	expect(refusing.store.get().toast?.text).toBe('A restore is running.');
});

test('cancelling takes two calls', async () => {
	const {actions, client, store} = connect();
	await actions.start({basedir});
	client.emit({type: 'job-started', jobId: 'job-1', job: 'create', title: 'Backing up', at: testNow});
	await actions.cancel();
	expect(store.get().job?.cancelAsked).toBe(true);
	expect(client.calls.some(({method}) => method === 'job.cancel')).toBe(false);
	await actions.cancel();
	expect(client.calls.at(-1)).toEqual({method: 'job.cancel', params: {jobId: 'job-1'}});
});

test('a finished job brings a new report; a comparison does not', async () => {
	const {actions, client} = connect();
	await actions.start({basedir});
	const reports = (): number => client.calls.filter(({method}) => method === 'status.report').length;
	const finish = (job: 'verify' | 'plan'): void =>
		client.emit({
			type: 'job-finished',
			jobId: job,
			job,
			outcome: 'cancelled',
			result: null,
			error: null,
			durationMilliseconds: 1,
			at: testNow,
		});
	const before = reports();
	finish('plan');
	expect(reports()).toBe(before);
	finish('verify');
	expect(reports()).toBe(before + 1);
});

test('after the engine was restarted the list is read again', async () => {
	const {actions, client} = connect();
	await actions.start({basedir});
	const lists = (): number => client.calls.filter(({method}) => method === 'backups.list').length;
	const before = lists();
	client.emit({type: 'engine-restarted', error: {code: 'engine-crashed', message: 'It stopped.', hint: ''}});
	expect(lists()).toBe(before + 1);
});

test('changed settings change the target, and what the command line said stays', async () => {
	const {actions, store, client} = connect();
	await actions.start({basedir, config: '/etc/octoprint/config.yaml'});
	const first = store.get().target?.store;
	await actions.settingsChanged({
		...defaultSettings,
		instances: {
			octoprint: {
				kind: 'octoprint',
				dataFolder: basedir,
				...defaultInstanceSettings,
				store: '/mnt/usb',
				keepFreeMegabytes: 5,
			},
		},
	});
	expect(first).toBe('/home/pi/.local/share/printkeep/backups/octoprint');
	expect(store.get().target).toMatchObject({store: '/mnt/usb', keepFreeBytes: 5_000_000});
	expect(client.calls.findLast(({method}) => method === 'instances.inspect')?.params).toMatchObject({
		configFile: '/etc/octoprint/config.yaml',
	});
	expect(client.calls.some(({method}) => method === 'backups.unwatch')).toBe(true);
});

test('pinning shows at once', async () => {
	const backup = makeBackup();
	const {actions, store} = connect({
		backups: [backup],
		answers: {'backup.pin': ({pinned}) => ({...backup, pinned})},
	});
	await actions.start({basedir});
	await actions.pin(backup, true);
	expect(store.get().backups.ordered[0]?.pinned).toBe(true);
	expect(store.get().toast?.text).toBe(`Pinned ${backup.key}`);
});
