/** What OctoPrint's own plugins want left out of a backup: the same files as in OctoPrint's own backup of the same folder, and nothing of it touched. */
import {chmodSync, existsSync, lchownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import {digestTree} from '../helpers/digest-tree.js';
import {makeInstance} from '../helpers/make-instance.js';
import {parseJsonLines, runPrintkeep, runProgram} from '../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {waitFor} from '../helpers/wait-for.js';
import {yauzlReader} from '../helpers/zip-readers.js';
import {
	environmentWith,
	exampleOne,
	exampleTwo,
	failingPlugin,
	hangingPlugin,
	putSingleFile,
	settingsPlugin,
	wholePlugin,
} from './helpers/example-plugins.js';
import {octoPrintEnvironment, runOctoPrint} from './helpers/octoprint.js';
import {applicationKey, startOctoPrint} from './helpers/running-octoprint.js';

let environment: string;

beforeAll(async () => {
	const root = makeTemporaryDirectory();
	environment = await environmentWith(await octoPrintEnvironment(), root, [exampleOne, exampleTwo]);
	// Whoever the data belongs to has to get there.
	chmodSync(root, 0o755);
	return () => removeDirectory(root);
});

type Backup = {
	readonly names: readonly string[];
	readonly leftOut: readonly {readonly path: string; readonly plugin: string; readonly reason: string}[];
	readonly notes: readonly string[];
	readonly key: string;
};

const makePlace = async () => {
	const root = temporaryDirectory();
	const {dataFolder} = makeInstance(root);
	// A database is stored as a copy without its journals, which OctoPrint takes as they are.
	rmSync(join(dataFolder, 'data/SpoolManager'), {recursive: true});
	// The frames of a timelapse that is being recorded are in every backup of OctoPrint twice, and in none of printkeep.
	rmSync(join(dataFolder, 'timelapse/tmp'), {recursive: true});
	for (const file of [
		...['example_one/foo.txt', 'example_one/bar.txt', 'example_one/sub/foo.txt'],
		...['example_two/a.txt', 'example_two/sub/b.txt', 'single/one.txt', 'octolapse/tmp/frame.jpg', 'other/foo.txt'],
	]) {
		const path = join(dataFolder, 'data', file);
		mkdirSync(join(path, '..'), {recursive: true});
		writeFileSync(path, file);
	}

	const home = join(root, 'home');
	const python = ['config', 'set', 'python', environment, '--basedir', dataFolder];
	expect(await runPrintkeep(python, {home})).toMatchObject({code: 0});
	return {
		root,
		dataFolder,
		home,
		async backUp(...args: readonly string[]): Promise<Backup> {
			const place = ['--basedir', dataFolder, '--store', join(root, 'store')];
			const output = await runPrintkeep(['backup', '--json', ...place, ...args], {home});
			expect(output).toMatchObject({code: 0});
			const {result} = parseJsonLines(output.stdout).at(-1) as unknown as {
				readonly result: Pick<Backup, 'leftOut' | 'notes'> & {
					readonly backup: {readonly path: string; readonly key: string};
				};
			};
			return {...result, key: result.backup.key, names: await filesIn(result.backup.path)};
		},
		async octoPrint(...args: readonly string[]): Promise<readonly string[]> {
			const archive = join(root, 'octoprint.zip');
			rmSync(archive, {force: true});
			const output = await runOctoPrint(environment, {
				home,
				dataFolder,
				// Otherwise it adds to what it backs up.
				env: {PYTHONDONTWRITEBYTECODE: '1'},
				args: ['plugins', 'backup:backup', ...args, '--path', archive],
			});
			expect(existsSync(archive), output.stdout + output.stderr).toBe(true);
			return filesIn(archive);
		},
	};
};

const filesIn = async (archive: string): Promise<readonly string[]> =>
	[...(await yauzlReader.read(archive, '')).keys()]
		.filter(name => name.startsWith('basedir/') && !name.endsWith('/'))
		.sort();

describe.each([
	[[], ['data/example_one/foo.txt']],
	[['uploads'], ['data/example_one/foo.txt', 'data/example_two']],
	[
		['timelapse', 'uploads'],
		['data/example_one/foo.txt', 'data/example_two'],
	],
])('the examples of the documentation, without %j', (excludes, leftOut) => {
	test('the same files as in a backup of OctoPrint, and the data folder is as it was', async () => {
		const {dataFolder, backUp, octoPrint} = await makePlace();
		const args = excludes.flatMap(part => ['--exclude', part]);
		const before = digestTree(dataFolder);
		const backup = await backUp(...args);
		expect(digestTree(dataFolder)).toEqual(before);
		expect(backup.notes).toEqual([]);
		expect(backup.leftOut.map(({path}) => path)).toEqual(leftOut);
		const theirs = await octoPrint(...args);
		expect(backup.names).toEqual(theirs);
		expect(theirs).toContain('basedir/data/example_one/bar.txt');
		expect(theirs.includes('basedir/data/example_two/a.txt')).toBe(excludes.length === 0);
	});
});

test('a single file among the plugins, one that is switched off, and one that fails', async () => {
	const {dataFolder, home, root, backUp, octoPrint} = await makePlace();
	putSingleFile(dataFolder, {...exampleOne, name: 'single', source: exampleOne.source.replace('foo.txt', 'one.txt')});
	putSingleFile(dataFolder, {...failingPlugin, name: 'octolapse'});
	const config = join(dataFolder, 'config.yaml');
	writeFileSync(
		config,
		readFileSync(config, 'utf8').replace('plugins:\n', 'plugins:\n  _disabled:\n  - example_two\n'),
	);
	const before = digestTree(dataFolder);
	const backup = await backUp('--exclude', 'uploads');
	expect(digestTree(dataFolder)).toEqual(before);
	expect(backup.leftOut.map(({path, plugin}) => [path, plugin])).toEqual([
		['data/example_one/foo.txt', 'example_one'],
		['data/single/one.txt', 'single'],
	]);
	// OctoPrint goes on without it; what is known of it by heart is left out here.
	expect(backup.notes).toEqual(["The plugin Failing did not tell what it wants left out: KeyError: 'none'."]);
	const theirs = await octoPrint('--exclude', 'uploads');
	expect(backup.names).toEqual(theirs.filter(name => !name.startsWith('basedir/data/octolapse/tmp/')));
	expect(theirs).toContain('basedir/data/octolapse/tmp/frame.jpg');

	const shown = await runPrintkeep(['show', backup.key, '--basedir', dataFolder, '--store', join(root, 'store')], {
		home,
	});
	expect(shown.stdout).toContain('Left out by the plugin single: data/single/one.txt\n');
});

test('one that needs its settings and its data, and spoils whatever it gets hold of', async () => {
	const {dataFolder, backUp} = await makePlace();
	putSingleFile(dataFolder, wholePlugin);
	const data = join(dataFolder, 'data/whole_plugin');
	mkdirSync(data);
	writeFileSync(join(data, 'small.txt'), 'small');
	writeFileSync(join(data, 'large.cache'), Buffer.alloc(3_000_000, 1));
	writeFileSync(join(data, 'tiny.cache'), 'tiny');
	writeFileSync(join(data, 'absolute'), 'absolute');
	writeFileSync(join(dataFolder, 'uploads/big.gcode'), 'G28');
	// A plugin that knows the way to the data by heart is only stopped by kernels that can do that.
	const landlock = 'import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall(444, None, 0, 1) < 1)';
	const {code} = await runProgram(join(environment, 'bin/python'), ['-c', landlock], {env: process.env});
	const marker = code === 0 ? join(dataFolder, 'data/whole_plugin/marked') : '';
	const config = join(dataFolder, 'config.yaml');
	writeFileSync(
		config,
		readFileSync(config, 'utf8').replace('plugins:\n', `plugins:\n  whole_plugin:\n    marker: '${marker}'\n`),
	);
	const before = digestTree(dataFolder);
	const backup = await backUp();
	expect(backup.notes).toEqual([]);
	expect(backup.leftOut.filter(({plugin}) => plugin === 'whole_plugin').map(({path}) => path)).toEqual([
		'data/whole_plugin/large.cache',
		'data/whole_plugin/tiny.cache',
		'uploads/big.gcode',
		'data/whole_plugin/absolute',
	]);
	expect(backup.names).toContain('basedir/data/whole_plugin/small.txt');
	expect(backup.names).not.toContain('basedir/uploads/big.gcode');
	expect(digestTree(dataFolder)).toEqual(before);
	expect(readdirSync('/tmp').filter(name => name.startsWith('printkeep-ask-'))).toEqual([]);
});

test('one that never answers does not keep the backup from being made', {timeout: 180_000}, async () => {
	const {dataFolder, backUp} = await makePlace();
	putSingleFile(dataFolder, hangingPlugin);
	const backup = await backUp();
	expect(backup.notes).toEqual([expect.stringContaining('since they took too long: what is known')]);
	expect(backup.names).toContain('basedir/data/example_one/foo.txt');
	expect(backup.names).not.toContain('basedir/data/octolapse/tmp/frame.jpg');
});

test.runIf(process.geteuid?.() === 0)('root asks in the name of the owner of the data', async ({skip}) => {
	const reached = await runProgram(join(environment, 'bin/python'), ['-c', ''], {userId: 4242}).catch(() => null);
	skip(
		reached?.code !== 0 && process.env.CI !== 'true',
		'Only root can get at the Python there is here: install the system’s (python3, python3-venv).',
	);
	expect(reached?.code).toBe(0);
	const {dataFolder, root, backUp} = await makePlace();
	putSingleFile(dataFolder, {
		...exampleOne,
		name: 'single',
		source: exampleOne.source.replace(
			'"foo.txt"',
			'str(__import__("os").getuid()), "g" + str(__import__("os").getgroups())',
		),
	});
	writeFileSync(join(dataFolder, 'data/single/4242'), '');
	writeFileSync(join(dataFolder, 'data/single/g[]'), '');
	for (const path of ['.', ...readdirSync(dataFolder, {recursive: true, encoding: 'utf8'})]) {
		lchownSync(join(dataFolder, path), 4242, 4242);
	}

	chmodSync(root, 0o755);
	const backup = await backUp();
	expect(backup.leftOut.map(({path}) => path)).toEqual(
		expect.arrayContaining(['data/example_one/foo.txt', 'data/single/4242', 'data/single/g[]']),
	);
});

test('the same files as in a backup made in the web interface, of a server that runs', {timeout: 300_000}, async () => {
	const root = temporaryDirectory();
	const dataFolder = join(root, 'octoprint');
	putSingleFile(dataFolder, settingsPlugin);
	for (const file of ['example_one/foo.txt', 'example_one/bar.txt', 'settings_plugin/a.tmp', 'settings_plugin/b.old']) {
		mkdirSync(join(dataFolder, 'data', file, '..'), {recursive: true});
		writeFileSync(join(dataFolder, 'data', file), file);
	}

	const server = await startOctoPrint(environment, root);
	onTestFinished(() => {
		process.kill(server.pid(), 'SIGKILL');
	});
	await server.whenState(/^Operational/);
	expect(await server.api('settings', {plugins: {settings_plugin: {ending: '.old'}}})).toMatchObject({status: 200});
	const answer = await fetch(`http://127.0.0.1:${server.port}/plugin/backup/backup`, {
		method: 'POST',
		headers: {'X-Api-Key': applicationKey, 'Content-Type': 'application/json'},
		body: JSON.stringify({exclude: ['timelapse']}),
	});
	const {name} = (await answer.json()) as {readonly name: string};
	const archive = await waitFor(
		'the backup',
		() => {
			const path = join(dataFolder, 'data/backup', name);
			return existsSync(path) ? path : null;
		},
		{timeout: 60_000},
	);
	const home = join(root, 'home-of-printkeep');
	const place = ['--basedir', dataFolder, '--store', join(root, 'store')];
	expect(await runPrintkeep(['config', 'set', 'python', environment, ...place.slice(0, 2)], {home})).toMatchObject({
		code: 0,
	});
	const ours = join(root, 'ours.zip');
	const output = await runPrintkeep(['backup', '--exclude', 'timelapse', '--path', ours, ...place], {home});
	expect(output).toMatchObject({
		code: 0,
		stdout: expect.stringContaining('Left out by the plugin settings_plugin: data/settings_plugin/b.old'),
	});
	const data = (names: readonly string[]): readonly string[] => names.filter(path => path.startsWith('basedir/data/'));
	expect(data(await filesIn(ours))).toEqual(data(await filesIn(archive)));
	expect(await filesIn(ours)).toContain('basedir/data/settings_plugin/a.tmp');
	expect(await filesIn(ours)).not.toContain('basedir/data/example_one/foo.txt');
});
