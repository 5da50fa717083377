import {chownSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import {bundlePluginProgram, makeHost, type PluginProgram} from '../helpers/plugin-host.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {waitFor} from '../helpers/wait-for.js';

/** The life of the plugin thread, seen from whoever asks it. What single plugins can do wrong is in hostile.test.ts. */

let program: PluginProgram;

beforeAll(async () => {
	const folder = makeTemporaryDirectory();
	program = await bundlePluginProgram(folder);
	return () => removeDirectory(folder);
});

const answers = (value: string): string => `get: () => '${value}'`;
const loops = 'get() { for (;;); }';

describe('what is asked', () => {
	test('is answered by the plugin that is meant', async () => {
		const {host, failures} = makeHost(program, {one: answers('1'), two: answers('2')});
		expect(await host.call('two', 'get', null)).toBe('2');
		expect(await host.call('one', 'get', null)).toBe('1');
		expect(failures).toEqual([]);
		await expect(host.call('three', 'get', null)).rejects.toMatchObject({code: 'no-plugin'});
	});

	test('of a plugin that is not to blame for the end of the thread, and had not begun, is asked again', async () => {
		const {host, failures, stateOf} = makeHost(program, {
			bad: loops,
			good: `get: () => 'there'`,
		});
		await host.start();
		const bad = host.call('bad', 'get', null).catch((error: Error) => error.message);
		// Waits behind the loop, and never reaches its plugin.
		const good = host.call('good', 'get', null);
		expect(await bad).toContain('The plugin bad failed: It kept the plugin thread busy');
		expect(await good).toBe('there');
		expect([stateOf('bad'), stateOf('good')]).toEqual(['failed', 'active']);
		expect(failures).toHaveLength(1);
	});

	test('of a plugin that had begun is not asked twice: it fails, and nobody counts that against it', async () => {
		const {host, stateOf, failures} = makeHost(program, {
			bad: loops,
			good: `get: () => new Promise(() => {})`,
		});
		await host.start();
		const good = host.call('good', 'get', null).catch((error: Error) => error.message);
		await expect(host.call('bad', 'get', null)).rejects.toThrow('The plugin bad failed');
		expect(await good).toBe('The plugin good failed: The plugin thread was ended because of bad.');
		expect(stateOf('good')).toBe('active');
		expect(failures).toHaveLength(1);
	});

	test('a signal ends the wait, and tells the plugin', async () => {
		const {host, failures, logs} = makeHost(program, {
			waits: `get: context => new Promise(() => {
				context.log('info', 'begun');
				context.signal.addEventListener('abort', () => context.log('info', 'told'));
			})`,
			other: answers('x'),
		});
		const controller = new AbortController();
		const asked = host.call('waits', 'get', null, {signal: controller.signal});
		await waitFor('the call to begin', () => logs.includes('info waits: begun'));
		controller.abort(new Error('enough'));
		await expect(asked).rejects.toThrow('enough');
		await host.call('other', 'get', null);
		expect(logs).toEqual(['info waits: begun', 'info waits: told']);
		expect(failures).toEqual([]);
	});
});

describe('what is held against a plugin', () => {
	test('is not that this thread was held up itself', async () => {
		const {host, failures} = makeHost(
			program,
			{slow: `get: () => new Promise(done => setTimeout(() => done('late'), 300))`},
			{limits: {calls: Object.fromEntries([['get', 1000]]) as never, blockedMilliseconds: 400}},
		);
		await host.start();
		const asked = host.call('slow', 'get', null);
		await new Promise(resolve => {
			setTimeout(resolve, 100);
		});
		// As a sync of a slow card does.
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1600);
		expect(await asked).toBe('late');
		expect(failures).toEqual([]);
	});

	test('is a failure each time, and three of them are enough', async () => {
		const {host, stateOf, failures} = makeHost(program, {bad: `get() { throw new Error('no'); }`});
		for (let count = 0; count < 3; count++) {
			expect(stateOf('bad')).toBe(count === 0 ? 'missing' : 'active');
			await expect(host.call('bad', 'get', null)).rejects.toThrow('The plugin bad failed: no');
		}

		expect(stateOf('bad')).toBe('failed');
		expect(failures).toEqual(['bad: no', 'bad: no', 'bad: no']);
		await expect(host.call('bad', 'get', null)).rejects.toThrow('is not running');
	});
});

test('a backup that is asked for wrongly is not begun', async () => {
	const asked: unknown[] = [];
	const {host} = makeHost(
		program,
		{
			asks: `get: async context => {
				const tell = error => error.message;
				return [
					await context.createBackup({exclude: 'uploads'}).catch(tell),
					await context.createBackup({exclude: [1]}).catch(tell),
					await context.createBackup({filename: 5}).catch(tell),
					await context.createBackup({exclude: ['uploads'], filename: 'a.zip'}),
					await context.createBackup(),
				];
			}`,
		},
		{
			requests: {
				async createBackup({exclude, filename}) {
					asked.push({exclude, filename});
					return {name: 'made.zip'};
				},
			},
		},
	);
	const instance = {name: 'o', kind: 'octoprint', dataFolder: '/data', store: '/store'};
	const made = {name: 'made.zip'};
	const list = 'exclude is no list of names of parts.';
	expect(await host.call('asks', 'get', null, {instance})).toEqual([list, list, 'filename is no text.', made, made]);
	expect(asked).toEqual([
		{exclude: ['uploads'], filename: 'a.zip'},
		{exclude: [], filename: null},
	]);
});

describe('settings', () => {
	test('are in a new thread what they were when the old one ended', async () => {
		const {host, saved} = makeHost(
			program,
			{bad: loops, keeps: `settings: {defaults: {word: ''}}, get: context => context.settings.get(['word'])`},
			{settings: {keeps: {version: null, values: {word: 'old'}}}},
		);
		expect(await host.call('keeps', 'get', null)).toBe('old');
		await host.call('keeps', 'changeSettings', {changes: [{path: ['word'], value: 'new'}]});
		await expect(host.call('bad', 'get', null)).rejects.toThrow('busy');
		expect(await host.call('keeps', 'get', null)).toBe('new');
		expect(saved).toEqual({keeps: {version: null, values: {word: 'new'}}});
	});

	test('of other plugins are not to be found in the thread', async () => {
		const {host} = makeHost(
			program,
			{
				nosy: `import {parentPort, workerData} from 'node:worker_threads';\nexport default {apiVersion: 1, id: 'nosy', get: () => Object.keys(workerData)}`,
			},
			{settings: {other: {version: null, values: {token: 'secret'}}}},
		);
		expect(await host.call('nosy', 'get', null)).toEqual([]);
	});
});

describe('the folder of a plugin among the data', () => {
	const folders = {folders: `get: context => context.dataFolder()`};
	const instanceIn = (dataFolder: string) => ({
		instance: {name: 'o', kind: 'octoprint', dataFolder, store: join(dataFolder, 'store')},
	});

	test('is made when it is asked for', async () => {
		const {host, folder} = makeHost(program, folders);
		const made = join(folder, 'data/folders');
		expect(await host.call('folders', 'get', null, instanceIn(folder))).toBe(made);
		expect(statSync(made).mode & 0o777).toBe(0o700);
		expect(await host.call('folders', 'get', null, instanceIn(folder))).toBe(made);
	});

	test.runIf(process.getuid?.() === 0)(
		'is the server’s where root makes it, and not made where a link leads elsewhere',
		async () => {
			const {host, folder} = makeHost(program, folders);
			const server = join(folder, 'server');
			const elsewhere = join(folder, 'elsewhere');
			mkdirSync(elsewhere);
			mkdirSync(server);
			chownSync(server, 4242, 4343);
			await host.call('folders', 'get', null, instanceIn(server));
			for (const made of ['data', 'data/folders']) {
				expect(statSync(join(server, made))).toMatchObject({uid: 4242, gid: 4343});
			}

			rmSync(join(server, 'data'), {recursive: true});
			symlinkSync(elsewhere, join(server, 'data'));
			await expect(host.call('folders', 'get', null, instanceIn(server))).rejects.toThrow(
				'does not belong to the owner',
			);
			expect(readdirSync(elsewhere)).toEqual([]);
		},
	);
});

describe('start and end', () => {
	const notes = (
		order: number,
	): string => `order: {life: ${order}}, onStartup(context) { context.log('info', 'startup'); },
		onAfterStartup(context) { context.log('info', 'after'); }, onShutdown(context) { context.log('info', 'shutdown'); }`;

	test('are told in the order plugins ask for, all of one kind before the next', async () => {
		const {host, logs} = makeHost(program, {late: notes(5), early: notes(-1), middle: notes(0)});
		await host.start();
		const names = ['early', 'middle', 'late'];
		expect(logs).toEqual([...names.map(name => `info ${name}: startup`), ...names.map(name => `info ${name}: after`)]);
		await host.close();
		expect(logs.slice(6)).toEqual(names.map(name => `info ${name}: shutdown`));
	});

	test('a plugin that does not want to go does not keep the others from being told, nor printkeep from ending', async () => {
		const {host, logs, failures} = makeHost(program, {
			stays: `onShutdown: () => new Promise(() => {})`,
			goes: `onShutdown(context) { context.log('info', 'bye'); }`,
		});
		await host.start();
		await host.close();
		expect(logs).toEqual(['info goes: bye']);
		expect(failures).toEqual(['stays: onShutdown did not answer within 3 seconds.']);
	});

	test('closing while plugins are loaded waits for none of them', async () => {
		const {host} = makeHost(
			program,
			{never: 'export default await new Promise(() => {});'},
			{limits: {loadMilliseconds: 60_000}},
		);
		const started = host.start();
		const begun = performance.now();
		await host.close();
		await started;
		expect(performance.now() - begun).toBeLessThan(5000);
	});
});
