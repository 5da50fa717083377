import {chmodSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {makeInstance} from '../helpers/make-instance.js';
import {type Output, runPrintkeep} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

/** The commands about plugins, through the built program. */

type Place = {
	readonly folder: string;
	readonly run: (...args: readonly string[]) => Promise<Output>;
	/** Writes a plugin's module and returns its path. */
	readonly write: (name: string, definition: string) => string;
	readonly settings: () => {
		readonly plugins?: readonly {readonly source: string; readonly enabled: boolean}[];
		readonly pluginSettings?: Readonly<Record<string, unknown>>;
	};
};

const makePlace = (): Place => {
	const folder = temporaryDirectory();
	const home = join(folder, 'home');
	return {
		folder,
		run: async (...args) => runPrintkeep(args, {home}),
		write(name, definition) {
			const path = join(folder, name);
			writeFileSync(
				path,
				`import {definePlugin} from 'printkeep/plugin';\nexport default definePlugin({apiVersion: 1, ${definition}});\n`,
				{mode: 0o644},
			);
			chmodSync(path, 0o644);
			return path;
		},
		settings: () => JSON.parse(readFileSync(join(home, '.config/printkeep/settings.json'), 'utf8')),
	};
};

const greeter = `id: 'greeter', name: 'Greeter', version: '1.2.0',
	settings: {defaults: {greeting: 'Hello', loud: {very: false}, token: ''}, version: 1, restricted: {never: [['token']]}},
	get: () => ({state: 'fine'}),
	commands: {
		greet: {required: ['name'], run: ({name}, context) => context.settings.get(['greeting']) + ' ' + name},
		nothing: {run() {}},
	},
	onPendingRemoval(context) { context.log('info', 'gone soon'); }`;

describe('printkeep plugins', () => {
	test('enable, list, check, disable, remove: by path and by id', async () => {
		const {write, run, settings} = makePlace();
		const path = write('greeter.mjs', greeter);
		const enabled = await run('plugins', 'enable', path);
		expect(enabled).toMatchObject({code: 0, stderr: ''});
		expect(enabled.stdout).toContain(
			'Enabled greeter. It can do: settings, onPendingRemoval, command greet, command nothing',
		);
		expect(settings().plugins).toEqual([{source: path, enabled: true, id: 'greeter'}]);

		const listed = await run('plugins');
		expect(listed.code).toBe(0);
		expect(listed.stdout).toMatch(/greeter\s+active\s+1\.2\.0\s+Greeter/u);

		expect(await run('plugins', 'disable', 'greeter')).toMatchObject({code: 0, stdout: 'Disabled greeter.\n'});
		expect(settings().plugins).toEqual([{source: path, enabled: false, id: 'greeter'}]);
		expect((await run('plugins', 'list')).stdout).toMatch(/^greeter\s+disabled/mu);

		expect((await run('plugins', 'enable', 'greeter')).stdout).toContain('Enabled greeter');
		expect(await run('plugins', 'check')).toMatchObject({code: 0});

		await run('plugins', 'settings', 'greeter', 'greeting', 'Moin');
		expect(settings().pluginSettings).toEqual({greeter: {version: 1, values: {greeting: 'Moin'}}});
		expect(await run('plugins', 'remove', 'greeter')).toMatchObject({code: 0});
		expect(settings()).toMatchObject({plugins: [], pluginSettings: {}});
	});

	test('what is switched off is not run to find out who it is, nor when it is removed', async () => {
		const {write, run, folder, settings} = makePlace();
		const trace = join(folder, 'trace');
		const path = write(
			'traced.mjs',
			`id: (await import('node:fs')).appendFileSync(${JSON.stringify(trace)}, 'ran\\n') ?? 'traced', name: 'Traced'`,
		);
		await run('plugins', 'enable', path);
		await run('plugins', 'disable', 'traced');
		const ran = readFileSync(trace, 'utf8');
		expect(await run('plugins', 'disable', 'nobody')).toMatchObject({code: 10});
		expect(await run('plugins', 'enable', 'nobody')).toMatchObject({code: 1});
		expect(await run('plugins', 'remove', 'traced')).toMatchObject({
			code: 0,
			stdout: expect.stringContaining('Removed traced.'),
		});
		expect(readFileSync(trace, 'utf8')).toBe(ran);
		expect(settings().plugins).toEqual([]);
	});

	test('what a plugin stores at its end is forgotten with it', async () => {
		const {write, run, settings} = makePlace();
		await run(
			'plugins',
			'enable',
			write(
				'last.mjs',
				`id: 'last', name: 'Last', settings: {defaults: {a: 1}}, onShutdown: async ({settings}) => {settings.set(['a'], 2); await settings.save();}`,
			),
		);
		expect(settings().pluginSettings).toEqual({last: {version: null, values: {a: 2}}});
		expect(await run('plugins', 'remove', 'last')).toMatchObject({code: 0});
		expect(settings()).toMatchObject({plugins: [], pluginSettings: {}});
	});

	test('what cannot be loaded is not enabled, and the reason is said', async () => {
		const {write, run, folder} = makePlace();
		const reasonOf = async (source: string): Promise<string> => {
			const output = await run('plugins', 'enable', source);
			expect(output.code).toBe(1);
			return output.stderr;
		};

		expect(await reasonOf(join(folder, 'none.mjs'))).toContain('There is no module at this path.');
		expect(await reasonOf('printkeep-nothing')).toContain('npm install --prefix');
		expect(await reasonOf(write('throws.mjs', `id: (() => {throw new Error('no luck')})()`))).toContain('no luck');
		expect(await reasonOf(write('old.mjs', `id: 'old', name: 'Old', apiVersion: 99`))).toContain(
			'It was written for version 99 of the plugin API',
		);
		expect(await reasonOf(write('bad-id.mjs', `id: 'Bad Id', name: 'Bad'`))).toContain('Its id is missing');
		const open = write('open.mjs', `id: 'open', name: 'Open'`);
		chmodSync(open, 0o666);
		expect(await reasonOf(open)).toContain(`can be written by everybody. Put that right with: chmod go-w ${open}`);
		writeFileSync(join(folder, 'part.mjs'), 'export default 1;', {mode: 0o666});
		chmodSync(join(folder, 'part.mjs'), 0o666);
		const path = join(folder, 'imports.mjs');
		writeFileSync(path, `import './part.mjs';\nexport default {};\n`, {mode: 0o644});
		expect(await reasonOf(path)).toContain('part.mjs can be written by everybody');
	});

	test('slips are told with their place, misspelt abilities by name', async () => {
		const {write, run, folder} = makePlace();
		const check = async (name: string, text: string): Promise<string> => {
			const path = join(folder, name);
			writeFileSync(path, text, {mode: 0o644});
			chmodSync(path, 0o644);
			return (await run('plugins', 'check', path)).stdout;
		};
		expect(await check('broken.mjs', 'this is broken')).toContain(
			`Where, is told by: node --check ${join(folder, 'broken.mjs')}`,
		);
		expect(await check('broken.ts', '\nenum A {X}\n')).toMatch(/enum is not supported.* \(line 2\)/u);
		const slip = `id: 'slip', name: 'Slip', hook: {}, command: 1, commands: {
			go: {run() {
				return undefined.there;
			}},
			no: {run() { throw new Error('On purpose.'); }},
		}`;
		const enabled = await run('plugins', 'enable', write('slip.mjs', slip));
		expect(enabled.stdout).toContain('printkeep knows nothing called hook, command: is it misspelt?');
		expect((await run('plugin', 'slip', 'go')).stderr).toContain("(reading 'there') (slip.mjs:4)");
		expect((await run('plugin', 'slip', 'no')).stderr).toContain('failed: On purpose.\n');
	});

	test('two plugins of one id: the second is refused', async () => {
		const {write, run} = makePlace();
		expect(await run('plugins', 'enable', write('one.mjs', greeter))).toMatchObject({code: 0});
		const second = await run('plugins', 'enable', write('two.mjs', greeter));
		expect(second.code).toBe(1);
		expect(second.stderr).toContain('There is a plugin called greeter already');
	});

	test('settings: shown without what is nobody’s to see, changed, taken back', async () => {
		const {write, run, settings} = makePlace();
		await run('plugins', 'enable', write('greeter.mjs', greeter));
		expect((await run('plugins', 'settings', 'greeter')).stdout).toBe(
			'greeting: Hello\nloud.very: false\nNot shown: token\n',
		);
		expect((await run('plugins', 'settings', 'greeter', 'token')).stderr).toContain('token is never shown');
		const group = await run('plugins', 'settings', 'greeter', 'loud', '1');
		expect(group).toMatchObject({code: 2});
		expect(group.stderr).toContain('loud is a group of settings');
		expect(await run('plugins', 'settings', 'greeter', 'loud.very', 'true')).toMatchObject({code: 0});
		expect((await run('plugins', 'settings', 'greeter', 'loud.very')).stdout).toBe('true\n');
		expect(settings().pluginSettings).toEqual({greeter: {version: 1, values: {loud: {very: true}}}});
		await run('plugins', 'settings', 'greeter', 'loud.very', '--unset');
		expect(settings().pluginSettings).toEqual({greeter: {version: 1, values: {}}});
		expect(await run('plugins', 'settings', 'greeter', 'token', 'secret')).toMatchObject({code: 2});
		expect(await run('plugins', 'settings', 'greeter', 'nothing', '1')).toMatchObject({code: 2});
		expect(await run('plugins', 'settings', 'greeter', '__proto__.x', '1')).toMatchObject({code: 2});
	});
});

describe('printkeep plugin', () => {
	test('asks, and runs commands with their parameters', async () => {
		const {write, run} = makePlace();
		await run('plugins', 'enable', write('greeter.mjs', greeter));
		expect(await run('plugin', 'greeter')).toMatchObject({code: 0, stdout: 'state: fine\n'});
		expect(await run('plugin', 'greeter', 'greet', 'name=World')).toMatchObject({code: 0, stdout: 'Hello World\n'});
		expect(await run('plugin', 'greeter', 'nothing')).toMatchObject({code: 0, stdout: ''});
		const missing = await run('plugin', 'greeter', 'greet');
		expect(missing).toMatchObject({code: 2});
		expect(missing.stderr).toContain('needs name');
		expect((await run('plugin', 'greeter', 'gret', 'name=x')).stderr).toContain('It has: greet, nothing.');
		expect(await run('plugin', 'greeter', 'greet', 'World')).toMatchObject({code: 2});
		expect(await run('plugin', 'nobody')).toMatchObject({
			code: 10,
			stderr: expect.stringContaining('No plugin called nobody is enabled.'),
		});
		await run('plugins', 'disable', 'greeter');
		expect(await run('plugin', 'greeter')).toMatchObject({
			code: 10,
			stderr: expect.stringContaining('No plugin called greeter is enabled.'),
		});
	});

	test('one that says nothing by itself: what can be asked of it is told', async () => {
		const {write, run} = makePlace();
		const quiet = `id: 'quiet', name: 'Quiet', commands: {
			count: {description: 'Counts', required: ['from'], run: ({from}) => from},
		}`;
		await run('plugins', 'enable', write('quiet.mjs', quiet));
		expect(await run('plugin', 'quiet')).toMatchObject({
			code: 0,
			stdout:
				'quiet has nothing to say by itself. Its commands:\n  printkeep plugin quiet count from=VALUE\n      Counts\n',
		});
		expect(await run('plugin', 'quiet', 'count', 'from:=1')).toMatchObject({code: 0, stdout: '1\n'});
		const notJson = await run('plugin', 'quiet', 'count', 'from:=one');
		expect(notJson).toMatchObject({code: 2});
		expect(notJson.stderr).toContain('What follows from:= is not JSON.');
	});

	test('answers with lists are shown as such, and what else there is as JSON', async () => {
		const {write, run} = makePlace();
		const lister = `id: 'lister', name: 'Lister', get: () => ({state: 'fine', none: [], words: ['a', 'b'], places: [
			{name: 'nas', problem: ''}, {name: 'usb-stick', problem: 'gone'},
		]}), commands: {deep: {run: () => ({a: {b: 1}})}}`;
		await run('plugins', 'enable', write('lister.mjs', lister));
		expect((await run('plugin', 'lister')).stdout).toBe(
			[
				'state: fine',
				'none: (none)',
				'words: a, b',
				'places:',
				'  NAME       PROBLEM',
				'  nas',
				'  usb-stick  gone',
				'',
			].join('\n'),
		);
		expect(JSON.parse((await run('plugin', 'lister', 'deep')).stdout)).toEqual({a: {b: 1}});
		const mistyped = await run('plugins', 'enable', 'notfy');
		expect(mistyped).toMatchObject({code: 1});
		expect(mistyped.stderr).toContain('Did you mean notify?');
	});

	test('--json gives the answer as it is', async () => {
		const {write, run} = makePlace();
		await run('plugins', 'enable', write('greeter.mjs', greeter));
		const {stdout} = await run('plugin', 'greeter', '--json');
		expect(JSON.parse(stdout)).toEqual({answer: {state: 'fine'}});
	});
});

test('doctor tells of plugins that do not run, and what others say of the machine', async () => {
	const {write, run, folder} = makePlace();
	const {dataFolder} = makeInstance(folder);
	await run(
		'plugins',
		'enable',
		write('facts.mjs', `id: 'facts', name: 'Facts', environment: () => ({board: 'Pi 4'})`),
	);
	const path = write('later.mjs', `id: 'later', name: 'Later'`);
	await run('plugins', 'enable', path);
	writeFileSync(path, 'export default 1;');
	const {stdout} = await run('doctor', '--basedir', dataFolder);
	expect(stdout).toContain('board: Pi 4');
	expect(stdout).toContain(`${path} does not run: Its module exports no plugin`);
});
