/** The examples people start from, as they are, through the built program. */
import {chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {makeInstance} from '../helpers/make-instance.js';
import {type Output, runPrintkeep, runProgram} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

type Place = {
	readonly folder: string;
	readonly dataFolder: string;
	readonly store: string;
	readonly run: (...args: readonly string[]) => Promise<Output>;
	/** Runs what must succeed, and returns what it said. */
	readonly say: (...args: readonly string[]) => Promise<string>;
	/** Names in the newest archive, below a folder of the data folder. */
	readonly names: (below: string) => Promise<readonly string[]>;
};

/** A home with one example in it, as a stranger copies it, and enabled. */
const withExample = async (file: string): Promise<Place> => {
	const folder = temporaryDirectory();
	const home = join(folder, 'home');
	const {dataFolder} = makeInstance(folder);
	const store = join(folder, 'store');
	const path = join(folder, file.split('/').at(-1) ?? '');
	copyFileSync(join(root, 'examples', file), path);
	chmodSync(path, 0o600);
	const run: Place['run'] = async (...args) => runPrintkeep(args, {home});
	const say: Place['say'] = async (...args) => {
		const {code, stdout, stderr} = await run(...args);
		expect({code, stderr}, stdout).toEqual({code: 0, stderr: ''});
		return stdout;
	};
	await say('plugins', 'enable', path);
	return {
		folder,
		dataFolder,
		store,
		run,
		say,
		async names(below) {
			const archives = readdirSync(store).filter(name => name.endsWith('.zip'));
			const {stdout} = await runProgram('unzip', ['-Z1', join(store, archives.sort().at(-1) ?? '')], {
				env: process.env,
			});
			return stdout
				.split('\n')
				.filter(name => below === '' || name.startsWith(`basedir/${below}`))
				.sort();
		},
	};
};

const put = (path: string): void => {
	mkdirSync(join(path, '..'), {recursive: true});
	writeFileSync(path, 'x');
};

test('exclude-foo: only bar.txt is in the backup', async () => {
	const {dataFolder, store, say, names} = await withExample('exclude-foo/index.mjs');
	put(join(dataFolder, 'data/exclude-foo/foo.txt'));
	put(join(dataFolder, 'data/exclude-foo/bar.txt'));
	await say('backup', '--basedir', dataFolder, '--store', store);
	expect(await names('data/exclude-foo/')).toEqual(['basedir/data/exclude-foo/bar.txt']);
	const shown = await say('show', 'latest', '--basedir', dataFolder, '--store', store);
	expect(shown).toContain('data/exclude-foo/foo.txt');
});

test('exclude-with-uploads: all of its folder stays out exactly when uploads do', async () => {
	const {dataFolder, store, say, names} = await withExample('exclude-with-uploads/index.mjs');
	put(join(dataFolder, 'data/exclude-with-uploads/a.txt'));
	put(join(dataFolder, 'data/exclude-with-uploads/sub/b.txt'));
	await say('backup', '--basedir', dataFolder, '--store', store, '--name', 'a.zip');
	expect(await names('data/exclude-with-uploads/')).toEqual([
		'basedir/data/exclude-with-uploads/a.txt',
		'basedir/data/exclude-with-uploads/sub/b.txt',
	]);
	await say('backup', '--basedir', dataFolder, '--store', store, '--exclude', 'uploads', '--name', 'b.zip');
	expect(await names('data/exclude-with-uploads')).toEqual([]);
	expect((await names('data/')).length).toBeGreaterThan(0);
});

describe('everything', () => {
	test('uses every ability there is', async () => {
		const {say} = await withExample('everything/index.ts');
		const {plugins} = JSON.parse(await say('plugins', 'check', 'spools', '--json')) as {
			readonly plugins?: readonly {readonly description: Readonly<Record<string, unknown>>}[];
		};
		expect(plugins).toMatchObject([{state: 'active'}]);
		const {hooks, abilities, screens, routes, themes, symbols, commands, hasGet, wizardVersion, adapterKind} =
			plugins?.[0]?.description ?? {};
		expect(hooks).toEqual(['additionalExcludes', 'beforeBackup', 'afterBackup', 'beforeRestore', 'afterRestore']);
		expect(abilities).toEqual([
			'events',
			'progress',
			'settings',
			'life',
			'environment',
			'onEnvironment',
			'onPendingRemoval',
			'wizard',
			'adapter',
			'agents',
			'helpers',
		]);
		expect((screens as readonly {readonly type: string}[]).map(({type}) => type).sort()).toEqual([
			'about',
			'overlay',
			'settings',
			'status',
			'tab',
			'wizard',
		]);
		expect(routes).toHaveLength(2);
		expect(themes).toHaveLength(1);
		expect(symbols).toHaveLength(1);
		expect((commands as readonly {readonly name: string}[]).map(({name}) => name)).toEqual([
			'set',
			'use',
			'keep',
			'forget',
		]);
		expect([hasGet, wizardVersion, adapterKind]).toEqual([true, 1, 'spool-shelf']);
	});

	test('its commands and settings', async () => {
		const {run, say, folder} = await withExample('everything/index.ts');
		expect(await say('plugin', 'spools', 'set', 'name=PLA', 'grams=80')).toBe('PLA: 80 g\n');
		expect(await say('plugin', 'spools', 'use', 'name=PLA', 'grams=30')).toBe('left: 50\n');
		expect(await say('plugin', 'spools')).toBe('PLA: 50\n');
		expect((await run('plugin', 'spools', 'use', 'name=None', 'grams=1')).stderr).toContain(
			'There is no spool called None.',
		);
		expect((await run('plugin', 'spools', 'set', 'name=PLA', 'grams=-1')).stderr).toContain('Grams are a number');
		expect((await run('plugin', 'spools', 'set', 'name=PLA')).code).toBe(2);

		const settings = await say('plugins', 'settings', 'spools');
		expect(settings).toContain('spools: 1');
		expect(settings).toContain('warnBelowGrams: 100');
		expect(settings).toContain('Not shown: scale.token, scale.port');
		expect(settings).not.toContain('ttyUSB');
		await say('plugins', 'settings', 'spools', 'warnBelowGrams', '20.4');
		expect((await run('plugins', 'settings', 'spools', 'scale.token', 'x')).code).toBe(2);
		const file = JSON.parse(readFileSync(join(folder, 'home/.config/printkeep/settings.json'), 'utf8'));
		expect(file.pluginSettings).toEqual({spools: {version: 2, values: {warnBelowGrams: 20, spools: {PLA: 50}}}});
	});

	test('a backup keeps its spools, and a restore brings them back', async () => {
		const {say, run, names, dataFolder, store} = await withExample('everything/index.ts');
		const target = ['--basedir', dataFolder, '--store', store];
		put(join(dataFolder, 'data/spools/pictures/pla.jpg'));
		await say('plugin', 'spools', 'set', 'name=PLA', 'grams=80');
		await say('backup', ...target);
		expect(await names('data/spools/')).toEqual(['basedir/data/spools/spools.json']);
		await say('plugin', 'spools', 'set', 'name=PLA', 'grams=0');
		await say('restore', 'latest', '--yes', '--even-if-printing', ...target);
		expect(await say('plugin', 'spools')).toBe('PLA: 80\n');
		expect((await run('doctor', ...target)).stdout).toContain('spools: 1');
	});

	test('it makes backups and deletes them, silently when there is none', async () => {
		const {say, run, dataFolder, store} = await withExample('everything/index.ts');
		const target = ['--basedir', dataFolder, '--store', store];
		expect(await run('plugin', 'spools', 'keep', 'name=mine.zip', ...target)).toMatchObject({
			code: 0,
			stdout: 'name: mine.zip\n',
		});
		expect(readdirSync(store)).toContain('mine.zip');
		await say('plugin', 'spools', 'forget', 'name=mine.zip', ...target);
		expect(readdirSync(store)).not.toContain('mine.zip');
		await say('plugin', 'spools', 'forget', 'name=mine.zip', ...target);
	});

	test('it says good-bye when it is removed', async () => {
		const {say, folder} = await withExample('everything/index.ts');
		await say('plugin', 'spools');
		const state = join(folder, 'home/.config/printkeep/plugins/spools');
		expect(existsSync(join(state, 'last-run.json'))).toBe(true);
		await say('plugins', 'remove', 'spools');
		expect(await say('plugins', 'list')).not.toContain('Spools');
	});

	test('its shelf is a place for copies, which come back from there', async () => {
		const {say, dataFolder, store, folder} = await withExample('everything/index.ts');
		const target = ['--basedir', dataFolder, '--store', store];
		mkdirSync(join(folder, 'shelf'));
		await say('plugins', 'settings', 'spools', 'shelf', join(folder, 'shelf'));
		await say('backup', '--name', 'one.zip', ...target);
		expect(await say('send', 'one.zip', ...target)).toContain('Sent one.zip to spools.shelf');
		expect(readFileSync(join(folder, 'shelf/one.zip'))).toEqual(readFileSync(join(store, 'one.zip')));
		expect(await say('agents', 'spools.shelf')).toContain('one.zip');
		await say('delete', 'one.zip', '--yes', ...target);
		await say('fetch', 'spools.shelf', 'one.zip', ...target);
		expect(readFileSync(join(folder, 'shelf/one.zip'))).toEqual(readFileSync(join(store, 'one.zip')));
		await say('agents', 'delete', 'spools.shelf', 'one.zip', '--yes');
		expect(readdirSync(join(folder, 'shelf'))).toEqual([]);
	});

	test('its kind of server is backed up: with labels, without pictures, at rest meanwhile', async () => {
		const {say, folder, names, store} = await withExample('everything/index.ts');
		const rack = join(folder, 'rack');
		for (const name of ['labels/a.txt', 'pictures/b.jpg']) {
			put(join(rack, name));
		}

		writeFileSync(join(rack, 'shelf.json'), '{}');
		await say('plugins', 'settings', 'spools', 'shelf', rack);
		await say('backup', '--basedir', rack, '--store', store);
		const all = await names('');
		expect(
			all.filter(name => /labels|pictures|shelf/u.test(name)).map(name => name.split('/').slice(-2).join('/')),
		).toEqual(['labels/a.txt', expect.stringMatching(/shelf\.json$/u)]);
		// Whoever was told to keep its hands off was told that it may go on.
		expect(existsSync(join(rack, '.hands-off'))).toBe(false);
	});

	test('its shelf takes copies, gives them back, and knows what it does not have', async () => {
		const folder = temporaryDirectory();
		const script = `
			import {readFileSync} from 'node:fs';
			import plugin from './examples/everything/index.ts';
			const context = {settings: {get: () => ${JSON.stringify(join(folder, 'shelf'))}}};
			const [agent] = await plugin.agents.agents(context);
			let last = 0;
			const openStream = async function* () { yield Buffer.from('one'); yield Buffer.from('two'); };
			await agent.upload({backup: {id: 'a.zip'}, openStream, onProgress: bytes => { last = bytes; }}, context);
			const listed = await agent.list(context);
			let text = '';
			for await (const piece of await agent.download('a.zip', context)) text += piece;
			await agent.delete('a.zip', context);
			const gone = await Promise.resolve().then(() => agent.get('a.zip', context)).catch(error => error.code);
			const release = await plugin.adapter.quiesce(${JSON.stringify(folder)}, context);
			const parts = plugin.adapter.parts(${JSON.stringify(folder)}, context).map(part => part.name);
			await release();
			console.log(JSON.stringify({last, listed: listed.map(({id, bytes}) => [id, bytes]), text, gone, parts}));`;
		const {stdout, stderr} = await runProgram(process.execPath, ['--input-type=module', '-e', script], {
			cwd: root,
			env: process.env,
		});
		expect(stderr.replace(/.*ExperimentalWarning.*\n.*\n?/u, '')).toBe('');
		expect(JSON.parse(stdout)).toEqual({
			last: 6,
			listed: [['a.zip', 6]],
			text: 'onetwo',
			gone: 'not-found',
			parts: ['labels', 'pictures'],
		});
	});
});
