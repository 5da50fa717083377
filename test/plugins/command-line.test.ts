/**
 * Bad plugins in the program as people run it: the backup ends in time and is whole, the culprit is named, the terminal gets nothing of it, and no program
 * is left. The full list of what plugins can do wrong is in hostile.test.ts.
 */
import {spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {makeInstance} from '../helpers/make-instance.js';
import {pluginText} from '../helpers/plugin-host.js';
import {openPty} from '../helpers/pty.js';
import {cliPath, isolatedEnvironment, type Output, runPrintkeep, runProgram} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {waitFor} from '../helpers/wait-for.js';

type Place = {
	readonly folder: string;
	readonly home: string;
	readonly target: readonly string[];
	readonly store: string;
	readonly run: (...args: readonly string[]) => Promise<Output>;
	readonly log: () => string;
	readonly notes: () => string;
};

const good = `hooks: {
	beforeBackup() { note('before'); },
	afterBackup({error}) { note(error ? 'after ' + error.code : 'after'); },
}`;

/** A home whose settings name these plugins, in this order, and a good one last. */
const withPlugins = (plugins: Readonly<Record<string, string>>): Place => {
	const folder = temporaryDirectory();
	const home = join(folder, 'home');
	const settings = join(home, '.config/printkeep');
	mkdirSync(settings, {recursive: true, mode: 0o700});
	const {dataFolder} = makeInstance(folder);
	const store = join(folder, 'store');
	const notes = join(folder, 'notes');
	const prelude = `import * as fs from 'node:fs'; import * as child from 'node:child_process';
const note = text => fs.appendFileSync(${JSON.stringify(notes)}, text + '\\n');`;
	const entries = Object.entries({...plugins, good}).map(([id, properties]) => {
		const path = join(folder, `${id}.mjs`);
		writeFileSync(path, properties.includes('export ') ? properties : pluginText(id, properties, prelude));
		chmodSync(path, 0o600);
		return {source: path, enabled: true};
	});
	writeFileSync(join(settings, 'settings.json'), JSON.stringify({plugins: entries}), {mode: 0o600});
	const read = (path: string): string => {
		try {
			return readFileSync(path, 'utf8');
		} catch {
			return '';
		}
	};
	return {
		folder,
		home,
		store,
		target: ['--basedir', dataFolder, '--store', store],
		run: async (...args) => runPrintkeep(args, {home, timeoutMilliseconds: 60_000}),
		log: () => read(join(settings, 'printkeep.log')),
		notes: () => read(notes),
	};
};

type Row = {
	readonly title: string;
	readonly bad: string;
	/** In the log or in what the command says. */
	readonly reason: RegExp;
	/** How the list has it afterwards, in a new process. */
	readonly listed?: RegExp;
};

const rows: readonly Row[] = [
	{
		title: 'loops in a hook',
		bad: 'hooks: {beforeBackup() { for (;;); }}',
		reason: /bad failed: It kept the plugin thread busy/u,
	},
	{
		title: 'never answers',
		bad: 'timeLimits: {beforeBackup: 0.3}, hooks: {beforeBackup: () => new Promise(() => {})}',
		reason: /bad failed: beforeBackup did not answer within 0\.3 seconds/u,
	},
	{
		title: 'throws after the backup, with escape codes',
		bad: `hooks: {afterBackup() { throw new Error('\\u001b[31mEVIL'); }}`,
		reason: /bad failed: \\x1b\[31mEVIL/u,
	},
	{
		title: 'exits',
		bad: 'hooks: {afterBackup() { process.exit(9); }}',
		reason: /bad failed: It ended the plugin thread with code 9/u,
	},
	{
		title: 'aborts and kills',
		bad: `hooks: {beforeBackup() { try { process.kill(process.pid, 'SIGKILL'); } catch {} process.abort(); }}`,
		reason: /bad failed: process\.abort\(\) is not supported/u,
	},
	{
		title: 'eats memory',
		bad: 'hooks: {beforeBackup() { const all = []; for (let i = 0; ; i++) all.push(i); }}',
		reason: /bad failed: (?:It took more than 128 MB of memory|It kept the plugin thread busy)/u,
	},
	{
		title: 'waits for a network disk that is gone',
		bad: `timeLimits: {beforeBackup: 0.5}, hooks: {beforeBackup() { child.execFileSync('mkfifo', [process.env.HOME + '/pipe']); return new Promise(() => fs.readFile(process.env.HOME + '/pipe', () => {})); }}`,
		reason: /bad failed: beforeBackup did not answer within 0\.5 seconds/u,
	},
	{
		title: 'loops while it is loaded',
		bad: 'export default 1; for (;;);',
		reason: /It was not loaded within 15 seconds/u,
		listed: /refused/u,
	},
	{title: 'is no plugin', bad: 'export default 1;', reason: /exports no plugin/u, listed: /refused/u},
	{
		title: 'answers wrongly',
		bad: 'hooks: {additionalExcludes: () => 5}, environment: () => 5',
		reason: /bad failed: additionalExcludes did not answer with a list of paths/u,
	},
	{
		title: 'leaves a program running',
		bad: `hooks: {beforeBackup() { child.spawn('sleep', ['4711'], {stdio: 'inherit'}); throw new Error('started'); }}`,
		reason: /bad failed: started/u,
	},
];

/** Programs of these tests that still run. */
const sleepers = (): string => spawnSync('pgrep', ['-fx', 'sleep 4711']).stdout.toString();

describe('a backup beside a plugin that', () => {
	for (const {title, bad, reason, listed = /active/u} of rows) {
		test(title, async () => {
			const {run, target, store, log, notes} = withPlugins({bad});
			const begun = performance.now();
			const {code, stdout, stderr} = await run('backup', ...target);
			expect(code).toBe(0);
			expect(performance.now() - begun).toBeLessThan(55_000);
			expect(`${stdout}${stderr}${log()}`).toMatch(reason);
			expect(stdout + stderr + log()).not.toContain('\u001B');
			expect(notes()).toBe('before\nafter\n');
			const [name = ''] = readdirSync(store).filter(file => file.endsWith('.zip'));
			expect(await runProgram('unzip', ['-tqq', join(store, name)], {env: process.env})).toMatchObject({code: 0});
			expect((await run('verify', '--all', ...target)).code).toBe(0);
			expect(sleepers()).toBe('');
			if (title !== 'loops while it is loaded') {
				const list = await run('plugins');
				expect(list.stdout.split('\n').find(line => /^(?:bad|\S*bad\.mjs)\s/u.test(line))).toMatch(listed);
			}
		});
	}
});

test('what plugins print never comes onto the terminal', async () => {
	const print = `console.log('\\u001b[31mEVIL'); console.error('EVIL'); process.stdout.write('EVIL\\n'); fs.writeSync(1, 'EVIL\\n'); fs.writeSync(2, 'EVIL\\n');
		child.spawnSync('sh', ['-c', 'echo EVIL; echo EVIL >&2'], {stdio: 'inherit'}); child.execSync('echo EVIL >&2');`;
	const {run, target, log} = withPlugins({prints: `hooks: {beforeBackup() { ${print} }}`});
	const {code, stdout, stderr} = await run('backup', ...target);
	expect(code).toBe(0);
	expect(stdout + stderr).not.toContain('EVIL');
	expect(log().match(/prints: .*EVIL/gu)).toHaveLength(6);
});

test('names and descriptions with escape codes are shown as text', async () => {
	const {run} = withPlugins({
		odd: `export default {apiVersion: 1, id: 'odd', name: '\\u001b]0;EVIL\\u0007', version: '\\u001b[2J', description: '\\u202eEVIL',
			commands: {go: {run: () => '\\u001b[31mEVIL'}}, get: () => ({'\\u001b[31m': '\\u001b[31mEVIL'}), environment: () => ({x: '\\u001b[31mEVIL'}),
			settings: {defaults: {'a\\u001b[31m': '\\u001b[31mEVIL'}}};`,
	});
	for (const args of [
		['plugins'],
		['plugins', 'check'],
		['plugin', 'odd'],
		['plugin', 'odd', 'go'],
		['plugins', 'settings', 'odd'],
		['doctor'],
	]) {
		const {stdout, stderr} = await run(...args);
		expect(stdout + stderr).not.toMatch(/[\u001B\u0007\u202E]/u);
	}
});

test('policy abort: no backup is begun, and the exit code says so', async () => {
	const {run, target, store, notes} = withPlugins({bad: `hooks: {beforeBackup() { throw new Error('not now'); }}`});
	const [, dataFolder = ''] = target;
	await run('backup', ...target);
	const before = readdirSync(store);
	const name = 'octoprint';
	const add = await run('config', 'set', 'plugin-policy', 'abort', '--basedir', dataFolder, '--instance', name);
	expect(add.code, add.stderr).toBe(0);
	const {code, stderr} = await run('backup', '--instance', name, '--store', store);
	expect(code).toBe(1);
	expect(stderr).toContain('The plugin bad failed: not now');
	expect(stderr).toContain('printkeep plugins disable bad');
	expect(readdirSync(store)).toEqual(before);
	expect(notes()).toBe('before\nafter\nafter plugin-failed\n');
});

test('Ctrl-C while a hook hangs ends the command at once, after its hook after', async () => {
	const {home, target, notes} = withPlugins({
		hangs: `hooks: {beforeBackup() { note('hangs'); return new Promise(() => {}); }}`,
	});
	const begun = performance.now();
	const {code} = await runPrintkeep(['backup', ...target], {
		home,
		onStart: ({kill}) => {
			const timer = setInterval(() => {
				if (notes().includes('hangs')) {
					clearInterval(timer);
					kill('SIGINT');
				}
			}, 25);
		},
	});
	expect(code).toBe(130);
	expect(performance.now() - begun).toBeLessThan(20_000);
	expect(notes()).toBe('hangs\nafter cancelled\n');
});

test('an event at the end of a command is heard, and a backup made because of it', async () => {
	const {run, target, store} = withPlugins({
		twice: `async onEvent(name, payload, context) {
			if (name === 'backup-created' && payload.name !== 'second.zip') {
				note('made ' + (await context.createBackup({exclude: ['uploads'], filename: 'second.zip'})).name);
			}
		}`,
	});
	expect((await run('backup', ...target)).code).toBe(0);
	expect(readdirSync(store).filter(name => name.endsWith('.zip'))).toHaveLength(2);
	expect(readdirSync(store)).toContain('second.zip');
});

test('the dashboard goes on, and can be left, while a plugin waits for the system', async () => {
	const {home, target, folder, log} = withPlugins({
		waits: `onStartup() { child.execFileSync('mkfifo', [process.env.HOME + '/pipe']); fs.readFileSync(process.env.HOME + '/pipe'); }`,
	});
	const env = isolatedEnvironment(home);
	const pty = await openPty([process.execPath, cliPath, ...target], {env, cwd: folder});
	await pty.whenScreen(screen => /Backups/u.test(screen));
	await waitFor('the plugin to be named', () => log().includes('waits failed'), {
		timeout: 30_000,
		describe: pty.screen,
	});
	await pty.type('q');
	expect(await pty.exit).toBe(0);
	pty.close();
	expect(spawnSync('pgrep', ['-f', home]).stdout.toString()).toBe('');
});
