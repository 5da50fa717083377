/** Pings of a monitor over real connections, in the real plugin thread. */
import {chmodSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, expect, test} from 'vitest';
import type {PluginRecordData} from '../../../source/plugins/api.js';
import {type BuiltInHost, startBuiltIn} from '../../helpers/built-in-host.js';
import {type Answer, startRecordingServer} from '../../helpers/recording-server.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

const open: BuiltInHost[] = [];

afterEach(async () => {
	await Promise.all(open.splice(0).map(async ({host}) => host.close()));
});

const secretPath = '/ping/5b0c3a8e';

const setUp = async (answers: readonly Answer[] = [], settings: PluginRecordData = {}) => {
	const root = temporaryDirectory();
	const server = await startRecordingServer(...answers);
	const urlFile = join(root, 'url');
	writeFileSync(urlFile, `${server.url}${secretPath}\n`, {mode: 0o600});
	const built = startBuiltIn('healthchecks', root, {settings: {urlFile, ...settings}});
	open.push(built);
	const {host, instance} = built;
	const event = async (name: string, payload: PluginRecordData) =>
		host.call('healthchecks', 'onEvent', {name, payload}, {instance});
	const started = async (job = 'create') => event('job-started', {jobId: 'a', job, title: '', at: 1});
	const finished = async (outcome: string, more: PluginRecordData = {}) =>
		event('job-finished', {jobId: 'a', job: 'create', outcome, result: null, error: null, at: 2, ...more});
	const asked = () => server.requests.map(({method, path}) => `${method} ${path}`);
	const state = async () => host.call('healthchecks', 'get', null, {instance});
	return {...built, root, server, urlFile, event, started, finished, asked, state};
};

test('start, success and failure of backups are told, and nothing else', async () => {
	const {started, finished, event, asked, server, lines, state, stateFolder} = await setUp();
	await started();
	await finished('done');
	await started('verify');
	await finished('failed', {job: 'verify'});
	await event('phase', {jobId: 'a', phase: 'scanning'});
	await finished('cancelled');
	await finished('failed', {error: {code: 'no-space', message: 'The disk is \u001b[31mfull.', hint: ''}});
	await finished('partial', {result: {type: 'create', skipped: [1, 2, 3]}});
	expect(asked()).toEqual([
		`POST ${secretPath}/start`,
		`POST ${secretPath}`,
		`POST ${secretPath}/fail`,
		`POST ${secretPath}/fail`,
	]);
	expect(server.requests.map(({body}) => body)).toEqual([
		'',
		'octoprint: create done.',
		'octoprint: create failed. The disk is \\x1b[31mfull.',
		'octoprint: create partial. Files that are missing: 3.',
	]);
	expect(lines).toEqual([]);
	expect(await state()).toMatchObject({instance: 'octoprint', configured: true, problem: '', last: 'fail'});
	const files = readdirSync(stateFolder);
	expect(files).toHaveLength(1);
	expect(statSync(join(stateFolder, files[0] ?? '')).mode & 0o777).toBe(0o600);
});

test('what is not taken is sent again after a while; what never will be is not', async () => {
	const again = await setUp([500, 503]);
	await again.finished('done');
	expect(again.asked()).toHaveLength(3);
	const [first, second, third] = again.server.requests.map(({at}) => at);
	expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(900);
	expect((third ?? 0) - (second ?? 0)).toBeGreaterThan(2500);
	expect(again.lines).toEqual([]);

	const never = await setUp([404]);
	await never.finished('done');
	expect(never.asked()).toHaveLength(1);
	expect(never.lines).toEqual(['warning The monitor was not told (success): it answered with 404.']);
	expect(await never.state()).toMatchObject({problem: 'The monitor was not told (success): it answered with 404.'});
});

test('a server that hangs is left after the time limit, and asked again', async () => {
	const {finished, server, asked, lines} = await setUp(['hang'], {timeoutSeconds: 0.5});
	await finished('done');
	expect(asked()).toHaveLength(2);
	const [first, second] = server.requests.map(({at}) => at);
	expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(1400);
	expect(lines).toEqual([]);
});

test('no redirection is followed', async () => {
	const other = await startRecordingServer();
	const {finished, lines, server} = await setUp([{status: 302, headers: {Location: `${other.url}/elsewhere`}}]);
	await finished('done');
	expect(server.requests).toHaveLength(1);
	expect(other.requests).toEqual([]);
	expect(lines).toEqual([
		'warning The monitor was not told (success): it leads to another address (302), which is not followed.',
	]);
});

test('the address is in a file of its own, and is not used when others could have read it', async () => {
	const {finished, urlFile, lines, asked, host, instance, state, failures} = await setUp();
	chmodSync(urlFile, 0o644);
	await finished('done');
	expect(asked()).toEqual([]);
	expect(lines).toEqual([`warning ${urlFile} can be read by others. Make it private: chmod 600 ${urlFile}`]);
	expect(await state()).toMatchObject({configured: false, problem: expect.stringContaining('chmod 600')});
	chmodSync(urlFile, 0o600);
	await finished('done');
	const shown = [
		await state(),
		await host.call('healthchecks', 'readSettings', null, {instance}),
		await host.call('healthchecks', 'screen', {name: 'monitor'}, {instance}),
		lines,
	];
	expect(JSON.stringify(shown)).not.toContain(secretPath);
	expect(failures).toEqual([]);
});

test('each instance can have an address of its own, or none', async () => {
	const {root, server, host} = await setUp();
	const mine = join(root, 'mine');
	writeFileSync(mine, `${server.url}/mine/`, {mode: 0o600});
	const change = async (name: string, value: string) =>
		host.call('healthchecks', 'changeSettings', {changes: [{path: ['instances', name], value}]});
	await change('ender', mine);
	await change('quiet', '');
	await expect(change('ender', 'relative')).rejects.toThrow(/absolute paths/u);
	const payload = {jobId: 'a', job: 'create', title: '', at: 1};
	for (const name of ['ender', 'quiet', 'other']) {
		const instance = {name, kind: 'octoprint', dataFolder: join(root, name), store: join(root, 'store')};
		await host.call('healthchecks', 'onEvent', {name: 'job-started', payload}, {instance});
	}

	expect(server.requests.map(({path}) => path)).toEqual(['/mine/start', `${secretPath}/start`]);
});

test('a partial backup can count as a success', async () => {
	const {finished, asked} = await setUp([], {partial: 'success'});
	await finished('partial');
	expect(asked()).toEqual([`POST ${secretPath}`]);
});
