/** What plugins have to do with jobs: when they are asked, what they are told, and what their failures do. Why so long: it is one subject. */
import {existsSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import type {PluginPolicy} from '../../source/client/protocol.js';
import {createRequest, type JobFinished} from '../helpers/engine-client.js';
import {makePluginEngine, type PluginEngine} from '../helpers/plugin-engine.js';
import {bundlePluginProgram, type PluginProgram} from '../helpers/plugin-host.js';
import {runProgram} from '../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {waitFor} from '../helpers/wait-for.js';

let program: PluginProgram;

beforeAll(async () => {
	const folder = makeTemporaryDirectory();
	program = await bundlePluginProgram(folder);
	return () => removeDirectory(folder);
});

const everything = `hooks: {
	additionalExcludes(excludes) { note('additionalExcludes', excludes); return []; },
	beforeBackup: what => note('beforeBackup', what),
	afterBackup: what => note('afterBackup', what),
	beforeRestore: what => note('beforeRestore', what),
	afterRestore: what => note('afterRestore', what),
}`;

const after = `hooks: {afterBackup: what => note('afterBackup', what), afterRestore: what => note('afterRestore', what)}`;

const policies: readonly PluginPolicy[] = ['ignore', 'warn', 'abort'];

const notesOf = ({result}: JobFinished): readonly string[] => (result?.type === 'create' ? result.notes : []);

const archives = ({store}: PluginEngine): readonly string[] =>
	existsSync(store) ? readdirSync(store).filter(name => name.endsWith('.zip')) : [];

const toldOf = (engine: PluginEngine, what: string, plugin?: string): unknown =>
	engine.noted().find(note => note.what === what && (plugin === undefined || note.plugin === plugin))?.value;

/** A finished archive that other programs find nothing wrong with. */
const expectWhole = async (engine: PluginEngine): Promise<void> => {
	const [name = ''] = archives(engine);
	expect(await runProgram('unzip', ['-tqq', join(engine.store, name)], {env: process.env})).toMatchObject({code: 0});
	const verified = await engine.run({type: 'verify', target: engine.target, sources: 'all'});
	expect(verified.outcome).toBe('done');
};

const restoreRequest = (engine: PluginEngine, key: string, to?: string) =>
	({
		type: 'restore',
		target: engine.target,
		source: {type: 'backup', key},
		allowNewer: false,
		evenIfPrinting: true,
		stopServer: false,
		...(to === undefined ? {} : {to}),
	}) as const;

describe('a backup', () => {
	test('asks every plugin for each step before the next, in the order they want for hooks', async () => {
		const engine = makePluginEngine(program, {
			third: `order: {hooks: 5, events: -9}, ${everything}`,
			second: everything,
			first: `order: -1, ${everything}`,
		});
		const {outcome, result} = await engine.create({note: 'a note', trigger: 'auto', excludes: ['timelapse']});
		expect(outcome).toBe('done');
		const ids = ['first', 'second', 'third'];
		expect(engine.notes()).toEqual(
			['beforeBackup', 'additionalExcludes', 'afterBackup'].flatMap(what => ids.map(id => `${id} ${what}`)),
		);
		expect(toldOf(engine, 'beforeBackup')).toEqual({excludes: ['timelapse'], trigger: 'auto', note: 'a note'});
		const [key = ''] = archives(engine);
		expect(toldOf(engine, 'afterBackup')).toEqual({
			error: null,
			key,
			path: join(engine.store, key),
			files: result?.type === 'create' ? result.files : 0,
			bytes: result?.type === 'create' ? result.bytes : 0,
			skipped: 0,
		});
		await expectWhole(engine);
	});

	test('tells each plugin what those before it want left out, and leaves it out', async () => {
		const answers = (items: string): string =>
			`hooks: {additionalExcludes(excludes) { note('told', excludes); return ${items}; }}`;
		const engine = makePluginEngine(program, {
			one: answers(`['a.txt', 'sub/', '../two/b.txt', '*.txt']`),
			two: answers(`['.', 'b.txt']`),
			three: answers('[]'),
		});
		for (const name of ['one/a.txt', 'one/sub', 'two/b.txt', 'two/c.txt', 'three/d.txt']) {
			const folder = join(engine.dataFolder, 'data', name.split('/')[0] ?? '');
			if (!existsSync(folder)) {
				await runProgram('mkdir', ['-p', folder], {env: process.env});
			}

			writeFileSync(join(engine.dataFolder, 'data', name), 'x');
		}

		const {result} = await engine.create({excludes: ['uploads']});
		const told = engine.noted().map(({value}) => value as readonly string[]);
		expect(told[0]).toEqual(['uploads']);
		const one = ['data/one/a.txt', 'data/one/sub/', 'data/one/../two/b.txt', 'data/one/*.txt'];
		expect(told[1]).toEqual(['uploads', ...one]);
		expect(told[2]).toEqual(['uploads', ...one, 'data/two']);
		expect(result?.type === 'create' ? result.leftOut.map(({path, plugin}) => `${path} ${plugin}`) : []).toEqual([
			'data/one/a.txt one',
			'data/two two',
		]);
		const [key = ''] = archives(engine);
		const {stdout} = await runProgram('unzip', ['-Z1', join(engine.store, key)], {env: process.env});
		const names = stdout.split('\n').filter(name => /data\/(?:one|two|three)\//u.test(name));
		expect(names.sort()).toEqual(['basedir/data/one/sub', 'basedir/data/three/d.txt']);
	});

	test('keeps what plugins say of the machine, as it knows none of it itself', async () => {
		const engine = makePluginEngine(program, {
			board: `environment: () => ({board: 'Pi 4', cores: 4}), onEnvironment: facts => note('facts', facts)`,
			odd: `environment: () => 'no object'`,
			bad: `environment() { throw new Error('no idea'); }`,
		});
		const {outcome} = await engine.create();
		expect(outcome).toBe('done');
		const facts = {board: {board: 'Pi 4', cores: 4}, odd: {}};
		expect(toldOf(engine, 'facts')).toEqual(facts);
		const [key = ''] = archives(engine);
		const {stdout} = await runProgram('unzip', ['-p', join(engine.store, key), 'printkeep.json'], {env: process.env});
		expect(JSON.parse(stdout)).toMatchObject({facts});
	});
});

describe('a hook that fails before a backup', () => {
	const bad = `hooks: {beforeBackup() { throw new Error('not now'); }, afterBackup: what => note('afterBackup', what)}`;
	for (const policy of policies) {
		test(`under ${policy}`, async () => {
			const engine = makePluginEngine(program, {bad, good: everything}, {pluginPolicy: policy});
			const finished = await engine.create();
			const failure = 'The plugin bad failed: not now';
			expect(finished.outcome).toBe(policy === 'abort' ? 'failed' : 'done');
			expect(notesOf(finished).includes(failure)).toBe(policy === 'warn');
			expect(engine.events.filter(({type}) => type === 'plugin-failed')).toMatchObject([
				{plugin: 'bad', reason: 'not now'},
			]);
			// Whoever is told before is told after, once.
			expect(engine.notes().filter(note => note.endsWith('afterBackup'))).toEqual([
				'bad afterBackup',
				'good afterBackup',
			]);
			if (policy === 'abort') {
				expect(finished.error).toMatchObject({code: 'plugin-failed', message: failure});
				expect(toldOf(engine, 'afterBackup')).toEqual({
					error: {code: 'plugin-failed', message: failure},
					key: null,
					path: null,
					files: 0,
					bytes: 0,
					skipped: 0,
				});
				expect(archives(engine)).toEqual([]);
				expect(engine.notes()).not.toContain('good beforeBackup');
			} else {
				expect(engine.notes()).toContain('good beforeBackup');
				await expectWhole(engine);
			}
		});
	}
});

describe('an answer of what to leave out that is none', () => {
	const failure = 'additionalExcludes did not answer with a list of paths.';
	const wrong: Readonly<Record<string, string>> = {
		'a text': `'foo.txt'`,
		'an object': '({})',
		numbers: '[1]',
		'too many': `Array.from({length: 10_001}, () => 'x')`,
	};
	for (const [title, answer] of Object.entries(wrong)) {
		for (const policy of title === 'a text' ? policies : (['abort'] as const)) {
			test(`${title}, under ${policy}`, async () => {
				const engine = makePluginEngine(
					program,
					{bad: `hooks: {additionalExcludes: () => ${answer}}`, good: everything},
					{pluginPolicy: policy},
				);
				const finished = await engine.create();
				expect(finished.outcome).toBe(policy === 'abort' ? 'failed' : 'done');
				expect(notesOf(finished).includes(`The plugin bad failed: ${failure}`)).toBe(policy === 'warn');
				// It is held against the plugin however little the policy makes of it.
				expect(engine.events.filter(({type}) => type === 'plugin-failed')).toMatchObject([
					{plugin: 'bad', reason: failure},
				]);
				expect(engine.notes().filter(note => note === 'good afterBackup')).toHaveLength(1);
				expect(archives(engine)).toHaveLength(policy === 'abort' ? 0 : 1);
			});
		}
	}

	test('nothing is an empty answer', async () => {
		const engine = makePluginEngine(program, {quiet: 'hooks: {additionalExcludes() {}}'}, {pluginPolicy: 'abort'});
		expect((await engine.create()).outcome).toBe('done');
	});
});

describe('a hook that fails after a backup never loses the archive', () => {
	const deeds: Readonly<Record<string, string>> = {
		throws: `throw new Error('too late')`,
		exits: 'process.exit(1)',
		loops: 'for (;;);',
		'never answers': 'return never()',
	};
	for (const [title, deed] of Object.entries(deeds)) {
		for (const policy of title === 'throws' ? policies : (['abort'] as const)) {
			test(`${title}, under ${policy}`, async () => {
				const engine = makePluginEngine(
					program,
					{bad: `timeLimits: {afterBackup: 1}, hooks: {afterBackup() { note('afterBackup'); ${deed} }}`, good: after},
					{pluginPolicy: policy},
				);
				const finished = await engine.create();
				expect(finished).toMatchObject({outcome: 'done', error: null});
				expect(engine.notes()).toEqual(['bad afterBackup', 'good afterBackup']);
				expect(notesOf(finished).some(note => note.startsWith('The plugin bad failed'))).toBe(policy !== 'ignore');
				await expectWhole(engine);
			});
		}
	}
});

describe('a plugin that dies in a hook before', () => {
	for (const policy of policies) {
		test(`costs nothing but itself, under ${policy}`, async () => {
			const engine = makePluginEngine(
				program,
				{bad: 'hooks: {beforeBackup() { process.exit(1); }}', good: everything},
				{pluginPolicy: policy},
			);
			const finished = await engine.create();
			expect(finished.outcome).toBe(policy === 'abort' ? 'failed' : 'done');
			expect(engine.notes().filter(note => note === 'good afterBackup')).toHaveLength(1);
			if (policy !== 'abort') {
				expect(engine.notes()).toContain('good beforeBackup');
				await expectWhole(engine);
			}

			const listed = await engine.client.request('plugins.list', {});
			expect(listed.map(({state, reason}) => `${state} ${reason}`)).toEqual([
				'failed It ended the plugin thread with code 1.',
				'active ',
			]);
		});
	}
});

describe('a backup that fails', () => {
	test('is told after, with why', async () => {
		const engine = makePluginEngine(program, {one: everything});
		await engine.create({name: 'mine.zip'});
		const finished = await engine.create({name: 'mine.zip'});
		expect(finished.error?.code).toBe('name-clash');
		const told = engine
			.noted()
			.filter(({what}) => what === 'afterBackup')
			.map(({value}) => value);
		expect(told).toHaveLength(2);
		expect(told[1]).toMatchObject({
			error: {code: 'name-clash', message: finished.error?.message},
			key: null,
			path: null,
		});
	});
});

describe('a backup that is cancelled', () => {
	const expectCancelled = (engine: PluginEngine, finished: JobFinished): void => {
		expect(finished.outcome).toBe('cancelled');
		expect(engine.notes().filter(note => note.endsWith('afterBackup'))).toEqual(['one afterBackup', 'two afterBackup']);
		expect(toldOf(engine, 'afterBackup')).toMatchObject({error: {code: 'cancelled'}, key: null});
		expect(archives(engine)).toEqual([]);
	};

	test('before anything is asked', async () => {
		const engine = makePluginEngine(program, {one: everything, two: everything});
		const {client} = engine;
		const finished = await engine.run(
			createRequest(engine.target),
			jobId => void client.request('job.cancel', {jobId}),
		);
		expectCancelled(engine, finished);
		expect(engine.notes()).not.toContain('one beforeBackup');
	});

	test('while a hook is asked, which hears of it', async () => {
		const engine = makePluginEngine(program, {
			one: `hooks: {
				beforeBackup: (_, context) => new Promise(() => {
					note('waits');
					context.signal.addEventListener('abort', () => note('aborted'));
				}),
				afterBackup: what => note('afterBackup', what),
			}`,
			two: everything,
		});
		const finished = await engine.run(createRequest(engine.target), jobId => {
			void waitFor('the hook', () => engine.notes().includes('one waits')).then(async () =>
				engine.client.request('job.cancel', {jobId}),
			);
		});
		expectCancelled(engine, finished);
		expect(engine.notes()).toContain('one aborted');
		expect(engine.notes()).not.toContain('two beforeBackup');
	});

	test('while it is asked what to leave out', async () => {
		const engine = makePluginEngine(program, {
			one: `hooks: {additionalExcludes() { note('waits'); return never(); }, afterBackup: what => note('afterBackup', what)}`,
			two: after,
		});
		const finished = await engine.run(createRequest(engine.target), jobId => {
			void waitFor('the hook', () => engine.notes().includes('one waits')).then(async () =>
				engine.client.request('job.cancel', {jobId}),
			);
		});
		expectCancelled(engine, finished);
	});

	test('while it is written', async () => {
		const engine = makePluginEngine(program, {one: everything, two: everything}, {instance: {extraBytes: 60_000_000}});
		const finished = await engine.run(createRequest(engine.target), jobId => {
			void waitFor('the backup to be written', () =>
				engine.events.some(event => event.type === 'phase' && event.phase === 'writing'),
			).then(async () => engine.client.request('job.cancel', {jobId}));
		});
		expectCancelled(engine, finished);
	});

	test('while hooks after it are asked: it is made, and every one of them is asked', async () => {
		const engine = makePluginEngine(program, {
			one: `hooks: {async afterBackup() { note('afterBackup'); await pause(400); note('end'); }}`,
			two: after,
		});
		const finished = await engine.run(createRequest(engine.target), jobId => {
			void waitFor('the hook', () => engine.notes().includes('one afterBackup')).then(async () =>
				engine.client.request('job.cancel', {jobId}),
			);
		});
		expect(finished.outcome).toBe('done');
		expect(engine.notes()).toEqual(['one afterBackup', 'one end', 'two afterBackup']);
		await expectWhole(engine);
	});
});

describe('a restore', () => {
	test('tells before and after where what is restored, in place and elsewhere', async () => {
		const engine = makePluginEngine(program, {one: everything, two: `order: -1, ${everything}`});
		const {result} = await engine.create();
		const key = result?.type === 'create' ? result.backup.key : '';
		const made = engine.noted().length;
		const inPlace = await engine.run(restoreRequest(engine, key));
		expect(inPlace.error).toBeNull();
		const about = {key, destination: engine.dataFolder, inPlace: true};
		expect(engine.noted().slice(made)).toEqual([
			{plugin: 'two', what: 'beforeRestore', value: about},
			{plugin: 'one', what: 'beforeRestore', value: about},
			{plugin: 'two', what: 'afterRestore', value: {...about, error: null}},
			{plugin: 'one', what: 'afterRestore', value: {...about, error: null}},
		]);

		const to = join(engine.folder, 'elsewhere-new');
		await engine.run(restoreRequest(engine, key, to));
		expect(
			engine
				.noted()
				.slice(made + 4)
				.map(({value}) => value),
		).toEqual([
			{key, destination: to, inPlace: false},
			{key, destination: to, inPlace: false},
			{key, destination: to, inPlace: false, error: null},
			{key, destination: to, inPlace: false, error: null},
		]);
	});

	test('that fails is told after, with why', async () => {
		const engine = makePluginEngine(program, {one: everything});
		const finished = await engine.run(restoreRequest(engine, 'none.zip'));
		expect(finished.outcome).toBe('failed');
		expect(engine.notes()).toEqual(['one beforeRestore', 'one afterRestore']);
		expect(toldOf(engine, 'afterRestore')).toMatchObject({key: 'none.zip', error: {code: finished.error?.code}});
	});

	for (const policy of policies) {
		test(`whose hook before fails, under ${policy}`, async () => {
			const engine = makePluginEngine(
				program,
				{
					bad: `hooks: {beforeRestore() { throw new Error('not now'); }, afterRestore: what => note('afterRestore', what)}`,
				},
				{pluginPolicy: policy},
			);
			const {result} = await engine.create();
			const key = result?.type === 'create' ? result.backup.key : '';
			writeFileSync(join(engine.dataFolder, 'uploads/new.gcode'), 'later');
			const finished = await engine.run(restoreRequest(engine, key));
			expect(finished.outcome).toBe(policy === 'abort' ? 'failed' : 'done');
			// Nothing live is touched where it was not begun.
			expect(existsSync(join(engine.dataFolder, 'uploads/new.gcode'))).toBe(policy === 'abort');
			expect(engine.notes()).toEqual(['bad afterRestore']);
			const told = engine.events.some(event => event.type === 'log' && event.text.includes('not now'));
			expect(told).toBe(policy === 'warn');
		});
	}

	test('that is cancelled in a hook touches nothing, and is told after once', async () => {
		const engine = makePluginEngine(program, {
			one: `hooks: {beforeRestore() { note('waits'); return never(); }, afterRestore: what => note('afterRestore', what)}`,
		});
		const {result} = await engine.create();
		const key = result?.type === 'create' ? result.backup.key : '';
		writeFileSync(join(engine.dataFolder, 'uploads/new.gcode'), 'later');
		const finished = await engine.run(restoreRequest(engine, key), jobId => {
			void waitFor('the hook', () => engine.notes().includes('one waits')).then(async () =>
				engine.client.request('job.cancel', {jobId}),
			);
		});
		expect(finished.outcome).toBe('cancelled');
		expect(existsSync(join(engine.dataFolder, 'uploads/new.gcode'))).toBe(true);
		expect(engine.notes()).toEqual(['one waits', 'one afterRestore']);
		expect(toldOf(engine, 'afterRestore')).toMatchObject({error: {code: 'cancelled'}});
	});

	test('whose hook after dies is done all the same', async () => {
		const engine = makePluginEngine(
			program,
			{bad: 'hooks: {afterRestore() { process.exit(1); }}', good: after},
			{pluginPolicy: 'abort'},
		);
		const {result} = await engine.create();
		const key = result?.type === 'create' ? result.backup.key : '';
		expect(await engine.run(restoreRequest(engine, key))).toMatchObject({outcome: 'done', error: null});
		expect(engine.notes().filter(note => note === 'good afterRestore')).toHaveLength(1);
	});
});

test('plugins are not started anew while a job may need what they began', async () => {
	const engine = makePluginEngine(program, {
		one: `hooks: {
			async beforeBackup() { note('waits'); while (!globalThis.goesOn) { await pause(10); } },
			afterBackup: () => note(globalThis.goesOn ? 'remembers' : 'is new'),
		},
		commands: {go: {run() { globalThis.goesOn = true; }}}`,
	});
	let refused: Promise<unknown> = Promise.resolve();
	const finished = await engine.run(createRequest(engine.target), () => {
		refused = waitFor('the hook', () => engine.notes().includes('one waits')).then(async () => {
			const error = await engine.client.request('plugins.reload', {}).catch((reason: unknown) => reason);
			await engine.client.request('plugins.command', {plugin: 'one', command: 'go', data: {}, target: null});
			return error;
		});
	});
	expect(finished).toMatchObject({outcome: 'done', error: null});
	expect(await refused).toMatchObject({code: 'busy'});
	expect(engine.notes()).toEqual(['one waits', 'one remembers']);
	expect(await engine.client.request('plugins.reload', {})).toBeNull();
});

test('other jobs have no hooks', async () => {
	const engine = makePluginEngine(program, {one: everything});
	await engine.create();
	const made = engine.noted().length;
	await engine.run({type: 'verify', target: engine.target, sources: 'all'});
	await engine.run({type: 'delete', target: engine.target, keys: archives(engine), allowPinned: false});
	expect(engine.noted()).toHaveLength(made);
});
