/** Messages to real servers and a real program, in the real plugin thread. */
import {chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {dirname, join} from 'node:path';
import {afterEach, expect, test} from 'vitest';
import type {PluginRecordData} from '../../../source/plugins/api.js';
import {type BuiltInHost, startBuiltIn} from '../../helpers/built-in-host.js';
import {type Answer, startRecordingServer} from '../../helpers/recording-server.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

const open: BuiltInHost[] = [];

afterEach(async () => {
	await Promise.all(open.splice(0).map(async ({host}) => host.close()));
});

const topic = 'printers-c01d';
const token = 'tk_0123456789abcdef';
const hour = 3_600_000;
const noon = 1_800_000_000_000;

/** A desktop that writes down what it shows, ntfy, and a webhook. */
const setUp = async ({
	ntfy = [],
	webhook = [],
	settings = {},
}: {
	readonly ntfy?: readonly Answer[];
	readonly webhook?: readonly Answer[];
	readonly settings?: PluginRecordData;
} = {}) => {
	const root = temporaryDirectory();
	const [ntfyServer, webhookServer] = [await startRecordingServer(...ntfy), await startRecordingServer(...webhook)];
	const tokenFile = join(root, 'token');
	const secretFile = join(root, 'secret');
	writeFileSync(tokenFile, `${token}\n`, {mode: 0o600});
	writeFileSync(secretFile, 'hush hush', {mode: 0o600});
	const program = join(root, 'show');
	const shown = join(root, 'shown');
	writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" >> '${shown}'\n`);
	chmodSync(program, 0o700);
	const built = startBuiltIn('notify', root, {
		settings: {
			desktop: {program},
			ntfy: {server: ntfyServer.url, topic, tokenFile},
			webhook: {url: `${webhookServer.url}/hook/s3cret`, secretHeader: 'X-Secret', secretFile},
			...settings,
		},
	});
	open.push(built);
	const {host, instance} = built;
	const event = async (name: string, payload: PluginRecordData) =>
		host.call('notify', 'onEvent', {name, payload}, {instance});
	const finished = async (outcome: string, more: PluginRecordData = {}) =>
		event('job-finished', {jobId: 'a', job: 'create', outcome, result: null, error: null, at: noon, ...more});
	const failed = async (more: PluginRecordData = {}) =>
		finished('failed', {
			error: {code: 'no-space', message: 'The backup could not be made: the disk is full.', hint: 'Free some space.'},
			...more,
		});
	const done = async (more: PluginRecordData = {}) =>
		finished('done', {result: {type: 'create', skipped: [], backup: {key: 'good.zip'}}, ...more});
	const titles = () => ({
		desktop: existsSync(shown)
			? readFileSync(shown, 'utf8')
					.split('\n--\n')
					.slice(1)
					.map(text => text.split('\n')[0])
			: [],
		ntfy: ntfyServer.requests.map(({body}) => (JSON.parse(body) as {title: string}).title),
		webhook: webhookServer.requests.map(({body}) => (JSON.parse(body) as {title: string}).title),
	});
	const everywhere = (...texts: readonly string[]) => ({desktop: texts, ntfy: texts, webhook: texts});
	return {
		...built,
		root,
		ntfyServer,
		webhookServer,
		tokenFile,
		shown,
		event,
		finished,
		failed,
		done,
		titles,
		everywhere,
	};
};

test('what a program said and what to do are two sentences', async () => {
	const {failed, webhookServer} = await setUp();
	await failed({error: {code: 'plugin-failed', message: 'It ended with code 7: no disk', hint: 'Switch it off.'}});
	expect(webhookServer.requests[0]?.body).toContain('It ended with code 7: no disk. Switch it off. (');
});

test('a failure is told everywhere, with instance, host, time and what to do', async () => {
	const {failed, ntfyServer, webhookServer, shown, lines, stateFolder} = await setUp();
	await failed();
	const time = '2027-01-15 09:00';
	const text = `The backup could not be made: the disk is full. Free some space. (${hostname()}, ${time})`;
	const [asked] = ntfyServer.requests;
	expect(asked).toMatchObject({method: 'POST', path: '/', headers: {authorization: `Bearer ${token}`}});
	expect(JSON.parse(asked?.body ?? '')).toEqual({
		topic,
		title: 'Backup of octoprint failed',
		message: text,
		priority: 4,
		tags: ['x'],
	});
	const [hooked] = webhookServer.requests;
	expect(hooked).toMatchObject({
		path: '/hook/s3cret',
		headers: {'x-secret': 'hush hush', 'content-type': 'application/json'},
	});
	expect(JSON.parse(hooked?.body ?? '')).toEqual({
		program: 'printkeep',
		kind: 'failed',
		title: 'Backup of octoprint failed',
		text,
		instance: 'octoprint',
		host: hostname(),
		at: noon,
		job: 'create',
		code: 'no-space',
	});
	expect(readFileSync(shown, 'utf8').split('\n')).toEqual([
		'--app-name=printkeep',
		'--urgency=critical',
		'--',
		'Backup of octoprint failed',
		text,
		'',
	]);
	expect(lines.filter(line => !line.startsWith('debug'))).toEqual([]);
	const files = readdirSync(stateFolder);
	expect(files).toHaveLength(1);
	expect(statSync(join(stateFolder, files[0] ?? '')).mode & 0o777).toBe(0o600);
});

test('success is silent, also when nothing is known of before', async () => {
	const {done, finished, event, titles, everywhere} = await setUp();
	await done();
	await event('job-started', {jobId: 'a', job: 'create', title: '', at: 1});
	await finished('done', {job: 'verify', result: {type: 'verify', results: [{ok: true}]}});
	await finished('cancelled', {error: {code: 'cancelled', message: '', hint: ''}});
	await finished('failed', {error: {code: 'name-clash', message: '', hint: ''}});
	await finished('failed', {job: 'delete', error: {code: 'pinned', message: '', hint: ''}});
	await finished('failed', {job: 'compare', error: {code: 'io-error', message: '', hint: ''}});
	expect(titles()).toEqual(everywhere());
});

test('the same is told again after some hours only, another failure at once, and the end once', async () => {
	const {failed, done, titles, everywhere} = await setUp();
	await failed();
	await failed({at: noon + hour});
	await failed({at: noon + 19.9 * hour});
	expect(titles()).toEqual(everywhere('Backup of octoprint failed'));
	await failed({at: noon + 20 * hour});
	await failed({at: noon + 21 * hour, error: {code: 'io-error', message: 'The disk.', hint: ''}});
	await done();
	await done();
	const once = 'Backup of octoprint failed';
	expect(titles()).toEqual(everywhere(once, once, once, 'Backups of octoprint work again'));
	await failed({at: noon + 22 * hour});
	expect(titles()).toEqual(everywhere(once, once, once, 'Backups of octoprint work again', once));
});

test('a clock that was set back hides nothing', async () => {
	const {failed, titles, everywhere} = await setUp();
	await failed();
	await failed({at: noon - 1000 * hour});
	expect(titles()).toEqual(everywhere('Backup of octoprint failed', 'Backup of octoprint failed'));
});

test('a complete backup around which a plugin failed is told: what that was to do has not been done', async () => {
	const {done, titles, everywhere, webhookServer} = await setUp();
	const key = {type: 'create', skipped: [], backup: {key: 'good.zip'}};
	await done({result: {...key, pluginProblems: ['The plugin command-hooks failed: copy ended with code 7']}});
	const title = 'A plugin failed around the backup of octoprint';
	expect(titles()).toEqual(everywhere(title));
	expect(webhookServer.requests[0]?.body).toContain('copy ended with code 7. The backup itself is complete.');
	await done();
	expect(titles()).toEqual(everywhere(title, 'Backups of octoprint work again'));
});

test('partial and damaged backups, and restores that failed, are told as what they are', async () => {
	const {finished, done, ntfyServer, titles, everywhere} = await setUp();
	await finished('partial', {result: {type: 'create', skipped: [1, 2], backup: {key: 'p.zip'}}});
	const error = {code: 'archive-damaged', message: 'a.zip is not intact.', hint: 'Do not rely on it.'};
	await finished('failed', {job: 'verify', error, result: {type: 'verify', results: [{ok: false}, {ok: true}]}});
	await finished('failed', {
		job: 'verify',
		error,
		result: {type: 'verify', results: [{ok: false}, {ok: false}]},
		at: noon + 30 * hour,
	});
	await finished('failed', {error});
	await finished('failed', {job: 'restore', error: {code: 'io-error', message: 'The disk.', hint: ''}});
	const told = [
		'Backup of octoprint is not complete',
		'A backup of octoprint is damaged',
		'2 backups of octoprint are damaged',
		'A backup of octoprint is damaged',
		'Restore of octoprint failed',
	];
	expect(titles()).toEqual(everywhere(...told));
	expect(JSON.parse(ntfyServer.requests[0]?.body ?? '')).toMatchObject({
		priority: 3,
		message: expect.stringContaining('2 files could not be taken in by p.zip. See which: printkeep show p.zip'),
	});
	expect(JSON.parse(ntfyServer.requests[1]?.body ?? '')).toMatchObject({priority: 5});
	await done();
	expect(titles()).toEqual(everywhere(...told, 'Backups of octoprint work again'));
});

test('a restore that failed is not over with the next backup', async () => {
	const {finished, done, titles, everywhere} = await setUp();
	await finished('failed', {job: 'restore', error: {code: 'io-error', message: 'The disk.', hint: ''}});
	await done();
	expect(titles()).toEqual(everywhere('Restore of octoprint failed'));
});

test('overdue is told once for each period', async () => {
	const {event, done, ntfyServer, titles, everywhere} = await setUp();
	const overdue = async (ageMilliseconds: number | null) =>
		event('backup-overdue', {instance: 'octoprint', ageMilliseconds});
	await overdue(null);
	await overdue(null);
	expect(titles()).toEqual(everywhere('octoprint needs a backup'));
	await done();
	await overdue(50 * hour);
	await overdue(51 * hour);
	await overdue(99 * hour);
	// Somebody put a newer one there, and that became too old as well.
	await overdue(40 * hour);
	await done();
	const [needs, works] = ['octoprint needs a backup', 'Backups of octoprint work again'];
	expect(titles()).toEqual(everywhere(needs, works, needs, needs, works));
	expect(ntfyServer.requests.map(({body}) => (JSON.parse(body) as {message: string}).message)).toMatchObject([
		expect.stringContaining('There is no good backup yet. Make one: printkeep backup --instance octoprint'),
		expect.stringContaining('good.zip is there and verified.'),
		expect.stringContaining('The last good backup is 2 d 2 h old.'),
		expect.anything(),
		expect.anything(),
	]);
});

test('where nothing can be remembered, everything is told all the same', async () => {
	const {failed, titles, everywhere, stateFolder, lines, failures} = await setUp();
	mkdirSync(dirname(stateFolder), {recursive: true});
	writeFileSync(stateFolder, 'no folder');
	await failed();
	await failed({at: noon + hour});
	expect(titles()).toEqual(everywhere('Backup of octoprint failed', 'Backup of octoprint failed'));
	expect(lines.filter(line => line.startsWith('warning'))).toEqual([
		'warning What was told of octoprint could not be noted (EEXIST); it may be told again.',
		'warning What was told of octoprint could not be noted (EEXIST); it may be told again.',
	]);
	expect(failures).toEqual([]);
});

test('who could not be told of the age is not tried at every look', async () => {
	const {event, titles, webhookServer, lines} = await setUp({webhook: [404, 404]});
	for (let look = 0; look < 3; look++) {
		await event('backup-overdue', {instance: 'octoprint', ageMilliseconds: 50 * hour + look});
	}

	expect(titles()).toMatchObject({desktop: {length: 1}, ntfy: {length: 1}});
	expect(webhookServer.requests).toHaveLength(1);
	expect(lines.filter(line => line.startsWith('warning'))).toHaveLength(1);
});

test('what could not be sent is tried again, said in the log, and told with the next failure; the others are not told twice', async () => {
	const {failed, done, titles, lines, webhookServer, host, instance} = await setUp({ntfy: [500, 200], webhook: [403]});
	await failed();
	expect(titles()).toMatchObject({
		desktop: ['Backup of octoprint failed'],
		ntfy: ['Backup of octoprint failed', 'Backup of octoprint failed'],
		webhook: ['Backup of octoprint failed'],
	});
	expect(lines.filter(line => !line.startsWith('debug'))).toEqual([
		'warning The message "Backup of octoprint failed" could not be sent to webhook: it answered with 403.',
	]);
	expect(await host.call('notify', 'get', null, {instance})).toMatchObject({
		targets: [
			{target: 'desktop', problem: ''},
			{target: 'ntfy', problem: ''},
			{target: 'webhook', place: webhookServer.url, problem: 'it answered with 403'},
		],
	});
	await failed({at: noon + hour});
	expect(titles()).toMatchObject({desktop: {length: 1}, ntfy: {length: 2}, webhook: {length: 2}});
	webhookServer.answers.push(404);
	await done();
	expect(titles()).toMatchObject({desktop: {length: 2}, ntfy: {length: 3}, webhook: {length: 3}});
	// The webhook has not heard yet that it is over.
	await done();
	await done();
	expect(titles()).toMatchObject({desktop: {length: 2}, ntfy: {length: 3}, webhook: {length: 4}});
});

test('nothing is followed and nobody waits for long: redirections, silence, a closed door', async () => {
	const other = await startRecordingServer();
	const {failed, lines, failures} = await setUp({
		ntfy: ['hang', 401],
		webhook: [{status: 307, headers: {Location: other.url}}],
		settings: {timeoutSeconds: 0.3, desktop: {enabled: false}},
	});
	await failed();
	expect(other.requests).toEqual([]);
	expect(lines.toSorted()).toEqual([
		'warning The message "Backup of octoprint failed" could not be sent to ntfy: it answered with 401.',
		'warning The message "Backup of octoprint failed" could not be sent to webhook: it leads to another address (307), which is not followed.',
	]);
	expect(failures).toEqual([]);
});

test('secrets are in private files, and nowhere else', async () => {
	const {failed, host, instance, lines, tokenFile, ntfyServer, stateFolder, stored} = await setUp();
	chmodSync(tokenFile, 0o640);
	await failed();
	expect(ntfyServer.requests).toEqual([]);
	expect(lines).toContain(
		`warning The message "Backup of octoprint failed" could not be sent to ntfy: ${tokenFile} can be read by others. Make it private: chmod 600 ${tokenFile}.`,
	);
	chmodSync(tokenFile, 0o600);
	await failed({at: noon + hour});
	expect(ntfyServer.requests).toHaveLength(1);
	await host.call('notify', 'changeSettings', {changes: [{path: ['repeatHours'], value: 5}]});
	const said = JSON.stringify([
		lines,
		await host.call('notify', 'get', null, {instance}),
		await host.call('notify', 'readSettings', null, {instance}),
		await host.call('notify', 'screen', {name: 'targets'}, {instance}),
		await host.call('notify', 'command', {name: 'test', data: {}}, {instance}),
		readdirSync(stateFolder).map(name => readFileSync(join(stateFolder, name), 'utf8')),
	]);
	for (const secret of [token, 'hush', 's3cret', topic]) {
		expect(said).not.toContain(secret);
	}

	expect(JSON.stringify(stored())).not.toContain(token);
});

test('the test says of each target how it went, without trying again', async () => {
	const {host, instance, titles, everywhere, ntfyServer, webhookServer} = await setUp({ntfy: [500]});
	const sendTest = async () => host.call('notify', 'command', {name: 'test', data: {}}, {instance});
	expect(await sendTest()).toEqual({desktop: 'sent', ntfy: 'failed: it answered with 500', webhook: 'sent'});
	expect(titles()).toEqual(everywhere('A test message of printkeep'));
	expect([ntfyServer.requests.length, webhookServer.requests.length]).toEqual([1, 1]);
	const none = startBuiltIn('notify', temporaryDirectory(), {settings: {desktop: {enabled: false}}});
	open.push(none);
	expect(await none.host.call('notify', 'command', {name: 'test', data: {}})).toBe('No target is set up.');
});

test('what cannot be a setting is refused with its name', async () => {
	const {host} = await setUp();
	const change = async (path: string, value: string | number | boolean) =>
		host.call('notify', 'changeSettings', {changes: [{path: path.split('.'), value}]});
	for (const [path, value] of [
		['ntfy.topic', 'a/b'],
		['ntfy.server', 'ntfy.sh'],
		['ntfy.tokenFile', 'token'],
		['webhook.url', 'file:///etc/passwd'],
		['desktop.enabled', 'yes'],
		['desktop.program', 'show'],
		['repeatHours', -1],
		['timeoutSeconds', 600],
	] as const) {
		await expect(change(path, value), path).rejects.toMatchObject({
			code: 'invalid-setting',
			message: expect.stringMatching(new RegExp(`^${path} must`, 'u')),
		});
	}
});

test('a desktop program somebody else could have changed is not run', async () => {
	const {failed, lines, root, shown} = await setUp();
	chmodSync(join(root, 'show'), 0o777);
	await failed();
	expect(existsSync(shown)).toBe(false);
	expect(lines).toContain(
		`warning The message "Backup of octoprint failed" could not be sent to desktop: ${join(root, 'show')} can be written by everybody.`,
	);
});
