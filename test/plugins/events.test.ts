/** What plugins hear of jobs, and what they may ask for because of it. */
import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import {createRequest} from '../helpers/engine-client.js';
import {makePluginEngine, type PluginEngine} from '../helpers/plugin-engine.js';
import {bundlePluginProgram, type PluginProgram} from '../helpers/plugin-host.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {waitFor} from '../helpers/wait-for.js';

let program: PluginProgram;

beforeAll(async () => {
	const folder = makeTemporaryDirectory();
	program = await bundlePluginProgram(folder);
	return () => removeDirectory(folder);
});

const hears = 'onEvent: (name, payload) => note(name, payload)';

const archives = ({store}: PluginEngine): readonly string[] =>
	existsSync(store) ? readdirSync(store).filter(name => name.endsWith('.zip')) : [];

test('events come in the order they happened, with all that belongs to them', async () => {
	const engine = makePluginEngine(program, {one: hears});
	const {result} = await engine.create({excludes: ['timelapse']});
	await engine.client.close();
	const names = engine.noted().map(({what}) => what);
	expect(names.filter(name => name !== 'phase' && name !== 'catalog-changed')).toEqual([
		'job-started',
		'backup-created',
		'job-finished',
	]);
	expect(names[0]).toBe('job-started');
	expect(names.at(-1)).toBe('job-finished');
	const [key = ''] = archives(engine);
	const created = engine.noted().find(({what}) => what === 'backup-created')?.value;
	expect(created).toEqual({
		jobId: expect.any(String),
		name: key,
		path: join(engine.store, key),
		excludes: result?.type === 'create' ? result.backup.excludes : null,
	});
	expect(created).toMatchObject({excludes: expect.arrayContaining(['timelapse'])});
	const told = engine.events.filter(({type}) => type !== 'progress' && type !== 'log').map(({type}) => type);
	expect(names).toEqual(told);
});

test('a backup that fails or is cancelled is not told as created', async () => {
	const engine = makePluginEngine(program, {one: hears});
	await engine.run(createRequest(engine.target), jobId => void engine.client.request('job.cancel', {jobId}));
	await engine.client.close();
	const names = engine.noted().map(({what}) => what);
	expect(names).not.toContain('backup-created');
	expect(engine.noted().at(-1)).toMatchObject({what: 'job-finished', value: {outcome: 'cancelled', result: null}});
});

test('a handler that takes its time holds no job up, and gets every event all the same', async () => {
	const engine = makePluginEngine(program, {
		slow: `async onEvent(name) { note('begin ' + name); await pause(300); note('end ' + name); }`,
		quick: `onEvent: name => note(name)`,
	});
	const {outcome} = await engine.create();
	expect(outcome).toBe('done');
	// The job was over while the first events were still being handled.
	expect(engine.notes()).not.toContain('slow end job-finished');
	await engine.client.close();
	expect(engine.notes()).toContain('slow end job-finished');
	const slow = engine.notes().filter(note => note.startsWith('slow '));
	expect(slow).toEqual(slow.flatMap((note, index) => (index % 2 === 0 ? [note, note.replace('begin', 'end')] : [])));
	expect(engine.notes()).toContain('quick job-finished');
});

test('a handler that fails hears of the next event all the same, until it has failed too often', async () => {
	const engine = makePluginEngine(program, {
		bad: `onEvent(name) { note(name); throw new Error('no'); }`,
		good: hears,
	});
	await engine.create();
	await engine.client.close();
	expect(engine.notes().filter(note => note.startsWith('bad '))).toHaveLength(3);
	expect(engine.notes().at(-1)).toBe('good job-finished');
	expect(engine.events.filter(({type}) => type === 'plugin-failed')).toHaveLength(3);
});

test('progress comes in whole per cents that only rise, for every phase that has some', async () => {
	const engine = makePluginEngine(
		program,
		{one: `onProgress: (job, percent) => note('percent', {...job, percent})`},
		// Read at a rate that lets a backup take its time, on however fast a machine.
		{instance: {extraBytes: 40_000_000}, effort: {maxBytesPerSecond: 20_000_000}},
	);
	await engine.create();
	await engine.client.close();
	const told = engine
		.noted()
		.map(({value}) => value as {readonly phase: string; readonly type: string; readonly percent: number});
	expect(told.length).toBeGreaterThan(2);
	expect(told.every(({type}) => type === 'create')).toBe(true);
	for (const [, values] of Map.groupBy(told, ({phase}) => phase)) {
		const percents = values.map(({percent}) => percent);
		expect(percents).toEqual([...new Set(percents)].sort((left, right) => left - right));
		expect(percents.every(percent => Number.isInteger(percent) && percent >= 0 && percent <= 100)).toBe(true);
	}

	expect(told.filter(({phase}) => phase === 'verifying').at(-1)?.percent).toBe(100);
});

describe('a backup a plugin asks for', () => {
	test('is refused within each hook of its own: the job would wait for itself', async () => {
		const asks = `() => context.createBackup().then(() => note('made'), error => note(error.code, error.message))`;
		const ask = (context: string): string => asks.replace('context', context);
		const engine = makePluginEngine(program, {
			one: `hooks: {
				beforeBackup: (_, context) => (${ask('context')})(),
				additionalExcludes: async (_, context) => { await (${ask('context')})(); return []; },
				afterBackup: (_, context) => (${ask('context')})(),
			}, environment: async context => { await (${ask('context')})(); return {}; }`,
		});
		const {outcome} = await engine.create();
		expect(outcome).toBe('done');
		expect(engine.notes()).toEqual(['one busy', 'one busy', 'one busy', 'one busy']);
		expect(archives(engine)).toHaveLength(1);
	});

	test('from an event is made when the job is over, while other plugins are still asked around it', async () => {
		const engine = makePluginEngine(program, {
			asks: `async onEvent(name, payload, context) {
				if (name === 'job-started' && !globalThis.asked) {
					globalThis.asked = true;
					note('made', await context.createBackup({filename: 'second.zip', exclude: ['uploads']}));
				}
			}`,
			slow: 'hooks: {beforeBackup: () => pause(400)}',
		});
		const {outcome} = await engine.create({name: 'first.zip'});
		expect(outcome).toBe('done');
		await waitFor('the second', () => engine.notes().includes('asks made'));
		expect(engine.noted()).toEqual([{plugin: 'asks', what: 'made', value: {name: 'second.zip'}}]);
		expect([...archives(engine)].sort()).toEqual(['first.zip', 'second.zip']);
	});

	test('when the engine is closing is made, too', async () => {
		const engine = makePluginEngine(program, {
			twice: `async onEvent(name, payload, context) {
				if (name === 'backup-created' && payload.name === 'first.zip') {
					await pause(200);
					note('made', await context.createBackup({filename: 'second.zip'}));
				}
			}`,
		});
		await engine.create({name: 'first.zip'});
		await engine.client.close();
		expect([...archives(engine)].sort()).toEqual(['first.zip', 'second.zip']);
	});

	test('because of its own backup comes to an end', async () => {
		const engine = makePluginEngine(program, {
			mad: `timeLimits: {onEvent: 120}, onEvent: async (name, payload, context) => {
				if (name === 'backup-created') {
					await context.createBackup().catch(error => note(error.code, error.message));
				}
			}`,
		});
		await engine.create();
		await engine.client.close();
		expect(archives(engine)).toHaveLength(11);
		expect(engine.noted()).toEqual([
			{plugin: 'mad', what: 'busy', value: 'The plugin mad has asked for 10 backups within an hour.'},
		]);
	}, 120_000);

	test('does not keep a person from what they want: that waits its turn', async () => {
		const engine = makePluginEngine(program, {
			asks: `onEvent: async (name, payload, context) => {
				if (name === 'job-finished' && payload.job === 'verify') note('made', await context.createBackup());
			}`,
		});
		await engine.run({type: 'verify', target: engine.target, sources: 'all'});
		await waitFor('the plugin’s backup to begin', () =>
			engine.events.some(event => event.type === 'job-started' && event.job === 'create'),
		);
		expect(await engine.create({name: 'mine.zip'})).toMatchObject({outcome: 'done', error: null});
		expect(engine.notes()).toEqual(['asks made']);
		expect(archives(engine)).toHaveLength(2);
	});

	test('two plugins that ask at once both get one', async () => {
		const asks = `onEvent: async (name, payload, context) => {
			if (name === 'backup-created' && payload.name === 'first.zip') note('made', await context.createBackup());
		}`;
		const engine = makePluginEngine(program, {one: asks, two: asks});
		await engine.create({name: 'first.zip'});
		await engine.client.close();
		expect([...engine.notes()].sort()).toEqual(['one made', 'two made']);
		expect(archives(engine)).toHaveLength(3);
	});

	test('deleting one says nothing when there is none, and puts one that is there into the trash', async () => {
		const engine = makePluginEngine(program, {
			one: `commands: {forget: {run: ({name}, context) => context.deleteBackup(name).then(() => 'fine')}}`,
		});
		await engine.create({name: 'first.zip'});
		const forget = async (name: string): Promise<unknown> =>
			engine.client.request('plugins.command', {plugin: 'one', command: 'forget', data: {name}, target: engine.target});
		expect(await forget('none.zip')).toBe('fine');
		expect(archives(engine)).toEqual(['first.zip']);
		expect(await forget('first.zip')).toBe('fine');
		expect(archives(engine)).toEqual([]);
		const {items} = await engine.client.request('trash.list', {target: engine.target});
		expect(items).toMatchObject([{key: 'first.zip'}]);
		expect(await forget('first.zip')).toBe('fine');
	});
});

test('helpers are those another plugin offers, by name; what goes wrong in one is that plugin’s', async () => {
	const engine = makePluginEngine(program, {
		offers: `helpers: {add: (left, right) => left + right, spin() { for (;;); }, secret: 5}`,
		uses: `get: context => ({
			sum: context.getHelpers('offers', 'add').add(1, 2),
			all: Object.keys(context.getHelpers('offers')),
			some: Object.keys(context.getHelpers('offers', 'add', 'none')),
			none: context.getHelpers('nobody') === undefined,
		}), commands: {spin: {run: (_, context) => context.getHelpers('offers').spin()}}`,
	});
	const ask = async (command: string | null): Promise<unknown> =>
		engine.client.request('plugins.command', {plugin: 'uses', command, data: {}, target: engine.target});
	expect(await ask(null)).toEqual({sum: 3, all: ['add', 'spin'], some: ['add'], none: true});
	await expect(ask('spin')).rejects.toMatchObject({code: 'plugin-failed'});
	expect(engine.events.filter(({type}) => type === 'plugin-failed')).toMatchObject([{plugin: 'offers'}]);
	expect(await ask(null).catch((error: Error) => error.message)).toContain('reading');
});

test('settings: stored as what differs, migrated, changed by functions of their own, refused, cleaned up', async () => {
	const engine = makePluginEngine(program, {
		one: `settings: {
			defaults: {topic: '', deep: {count: 1, list: ['a']}, token: 'none'},
			version: 2,
			migrate(target, current, stored) { note('migrate', {target, current, stored}); return {...stored, topic: 'from ' + (current ?? 'nothing')}; },
			preprocessors: {set: {topic: value => value.trim()}, get: {deep: {count: value => value * 10}}},
			restricted: {never: [['token']]},
			onInitialized: () => note('initialized'),
			onSave(values) { if (values.topic === 'no') throw new Error('not that'); return values; },
			cleanup: ({topic}) => (topic === undefined ? {} : {topic}),
		}, get: context => context.settings.get()`,
	});
	const change = async (...path: readonly unknown[]): Promise<unknown> =>
		engine.client.request('plugins.change', {
			plugin: 'one',
			changes: [{path: path.slice(0, -1) as string[], value: path.at(-1) as never}],
		});
	expect(await engine.client.request('plugins.settings', {plugin: 'one'})).toEqual({
		topic: 'from nothing',
		deep: {count: 10, list: ['a']},
	});
	expect(engine.noted()).toEqual([
		{plugin: 'one', what: 'migrate', value: {target: 2, current: null, stored: {}}},
		{plugin: 'one', what: 'initialized', value: null},
	]);
	expect(engine.settings).toEqual({one: {version: 2, values: {topic: 'from nothing'}}});
	await change('topic', '  hello ');
	await change('deep', 'count', 4);
	expect(engine.settings).toEqual({one: {version: 2, values: {topic: 'hello', deep: {count: 4}}}});
	await expect(change('topic', 'no')).rejects.toThrow('not that');
	await expect(change('token', 'x')).rejects.toMatchObject({code: 'invalid-setting'});
	expect(engine.settings.one?.values).toEqual({topic: 'hello', deep: {count: 4}});
	await engine.client.request('plugins.clean', {plugin: 'one'});
	expect(engine.settings.one?.values).toEqual({topic: 'hello'});
	await change('topic', null);
	expect(engine.settings.one?.values).toEqual({});
});
