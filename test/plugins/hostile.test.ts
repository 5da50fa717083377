/**
 * Plugins that do what no plugin should, one row each, beside one that does nothing wrong: afterwards that one answers, the culprit is named with what it
 * did, and nothing of it has reached the terminal. Why so long: it is a table.
 */
import {spawnSync} from 'node:child_process';
import {closeSync, constants, openSync} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import type {PluginInstance} from '../../source/plugins/api.js';
import type {PluginHost} from '../../source/plugins/host.js';
import {usualLimits} from '../../source/plugins/limits.js';
import type {CallName, PluginCalls} from '../../source/plugins/messages.js';
import {bundlePluginProgram, makeHost, type PluginProgram, pluginText} from '../helpers/plugin-host.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {waitFor} from '../helpers/wait-for.js';

let program: PluginProgram;

beforeAll(async () => {
	const folder = makeTemporaryDirectory();
	program = await bundlePluginProgram(folder);
	return () => removeDirectory(folder);
});

const good = `get: () => 'there'`;
const never = '() => new Promise(() => {})';

const inputs: {readonly [Name in CallName]: PluginCalls[Name]['input']} = {
	additionalExcludes: {excludes: []},
	beforeBackup: {excludes: [], trigger: 'manual', note: ''},
	afterBackup: {error: null, key: 'a.zip', path: '/a.zip', files: 1, bytes: 1, skipped: 0},
	beforeRestore: {key: 'a.zip', destination: '/x', inPlace: true},
	afterRestore: {key: 'a.zip', destination: '/x', inPlace: true, error: null},
	onEvent: {name: 'job-started', payload: {}},
	onProgress: {job: {id: '1', type: 'create', phase: 'writing'}, percent: 1},
	initializeSettings: null,
	onStartup: null,
	onAfterStartup: null,
	onShutdown: null,
	onPendingRemoval: null,
	environment: null,
	onEnvironment: {facts: {}},
	command: {name: 'run', data: {}},
	get: null,
	screen: {name: 'one'},
	wizard: null,
	finishWizard: {handled: true},
	readSettings: null,
	changeSettings: {changes: [{path: ['word'], value: 'x'}]},
	cleanSettings: null,
	adapterDetect: null,
	adapterInspect: {dataFolder: '/nowhere'},
	adapterParts: {dataFolder: '/nowhere'},
	adapterQuiesce: {dataFolder: '/nowhere'},
	adapterRelease: {token: 1},
	adapterReadiness: {dataFolder: '/nowhere'},
	watchAgents: null,
	agents: null,
	agentBackups: {agent: 'a'},
	agentGet: {agent: 'a', id: 'a.zip'},
	agentUpload: {agent: 'a', backup: {id: 'a.zip', name: 'a', bytes: 1, createdAt: 1}, path: '/nowhere'},
	agentDownload: {agent: 'a', id: 'a.zip', path: '/nowhere', bytes: 1},
	agentDelete: {agent: 'a', id: 'a.zip'},
} as {readonly [Name in CallName]: PluginCalls[Name]['input']};

const adapterWith = (method: string): string =>
	`adapter: {kind: 'bad', detect: () => [], inspect: () => null, parts: () => [], ${method}}`;

const agentWith = (method: string): string =>
	`agents: {agents: () => [{id: 'a', name: 'A', list: () => [], get() {}, upload() {}, download() {}, delete() {}, ${method}}]}`;

/** Where each call ends up in a plugin, with `FUNCTION` in its place. */
const places: Readonly<Record<CallName, string>> = {
	additionalExcludes: 'hooks: {additionalExcludes: FUNCTION}',
	beforeBackup: 'hooks: {beforeBackup: FUNCTION}',
	afterBackup: 'hooks: {afterBackup: FUNCTION}',
	beforeRestore: 'hooks: {beforeRestore: FUNCTION}',
	afterRestore: 'hooks: {afterRestore: FUNCTION}',
	onEvent: 'onEvent: FUNCTION',
	onProgress: 'onProgress: FUNCTION',
	initializeSettings: 'settings: {defaults: {}, onInitialized: FUNCTION}',
	onStartup: 'onStartup: FUNCTION',
	onAfterStartup: 'onAfterStartup: FUNCTION',
	onShutdown: 'onShutdown: FUNCTION',
	onPendingRemoval: 'onPendingRemoval: FUNCTION',
	environment: 'environment: FUNCTION',
	onEnvironment: 'onEnvironment: FUNCTION',
	command: 'commands: {run: {run: FUNCTION}}',
	get: 'get: FUNCTION',
	screen: `screens: [{type: 'tab', name: 'one', title: 'One', content: FUNCTION}]`,
	wizard: 'wizard: {required: FUNCTION}',
	finishWizard: 'wizard: {required: () => true, onFinish: FUNCTION}',
	readSettings: 'settings: {defaults: {}, onLoad: FUNCTION}',
	changeSettings: `settings: {defaults: {word: ''}, onSave: FUNCTION}`,
	cleanSettings: `settings: {defaults: {word: ''}, cleanup: FUNCTION}`,
	adapterDetect: adapterWith('detect: FUNCTION'),
	adapterInspect: adapterWith('inspect: FUNCTION'),
	adapterParts: adapterWith('parts: FUNCTION'),
	adapterQuiesce: adapterWith('quiesce: FUNCTION'),
	adapterRelease: adapterWith('quiesce: () => FUNCTION'),
	adapterReadiness: adapterWith('readiness: FUNCTION'),
	watchAgents: 'agents: {agents: () => [], onChange: FUNCTION}',
	agents: 'agents: {agents: FUNCTION}',
	agentBackups: agentWith('list: FUNCTION'),
	agentGet: agentWith('get: FUNCTION'),
	agentUpload: agentWith('upload: FUNCTION'),
	agentDownload: agentWith('download: FUNCTION'),
	agentDelete: agentWith('delete: FUNCTION'),
};

/** Called when plugins start, so that a failure in there is told before anything is asked. */
const startCalls = new Set<CallName>(['initializeSettings', 'onStartup', 'onAfterStartup', 'watchAgents']);

const abilities = Object.keys(places) as CallName[];

/** Brings the server to rest where the call is to let it go on. */
const prepare = async (host: PluginHost, name: CallName): Promise<void> => {
	if (name === 'adapterRelease') {
		await host.call('bad', 'adapterQuiesce', inputs.adapterQuiesce, {instance});
	}
};

const instance: PluginInstance = {name: 'o', kind: 'octoprint', dataFolder: '/nowhere', store: '/nowhere'};

describe('in each ability', () => {
	for (const name of abilities) {
		test(`${name}: throws`, async () => {
			const bad = (places[name] as string).replace('FUNCTION', `() => { throw new Error('\\u001b[31mEVIL'); }`);
			const {host, failures, stateOf} = makeHost(program, {bad, good});
			await host.start();
			await prepare(host, name);
			if (!startCalls.has(name)) {
				await expect(host.call('bad', name, inputs[name], {instance})).rejects.toMatchObject({
					code: 'plugin-failed',
					message: 'The plugin bad failed: \\x1b[31mEVIL',
				});
			}

			expect(failures).toEqual(['bad: \\x1b[31mEVIL']);
			expect(await host.call('good', 'get', null)).toBe('there');
			expect(stateOf('good')).toBe('active');
		});
	}

	for (const name of abilities) {
		test(`${name}: never answers`, async () => {
			const bad = (places[name] as string).replace('FUNCTION', never);
			const calls = Object.fromEntries(abilities.map(one => [one, 250])) as Record<CallName, number>;
			const {host, failures, stateOf} = makeHost(program, {bad, good}, {limits: {calls}});
			await host.start();
			await prepare(host, name);
			if (!startCalls.has(name)) {
				await expect(host.call('bad', name, inputs[name], {instance})).rejects.toMatchObject({code: 'plugin-failed'});
			}

			expect(failures).toEqual([`bad: ${name} did not answer within 0.25 seconds.`]);
			// A server of which nobody knows what it does can still be backed up.
			const isMild = name === 'adapterReadiness';
			expect(stateOf('bad')).toBe(isMild ? 'active' : 'failed');
			if (!isMild) {
				await expect(host.call('bad', 'onEvent', inputs.onEvent, {instance})).rejects.toThrow('is not running');
			}

			expect(await host.call('good', 'get', null)).toBe('there');
		});
	}

	for (const name of abilities) {
		test(`${name}: does not give the thread back`, async () => {
			const bad = (places[name] as string).replace('FUNCTION', '() => { for (;;); }');
			const {host, failures, stateOf} = makeHost(program, {bad, good}, {limits: {blockedMilliseconds: 300}});
			await host.start();
			await prepare(host, name);
			if (!startCalls.has(name)) {
				await expect(host.call('bad', name, inputs[name], {instance})).rejects.toMatchObject({code: 'plugin-failed'});
			}

			expect(await host.call('good', 'get', null)).toBe('there');
			expect(failures).toEqual(['bad: It kept the plugin thread busy for over 0.3 seconds.']);
			expect([stateOf('bad'), stateOf('good')]).toEqual(['failed', 'active']);
		});
	}
});

type Row = {
	readonly title: string;
	readonly module: string;
	/** What it is put down to; also read from failures while it loads. */
	readonly reason: RegExp;
	readonly state: 'refused' | 'failed' | 'active';
};

const bare = (body: string): string => body;

const loading: readonly Row[] = [
	{
		title: 'throws',
		module: bare(`export default 1; throw new Error('at once')`),
		reason: /It could not be loaded: at once/u,
		state: 'refused',
	},
	{
		title: 'throws nothing',
		module: 'export default 1; throw undefined',
		reason: /It could not be loaded: undefined/u,
		state: 'refused',
	},
	{
		title: 'throws what cannot be put into words',
		module: 'export default 1; throw {toString() { throw 1 }}',
		reason: /cannot be put into words/u,
		state: 'refused',
	},
	{
		title: 'does not parse',
		module: 'export default {',
		reason: /It could not be loaded: Unexpected/u,
		state: 'refused',
	},
	{
		title: 'imports what is not there',
		module: `import 'no-such-thing'; export default 1`,
		reason: /It could not be loaded: .*no-such-thing/u,
		state: 'refused',
	},
	{
		title: 'waits for ever',
		module: 'export default await new Promise(() => {})',
		reason: /It was not loaded within 1 second/u,
		state: 'refused',
	},
	{
		title: 'loops',
		module: 'export default 1; for (;;);',
		reason: /It was not loaded within 1 second/u,
		state: 'refused',
	},
	{
		title: 'exits',
		module: 'export default 1; process.exit(0)',
		reason: /It ended the plugin thread with code 0/u,
		state: 'refused',
	},
	{title: 'exports nothing', module: 'export {}', reason: /exports no plugin/u, state: 'refused'},
	{title: 'exports a list', module: 'export default []', reason: /exports no plugin/u, state: 'refused'},
	{title: 'exports a number', module: 'export default 5', reason: /exports no plugin/u, state: 'refused'},
	{title: 'exports a function', module: 'export default () => {}', reason: /exports no plugin/u, state: 'refused'},
	{
		title: 'is for a later version',
		module: `export default {apiVersion: 99, id: 'bad'}`,
		reason: /written for version 99 of the plugin API/u,
		state: 'refused',
	},
	{
		title: 'has a version with escape codes',
		module: `export default {apiVersion: '\\u001b[31mEVIL', id: 'bad'}`,
		reason: /version \\x1b\[31mEVIL of/u,
		state: 'refused',
	},
	{
		title: 'has a version that is a symbol',
		module: `export default {apiVersion: Symbol('x'), id: 'bad'}`,
		reason: /version Symbol\(x\) of/u,
		state: 'refused',
	},
	{title: 'has no id', module: 'export default {apiVersion: 1}', reason: /Its id is missing/u, state: 'refused'},
	{
		title: 'has an id that leads elsewhere',
		module: `export default {apiVersion: 1, id: '../x'}`,
		reason: /Its id is missing/u,
		state: 'refused',
	},
	{
		title: 'has an id with escape codes',
		module: `export default {apiVersion: 1, id: 'a\\u001b[31m'}`,
		reason: /Its id is missing/u,
		state: 'refused',
	},
	{
		title: 'has the id of another',
		module: `export default {apiVersion: 1, id: 'good'}`,
		reason: /There is a plugin called good already/u,
		state: 'refused',
	},
	{
		title: 'has an id that throws',
		module: `export default {apiVersion: 1, get id() { throw new Error('peekaboo') }}`,
		reason: /peekaboo/u,
		state: 'refused',
	},
	{
		title: 'has a hook that throws when it is looked at',
		module: `export default {apiVersion: 1, id: 'bad', get hooks() { throw new Error('peekaboo') }}`,
		reason: /peekaboo/u,
		state: 'refused',
	},
	{
		title: 'has an ability that loops when it is looked at',
		module: `export default {apiVersion: 1, id: 'bad', get onEvent() { for (;;); }}`,
		reason: /It was not loaded within 1 second/u,
		state: 'refused',
	},
	{
		title: 'is a proxy that throws',
		module: `export default new Proxy({}, {get() { throw new Error('boo') }})`,
		reason: /boo/u,
		state: 'refused',
	},
	{
		title: 'is a proxy that says yes to all',
		module: `export default new Proxy({}, {get: (_, name) => name === 'apiVersion' ? 1 : name === 'id' ? 'bad' : () => 1})`,
		reason: /not made as a plugin should be/u,
		state: 'refused',
	},
	{
		title: 'cannot be listed',
		module: `export default {apiVersion: 1, id: 'bad', hooks: new Proxy({}, {ownKeys() { throw new Error('no list') }})}`,
		reason: /no list/u,
		state: 'refused',
	},
	{
		title: 'says a book of itself',
		module: `export default {apiVersion: 1, id: 'bad', commands: Object.fromEntries(Array.from({length: 5000}, (_, i) => ['c' + i, {run() {}, description: 'x'.repeat(300)}]))}`,
		reason: /more of itself than anybody could read/u,
		state: 'refused',
	},
	{
		title: 'has a hook that is none',
		module: pluginText('bad', 'hooks: {beforeBreakfast() {}}'),
		reason: /hooks\.beforeBreakfast/u,
		state: 'refused',
	},
	{
		title: 'has hooks that are a list',
		module: pluginText('bad', 'hooks: []'),
		reason: /hooks is no object/u,
		state: 'refused',
	},
	{
		title: 'has a handler that is none',
		module: pluginText('bad', 'onEvent: 5'),
		reason: /onEvent is no function/u,
		state: 'refused',
	},
	{
		title: 'has settings without defaults',
		module: pluginText('bad', 'settings: {}'),
		reason: /settings has no defaults/u,
		state: 'refused',
	},
	{
		title: 'has commands that cannot be run',
		module: pluginText('bad', 'commands: {go: {}}'),
		reason: /the command go cannot be run/u,
		state: 'refused',
	},
	{
		title: 'has screens of no type',
		module: pluginText('bad', `screens: [{type: 'hologram', name: 'x', content() {}}]`),
		reason: /a screen has no known type/u,
		state: 'refused',
	},
	{
		title: 'has two screens of one name',
		module: pluginText(
			'bad',
			`screens: [{type: 'tab', name: 'x', content() {}}, {type: 'tab', name: 'x', content() {}}]`,
		),
		reason: /a screen has no known type, no name of its own/u,
		state: 'refused',
	},
	{
		title: 'starts a loop before it is loaded',
		module: `setTimeout(() => { for (;;); }, 0); await new Promise(done => setTimeout(done, 300)); export default 1`,
		reason: /It was not loaded within 1 second/u,
		state: 'refused',
	},
	{
		title: 'sets off a promise that nobody waits for',
		module: pluginText('bad', '', `Promise.reject(new Error('unheard'))`),
		reason: /unheard/u,
		state: 'active',
	},
];

describe('while it is loaded', () => {
	for (const {title, module, reason, state} of loading) {
		test(`one that ${title}`, async () => {
			const {host, failures, stateOf, reasonOf} = makeHost(
				program,
				{first: good.replace('there', 'first'), good, bad: module, last: good.replace('there', 'last')},
				{limits: {loadMilliseconds: 1000}},
			);
			await host.start();
			await waitFor('the culprit to be named', () => failures.length > 0);
			expect(failures).toHaveLength(1);
			expect(failures[0]).toMatch(reason);
			expect(reasonOf('bad')).toMatch(reason);
			expect(stateOf('bad')).toBe(state);
			for (const [id, answer] of [
				['first', 'first'],
				['good', 'there'],
				['last', 'last'],
			] as const) {
				expect(await host.call(id, 'get', null)).toBe(answer);
			}
		});
	}
});

type Deed = {
	readonly title: string;
	/** Of the function that is called; it may await. */
	readonly body: string;
	/** Before the plugin, for imports. */
	readonly before?: string;
	/** What it is put down to; missing for what simply fails or has no effect. */
	readonly reason?: RegExp;
	/** What it answers, where it does. */
	readonly answer?: unknown;
};

const deeds: readonly Deed[] = [
	// The thread is not given back.
	{
		title: 'loops in a timer after its call',
		body: `setTimeout(() => { for (;;); }, 10); return 1`,
		reason: /busy/u,
		answer: 1,
	},
	{
		title: 'loops in what follows a promise',
		body: `Promise.resolve().then(() => { for (;;); }); return 1`,
		reason: /busy/u,
	},
	{
		title: 'loops after it has waited',
		body: `await new Promise(done => setTimeout(done, 10)); for (;;);`,
		reason: /busy/u,
	},
	{
		title: 'makes promises without end',
		body: `const next = () => Promise.resolve().then(next); return next()`,
		reason: /busy/u,
	},
	{
		title: 'makes ticks without end',
		body: `const next = () => process.nextTick(next); next(); return 1`,
		reason: /busy/u,
	},
	{title: 'loops while its answer is made text', body: `return {toJSON() { for (;;); }}`, reason: /busy/u},
	{
		title: 'loops in an event listener',
		body: `const {EventEmitter} = await import('node:events'); const e = new EventEmitter(); e.on('x', () => { for (;;); }); setTimeout(() => e.emit('x'), 5); return 1`,
		reason: /busy/u,
		answer: 1,
	},
	{title: 'takes for ever to match', body: `return /^(a+)+$/.test('a'.repeat(60) + 'b')`, reason: /busy/u},
	{title: 'sleeps', body: `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`, reason: /busy/u},
	{
		title: 'waits for a program',
		body: `return execSync('sleep 30').toString()`,
		before: `import {execSync} from 'node:child_process';`,
		reason: /busy|ETIMEDOUT/u,
	},
	{
		title: 'waits for the system',
		body: `execFileSync('mkfifo', [context.stateFolder() + '/pipe']); readFileSync(context.stateFolder() + '/pipe')`,
		before: `import {execFileSync} from 'node:child_process'; import {readFileSync} from 'node:fs';`,
		reason: /busy/u,
	},
	// It does not survive.
	{title: 'exits', body: 'process.exit(3)', reason: /It ended the plugin thread with code 3/u},
	{
		title: 'exits later',
		body: 'setTimeout(() => process.exit(0), 10); return 1',
		reason: /It ended the plugin thread with code 0/u,
		answer: 1,
	},
	{
		title: 'exits, and does not want to',
		body: `process.on('exit', () => { for (;;); }); process.exit(0)`,
		reason: /busy/u,
	},
	{title: 'exits past everything', body: 'process.reallyExit(4)', reason: /It ended the plugin thread with code 4/u},
	{
		title: 'throws later',
		body: `setTimeout(() => { throw new Error('later'); }, 5); return 1`,
		reason: /later/u,
		answer: 1,
	},
	{
		title: 'throws later, in its own name',
		body: `process.removeAllListeners('uncaughtException'); process.removeAllListeners('unhandledRejection'); process.setUncaughtExceptionCaptureCallback(null); setTimeout(() => { throw new Error('mine'); }, 5); return 1`,
		reason: /mine/u,
		answer: 1,
	},
	{
		title: 'rejects, in its own name',
		body: `process.removeAllListeners('unhandledRejection'); setTimeout(() => Promise.reject(new Error('unheard')), 5); return 1`,
		reason: /unheard/u,
		answer: 1,
	},
	{
		title: 'calls itself without end',
		body: 'const deeper = () => deeper() + 1; return deeper()',
		reason: /call stack/u,
	},
	// It takes what there is.
	{title: 'hoards objects', body: 'const all = []; for (let i = 0; ; i++) all.push({i})', reason: /memory|busy/u},
	{title: 'hoards numbers', body: 'const all = []; for (let i = 0; ; i++) all.push(i)', reason: /memory|busy/u},
	{
		title: 'hoards in a map',
		body: 'const all = new Map(); for (let i = 0; ; i++) all.set(i, i)',
		reason: /memory|busy/u,
	},
	{
		title: 'hoards large lists',
		body: 'const all = []; for (;;) all.push(new Array(3e7).fill(1.5))',
		reason: /memory|busy/u,
	},
	{title: 'hoards buffers', body: 'const all = []; for (;;) all.push(Buffer.alloc(1e7, 1))', reason: /memory|busy/u},
	{
		title: 'hoards buffers at its leisure',
		body: 'const all = []; for (;;) { all.push(Buffer.alloc(1e7, 1)); await new Promise(done => setTimeout(done, 5)); }',
		reason: /memory/u,
	},
	{
		title: 'hoards lists at its leisure',
		body: `globalThis.hoard = []; for (;;) { hoard.push(Array.from({length: 2e5}, (_, i) => i / 3)); await new Promise(done => setTimeout(done, 5)); }`,
		reason: /memory/u,
	},
	// What is not for a plugin to do.
	{title: 'aborts', body: 'process.abort()', reason: /process\.abort\(\) is not supported in workers/u},
	{title: 'kills printkeep', body: `process.kill(process.pid, 'SIGKILL')`, reason: /cannot end printkeep/u},
	{title: 'kills everybody like printkeep', body: `process.kill(0, 'SIGKILL')`, reason: /cannot end printkeep/u},
	{title: 'goes elsewhere', body: `process.chdir('/')`, reason: /process\.chdir\(\) is not supported in workers/u},
	{title: 'opens the door', body: 'process.umask(0)', reason: /process\.umask\(\) is not supported in workers/u},
	{title: 'becomes another', body: 'process.setuid(12345)', reason: /process\.setuid\(\) is not supported in workers/u},
	{
		title: 'closes the terminal',
		body: `closeSync(1)`,
		before: `import {closeSync} from 'node:fs';`,
		reason: /not a plugin’s to close/u,
	},
	{title: 'changes the environment', body: `process.env.PATH = '/nowhere'; return 1`, answer: 1},
	// It changes what the language is made of.
	{
		title: 'replaces JSON',
		body: `globalThis.JSON = {stringify: () => '"fooled"', parse: () => 'fooled'}; return 1`,
		reason: /read only property 'JSON'/u,
	},
	{
		title: 'changes JSON',
		body: `JSON.stringify = () => '"fooled"'; return 1`,
		reason: /read only property 'stringify'/u,
	},
	{
		title: 'defines JSON anew',
		body: `Object.defineProperty(JSON, 'stringify', {value: () => '"fooled"'}); return 1`,
		reason: /Cannot redefine property/u,
	},
	{title: 'replaces Promise', body: `globalThis.Promise = class {}; return 1`, reason: /read only property 'Promise'/u},
	{
		title: 'changes promises',
		body: `Promise.prototype.then = () => {}; return 1`,
		reason: /read only property 'then'/u,
	},
	{title: 'changes lists', body: `Array.prototype.map = () => []; return 1`, reason: /read only property 'map'/u},
	{title: 'changes maps', body: `Map.prototype.get = () => undefined; return 1`, reason: /read only property 'get'/u},
	{
		title: 'adds to lists, as polyfills do',
		body: `Array.prototype.second = function () { return this[1]; }; return [1, 2].second()`,
		answer: 2,
	},
	// It answers with what is no answer.
	{
		title: 'answers with a function',
		body: 'return () => 1',
		reason: /It answered with a function, which is no plain data/u,
	},
	{title: 'answers with a symbol', body: `return Symbol('x')`, reason: /It answered with a symbol/u},
	{title: 'answers with a number without end', body: 'return 10n ** 100n', reason: /BigInt/u},
	{title: 'answers with itself', body: 'const it = {}; it.it = it; return it', reason: /circular/u},
	{
		title: 'answers with a book',
		body: `return 'x'.repeat(1_100_000)`,
		reason: /It answered with 1100002 characters, and 1000000 are the most/u,
	},
	{
		title: 'answers with an abyss',
		body: `let it = []; for (let i = 0; i < 1000; i++) it = [it]; return it`,
		reason: /more than 100 levels deep/u,
	},
	{
		title: 'answers with brackets in texts, which are no abyss',
		body: `return ['['.repeat(500) + '\\\\"']`,
		answer: [`${'['.repeat(500)}\\"`],
	},
	{
		title: 'throws while its answer is made text',
		body: `return {toJSON() { throw new Error('not me') }}`,
		reason: /not me/u,
	},
	{
		title: 'throws something with escape codes',
		body: `throw '\\u001b[31mEVIL\\u0007\\n'`,
		reason: /^\\x1b\[31mEVIL\\x07\\x0a$/u,
	},
	{
		title: 'throws an error whose words throw',
		body: `const error = new Error('x'); Object.defineProperty(error, 'message', {get() { throw 1 }}); throw error`,
		reason: /cannot be put into words/u,
	},
	// It says too much.
	{
		title: 'floods the log',
		body: `for (let i = 0; i < 5000; i++) context.log('info', 'line ' + i); return 1`,
		reason: /said more than anybody could read/u,
		answer: 1,
	},
	{
		title: 'floods the log without end',
		body: `for (;;) context.log('info', 'x')`,
		reason: /said more than anybody could read/u,
	},
	{title: 'prints without end', body: `for (;;) console.log('x')`, reason: /said more than anybody could read/u},
	{
		title: 'rejects without end',
		body: `setInterval(() => { for (let i = 0; i < 1000; i++) Promise.reject(new Error('no ' + i)); }, 1); return 1`,
		reason: /no \d|said more/u,
		answer: 1,
	},
	{
		title: 'posts to whoever listens',
		body: `const {parentPort} = await import('node:worker_threads'); parentPort.postMessage(null); parentPort.postMessage({type: 'reply', id: 1, ok: true, json: 'no'}); return 1`,
		answer: 1,
	},
	// It has others do it.
	{
		title: 'starts a thread that loops',
		body: `new Worker('for (;;);', {eval: true}); return 1`,
		before: `import {Worker} from 'node:worker_threads';`,
		answer: 1,
	},
];

/** Lets go who waits for somebody to write to a pipe: the thread of such a plugin is left behind, and would be for ever. */
const release = (path: string): void => {
	try {
		closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
	} catch {
		// Nobody waits.
	}
};

describe('when it is asked', () => {
	for (const {title, body, before = '', reason, answer} of deeds) {
		test(`one that ${title}`, async () => {
			const {host, failures, stateOf, logs, folder} = makeHost(
				program,
				{good, bad: pluginText('bad', `get: async context => { ${body} }`, before), last: good},
				// What takes its time shall not end by that.
				{limits: {calls: {...usualLimits.calls, get: 20_000}}},
			);
			await host.start();
			const asked = await host.call('bad', 'get', null).catch((error: Error) => error);
			if (answer === undefined) {
				expect(asked).toBeInstanceOf(Error);
				expect((asked as Error).message).toMatch(/^The plugin bad failed: /u);
			} else if (!(asked instanceof Error)) {
				expect(asked).toEqual(answer);
			}

			if (reason) {
				await waitFor('the culprit to be named', () => failures.length > 0, {describe: () => logs.join('\n')});
				expect(failures[0]?.replace(/^bad: /u, '')).toMatch(reason);
				expect(failures.every(failure => failure.startsWith('bad: '))).toBe(true);
			}

			expect(await host.call('good', 'get', null)).toBe('there');
			expect(await host.call('last', 'get', null)).toBe('there');
			expect([stateOf('good'), stateOf('last')]).toEqual(['active', 'active']);
			if (!reason) {
				expect(failures).toEqual([]);
			}

			const begun = performance.now();
			await host.close();
			expect(performance.now() - begun).toBeLessThan(3000);
			release(join(folder, 'state/bad/pipe'));
		});
	}
});

describe('what is printed', () => {
	const ways: Readonly<Record<string, string>> = {
		'console.log': `console.log('\\u001b[31mEVIL')`,
		'console.error': `console.error('\\u001b[31mEVIL')`,
		'process.stdout': `process.stdout.write('\\u001b[31mEVIL\\n')`,
		'a descriptor': `fs.writeSync(1, '\\u001b[31mEVIL\\n')`,
		'a descriptor of errors': `fs.writeSync(2, Buffer.from('\\u001b[31mEVIL\\n'))`,
		'a descriptor, later': `await new Promise(done => fs.write(1, '\\u001b[31mEVIL\\n', done))`,
		pieces: `fs.writevSync(1, [Buffer.from('\\u001b[31m'), Buffer.from('EVIL\\n')])`,
		'a whole file': `fs.writeFileSync(1, '\\u001b[31mEVIL')`,
		'an appendix': `fs.appendFileSync(2, '\\u001b[31mEVIL')`,
		'a stream': `await new Promise(done => fs.createWriteStream('', {fd: 1, autoClose: false}).write('\\u001b[31mEVIL\\n', done))`,
		'the log': `context.log('info', '\\u001b[31mEVIL')`,
		'a program that has the terminal': `child.spawnSync('printf', ['EVIL'], {stdio: 'inherit'}); console.log('\\u001b[31mEVIL')`,
	};
	for (const [title, body] of Object.entries(ways)) {
		test(`by ${title} comes into the log, with the plugin’s name and without effect`, async () => {
			const {host, logs, failures} = makeHost(program, {
				good,
				bad: pluginText(
					'bad',
					`get: async context => { ${body}; return 1 }`,
					`import * as fs from 'node:fs'; import * as child from 'node:child_process';`,
				),
			});
			expect(await host.call('bad', 'get', null)).toBe(1);
			expect(logs).toHaveLength(1);
			expect(logs[0]).toMatch(/^(?:info|warning) bad: \\x1b\[31mEVIL$/u);
			expect(failures).toEqual([]);
		});
	}
});

const runs = (pid: number): boolean =>
	spawnSync('ps', ['-o', 'stat=', '-p', String(pid)])
		.stdout.toString()
		.trim()
		.replace(/^Z.*/u, '') !== '';

describe('programs of plugins', () => {
	test('end with their thread, with all they have started', async () => {
		const {host} = makeHost(program, {
			starts: pluginText(
				'starts',
				`get: () => new Promise(done => {
				const one = spawn('sh', ['-c', 'sleep 300 & echo $!; sleep 300'], {stdio: ['ignore', 'pipe', 'inherit']});
				one.stdout.on('data', text => done([one.pid, Number(text)]));
			})`,
				`import {spawn} from 'node:child_process';`,
			),
		});
		const pids = (await host.call('starts', 'get', null)) as readonly number[];
		expect(pids.map(runs)).toEqual([true, true]);
		await host.close();
		await waitFor('both to end', () => pids.every(pid => !runs(pid)));
	});

	test('that were asked to outlive it do', async () => {
		const {host} = makeHost(program, {
			starts: pluginText(
				'starts',
				`get() { const one = spawn('sleep', ['300'], {detached: true, stdio: 'ignore'}); one.unref(); return one.pid; }`,
				`import {spawn} from 'node:child_process';`,
			),
		});
		const pid = (await host.call('starts', 'get', null)) as number;
		await host.close();
		expect(runs(pid)).toBe(true);
		process.kill(pid, 'SIGKILL');
	});

	test('work as usual otherwise: output, errors, exit codes, and what promisify makes of them', async () => {
		const {host} = makeHost(program, {
			runs: pluginText(
				'runs',
				`get: async () => [
				execFileSync('printf', ['%s', 'one']).toString(),
				execSync('cat', {input: 'two'}).toString(),
				spawnSync('sh', ['-c', 'exit 3']).status,
				(await promisify(execFile)('printf', ['four'])).stdout,
				(await promisify(exec)('echo five')).stdout,
				await promisify(exec)('exit 6').catch(error => error.code),
			]`,
				`import {exec, execFile, execFileSync, execSync, spawnSync} from 'node:child_process'; import {promisify} from 'node:util';`,
			),
		});
		expect(await host.call('runs', 'get', null)).toEqual(['one', 'two', 3, 'four', 'five\n', 6]);
	});
});

test('several that are bad in one go are each named, and the good one is left', async () => {
	const {host, failures, stateOf} = makeHost(program, {
		exits: pluginText('exits', `onEvent() { process.exit(1) }`),
		good,
		loops: pluginText('loops', `onEvent() { for (;;); }`),
		throws: pluginText('throws', `onEvent() { throw new Error('x') }`),
		hangs: pluginText('hangs', `onEvent: ${never}`),
	});
	await host.start();
	const event = {name: 'x', payload: {}};
	await Promise.all(
		['exits', 'loops', 'throws', 'hangs'].map(async id => host.call(id, 'onEvent', event).catch(() => undefined)),
	);
	await waitFor('all to be named', () =>
		['exits', 'loops', 'throws'].every(id => failures.some(text => text.startsWith(`${id}: `))),
	);
	expect(await host.call('good', 'get', null)).toBe('there');
	expect([stateOf('exits'), stateOf('loops'), stateOf('good')]).toEqual(['failed', 'failed', 'active']);
	expect(failures.some(text => text.startsWith('good: '))).toBe(false);
});

// Kept last: it looks at what all the above has left.
test('no program of all of these runs on', () => {
	const left = spawnSync('ps', ['-o', 'stat=,args=', '--ppid', String(process.pid)])
		.stdout.toString()
		.split('\n');
	expect(left.filter(line => line.includes('sleep') && !line.startsWith('Z'))).toEqual([]);
});
