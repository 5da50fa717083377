import {
	chmodSync,
	cpSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import type {JobResult, ReinstalledPlugin} from '../../source/client/protocol.js';
import {digestTree} from '../helpers/digest-tree.js';
import {makeInstance} from '../helpers/make-instance.js';
import {openShop, type PluginShop} from '../helpers/plugin-shop.js';
import {isolatedEnvironment, type Output, parseJsonLines, runPrintkeep, runProgram} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {waitFor} from '../helpers/wait-for.js';
import {octoPrintEnvironment, octoPrintVersion, probePlugin, sitePackages} from './helpers/octoprint.js';
import {newPlugin, oldPlugin, wheel, wheelName} from './helpers/plugin-archives.js';

/** Plugins of a backup are installed into a real environment of OctoPrint's, by its own pip, from a server that has what real ones have: tags, gaps and trouble. */

let shared: string;

beforeAll(async () => {
	shared = await octoPrintEnvironment();
});

/**
 * An environment of its own in which all of the shared one can be imported, so that what is installed stays in it. Its Python is the one that is shared:
 * Debian's builds plugins with a setuptools that only Debian's own distutils understands.
 */
const freshEnvironment = async (root: string, python = join(shared, 'bin/python')): Promise<string> => {
	const environment = join(root, 'venv');
	const {code, stderr} = await runProgram(python, ['-m', 'venv', '--without-pip', environment]);
	expect(code, stderr).toBe(0);
	writeFileSync(join(sitePackages(environment), 'shared.pth'), `${sitePackages(shared)}\n`);
	return environment;
};

const whatPipNeeds =
	/^(?:(?:pip|setuptools|wheel|octoprint|packaging)-.*\.dist-info|pip|setuptools|pkg_resources|_distutils_hack|wheel|packaging|octoprint_setuptools)$/iu;

/** The same with what pip needs copied into it and with the system's interpreter, since the shared one may lie where only root comes. */
const environmentForAnybody = async (root: string): Promise<string> => {
	const environment = await freshEnvironment(root, '/usr/bin/python3');
	const packages = sitePackages(environment);
	rmSync(join(packages, 'shared.pth'));
	for (const name of readdirSync(sitePackages(shared)).filter(each => whatPipNeeds.test(each))) {
		cpSync(join(sitePackages(shared), name), join(packages, name), {recursive: true});
	}

	// What OctoPrint needs itself is not there, and must not be missed.
	const metadata = join(packages, `octoprint-${octoPrintVersion}.dist-info/METADATA`);
	writeFileSync(metadata, readFileSync(metadata, 'utf8').replaceAll(/^Requires-Dist:.*\n/gmu, ''));

	return environment;
};

const versions = {
	exact: '1.0',
	modern: '0.3.1',
	gone: '1.0',
	refused: '1.0',
	tooold: '2.0',
	broken: '1.0',
	unheard: '1.0',
	flaky: '1.0',
	indexed: '1.5',
	swapped: '1.0',
} as const;

type Key = keyof typeof versions;

/** Leaves in an environment what pip leaves of a plugin, as far as a backup looks at it. */
const pretendInstalled = (environment: string): void => {
	for (const [key, version] of Object.entries(versions)) {
		const information = join(sitePackages(environment), `printkeep_${key}-${version}.dist-info`);
		mkdirSync(information);
		writeFileSync(
			join(information, 'METADATA'),
			`Metadata-Version: 2.1\nName: Printkeep-${key}\nVersion: ${version}\nHome-page: https://example.org/${key}\n`,
		);
		writeFileSync(join(information, 'entry_points.txt'), `[octoprint.plugin]\n${key} = octoprint_${key}\n`);
	}
};

const runsOn = {octoprint: ['1.3.6'], python: '>=3,<4', os: ['linux', 'macos']};

const openPluginShop = async (): Promise<PluginShop> =>
	openShop(url => ({
		'/plugins.json': JSON.stringify([
			...(['exact', 'modern', 'gone', 'refused', 'broken', 'flaky', 'indexed', 'swapped'] as const).map(id => ({
				id,
				title: id,
				archive: `${url}/o/${id}/archive/main.zip`,
				compatibility: runsOn,
			})),
			{
				id: 'tooold',
				archive: `${url}/o/tooold/archive/main.zip`,
				compatibility: {...runsOn, octoprint: ['>=1.2,<1.4']},
			},
			{id: 'nothing to do with it'},
			'no plugin',
		]),
		'/o/exact/archive/main.zip': oldPlugin({key: 'exact', version: '2.0'}),
		'/o/exact/archive/1.0.zip': oldPlugin({key: 'exact', version: '1.0'}),
		'/o/modern/archive/main.zip': newPlugin({key: 'modern', version: '0.4'}),
		'/o/modern/archive/v0.3.1.zip': newPlugin({key: 'modern', version: '0.3.1'}),
		'/o/gone/archive/main.zip': oldPlugin({key: 'gone', version: '3.0'}),
		'/o/refused/archive/1.0.zip': oldPlugin({key: 'refused', version: '1.0'}, {python: '<3'}),
		'/o/refused/archive/main.zip': oldPlugin({key: 'refused', version: '1.1'}),
		'/o/broken/archive/main.zip'(_request, response) {
			response.writeHead(200, {'content-length': '100000'});
			response.write('PK\u0003\u0004', () => response.destroy());
		},
		'/o/flaky/archive/1.0.zip'(_request, response, count) {
			if (count === 1) {
				response.writeHead(500).end('a moment');
			} else {
				response.end(newPlugin({key: 'flaky', version: '1.0'}));
			}
		},
		'/o/indexed/archive/main.zip': newPlugin({key: 'indexed', version: '9.9'}),
		'/o/swapped/archive/main.zip': newPlugin({key: 'somethingelse', version: '1.0'}),
		'/simple/printkeep-indexed/': `<a href="${url}/files/${wheelName({key: 'indexed', version: '1.5'})}">x</a>`,
		[`/files/${wheelName({key: 'indexed', version: '1.5'})}`]: wheel({key: 'indexed', version: '1.5'}),
	}));

type Scene = {
	readonly root: string;
	readonly dataFolder: string;
	readonly environment: string;
	readonly shop: PluginShop;
	readonly printkeep: (...args: readonly string[]) => Promise<Output>;
};

/** A backup that lists plugins, and an environment that has none of them. */
const makeScene = async (makeEnvironment = freshEnvironment): Promise<Scene> => {
	const root = temporaryDirectory();
	const {dataFolder} = makeInstance(root);
	const environment = await makeEnvironment(root);
	const shop = await openPluginShop();
	const home = join(root, 'home');
	const temporary = join(root, 'temporary');
	mkdirSync(temporary, {mode: 0o755});
	const printkeep: Scene['printkeep'] = async (...args) =>
		runPrintkeep([...args, '--basedir', dataFolder, '--store', join(root, 'store')], {
			home,
			env: {TMPDIR: temporary, PIP_INDEX_URL: `${shop.url}/simple`},
		});
	pretendInstalled(environment);
	expect(await printkeep('backup')).toMatchObject({code: 0});
	for (const key of Object.keys(versions)) {
		await runProgram('rm', [
			'-r',
			join(sitePackages(environment), `printkeep_${key}-${versions[key as Key]}.dist-info`),
		]);
	}

	return {root, dataFolder, environment, shop, printkeep};
};

type Result = Extract<JobResult, {type: 'reinstall-plugins'}>;

const resultOf = ({stdout}: Output): Result => {
	const last = parseJsonLines(stdout).at(-1) as {readonly result?: Result};
	if (!last.result) {
		throw new Error(stdout);
	}

	return last.result;
};

const byKey = ({plugins}: Result): ReadonlyMap<string, ReinstalledPlugin> =>
	new Map(plugins.map(plugin => [plugin.key, plugin]));

/** What OctoPrint's own plugin manager finds. */
const octoPrintPlugins = async ({environment, root}: Scene): Promise<ReadonlyMap<string, string>> => {
	const script = [
		'import json, sys, logging',
		'from octoprint import init_settings, init_pluginsystem',
		'settings = init_settings(sys.argv[1], None)',
		'manager = init_pluginsystem(settings)',
		'print(json.dumps({key: str(plugin.version) for key, plugin in manager.plugins.items()}))',
	].join('\n');
	const {code, stdout, stderr} = await runProgram(
		join(environment, 'bin/python'),
		['-c', script, join(root, 'looked')],
		{
			env: isolatedEnvironment(join(root, 'home')),
		},
	);
	expect(code, stderr).toBe(0);
	return new Map(Object.entries(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, string>));
};

describe('plugins reinstall', () => {
	test('each plugin has its own fate, and what is installed is what OctoPrint finds', async () => {
		const scene = await makeScene();
		const {printkeep, shop, dataFolder, root} = scene;
		const before = digestTree(dataFolder);
		const output = await printkeep(
			'plugins',
			'reinstall',
			'--repository',
			`${shop.url}/plugins.json`,
			'--yes',
			'--json',
		);
		expect(output, output.stdout).toMatchObject({code: 3, stderr: ''});
		const result = resultOf(output);
		const plugins = byKey(result);
		expect(result.repository).toBe(`${shop.url}/plugins.json`);

		// The version that was backed up, by its tag with and without a `v`; a plugin of old and one of today.
		expect(plugins.get('exact')).toMatchObject({outcome: 'installed', version: '1.0', wanted: '1.0', reason: ''});
		expect(plugins.get('modern')).toMatchObject({outcome: 'installed', version: '0.3.1', reason: ''});
		// That version is gone: the newest, and it is said.
		expect(plugins.get('gone')).toMatchObject({
			outcome: 'installed',
			version: '3.0',
			wanted: '1.0',
			reason: '1.0 was backed up, and cannot be had any more.',
		});
		// That version does not run on this Python: the newest.
		expect(plugins.get('refused')).toMatchObject({
			outcome: 'installed',
			version: '1.1',
			reason: '1.0 was backed up, and could not be installed: It is for another version of Python.',
		});
		expect(plugins.get('tooold')).toMatchObject({
			outcome: 'incompatible',
			version: null,
			reason: `It is for OctoPrint >=1.2,<1.4, and this is ${octoPrintVersion}.`,
			attempts: 0,
		});
		expect(plugins.get('broken')).toMatchObject({
			outcome: 'failed',
			reason: expect.stringMatching(/^It could not be fetched from .*main\.zip: the connection was cut\.$/),
			// Two tags that are not there, and three tries.
			attempts: 5,
		});
		expect(plugins.get('unheard')).toMatchObject({
			outcome: 'unknown',
			reason: 'The repository does not have it; its page is https://example.org/unheard.',
		});
		expect(plugins.get('flaky')).toMatchObject({outcome: 'installed', version: '1.0', attempts: 2});
		// The index is not asked by a bare name unless the person says so.
		expect(plugins.get('indexed')).toMatchObject({outcome: 'installed', version: '9.9'});
		expect(shop.asked().filter(path => path.startsWith('/simple/printkeep-indexed'))).toEqual([]);
		expect(plugins.get('swapped')).toMatchObject({
			outcome: 'failed',
			reason: 'What the repository names was installed, and has no plugin of that name in it.',
		});
		expect(plugins.get(probePlugin.key)).toMatchObject({outcome: 'present', version: probePlugin.version});

		const found = await octoPrintPlugins(scene);
		for (const {key, outcome, version} of result.plugins) {
			expect([key, found.get(key)]).toEqual([
				key,
				outcome === 'installed' || outcome === 'present' ? version : undefined,
			]);
		}

		// Nothing of the data was touched, nothing is left lying about, and the server is the one it was.
		expect(digestTree(dataFolder)).toEqual(before);
		expect(readdirSync(join(root, 'temporary'))).toEqual([]);
		expect(
			readdirSync(sitePackages(scene.environment)).filter(name => name.toLowerCase().startsWith('octoprint-')),
		).toEqual([]);

		// The second time only what is missing is tried.
		const second = await printkeep(
			'plugins',
			'reinstall',
			'--repository',
			`${shop.url}/plugins.json`,
			'--yes',
			'--json',
		);
		expect(second.code).toBe(3);
		const again = byKey(resultOf(second));
		for (const key of ['exact', 'modern', 'gone', 'refused', 'flaky', 'indexed']) {
			expect(again.get(key), key).toMatchObject({outcome: 'present', version: plugins.get(key)?.version, attempts: 0});
		}

		expect(again.get('gone')?.reason).toBe('1.0 was backed up.');
		expect(again.get('broken')).toMatchObject({outcome: 'failed'});

		const log = await printkeep('status', '--json');
		expect(JSON.parse(log.stdout)).toMatchObject({lastJob: {job: 'reinstall-plugins', outcome: 'partial'}});
	});

	test('a file of the person’s own, one plugin, from a package index', async () => {
		const scene = await makeScene();
		const {printkeep, shop, root} = scene;
		const file = join(root, 'my plugins.json');
		writeFileSync(
			file,
			JSON.stringify([
				{id: 'indexed', archive: `${shop.url}/o/indexed/archive/main.zip`},
				{id: 'gone', archive: `${shop.url}/o/gone/archive/main.zip`},
			]),
		);
		const args = ['plugins', 'reinstall', 'latest', '--repository', file, '--only', 'indexed', '--json'];
		const looked = await printkeep(...args, '--dry-run');
		expect(looked.code).toBe(0);
		expect(resultOf(looked).plugins).toMatchObject([{key: 'indexed', outcome: 'would-install', version: null}]);
		expect(shop.asked()).toEqual([]);

		const unasked = await printkeep(...args);
		expect(unasked).toMatchObject({code: 5, stderr: expect.stringContaining('needs your confirmation')});

		const output = await printkeep(...args, '--yes', '--from-index');
		expect(output, output.stdout).toMatchObject({code: 0, stderr: ''});
		expect(resultOf(output).plugins).toMatchObject([
			{key: 'indexed', outcome: 'installed', version: '1.5', reason: ''},
		]);
		expect((await octoPrintPlugins(scene)).get('indexed')).toBe('1.5');
		expect((await octoPrintPlugins(scene)).has('gone')).toBe(false);

		expect(await printkeep('plugins', 'reinstall', '--only', 'nothing', '--yes')).toMatchObject({
			code: 10,
			stderr: expect.stringContaining('The backup has no plugin called nothing.'),
		});
	});

	test('without a repository nothing is done, and it is said what to do', async () => {
		const {printkeep, shop, root, environment} = await makeScene();
		const packages = (): readonly string[] => readdirSync(sitePackages(environment)).sort();
		const before = packages();
		expect(await printkeep('plugins', 'reinstall', '--yes', '--repository', `${shop.url}/none.json`)).toMatchObject({
			code: 14,
			stderr: expect.stringMatching(/could not be fetched: there is nothing at that address[\s\S]*--repository FILE/),
		});
		expect(await printkeep('plugins', 'reinstall', '--yes', '--repository', join(root, 'none.json'))).toMatchObject({
			code: 10,
		});
		expect(packages()).toEqual(before);
		expect(readdirSync(join(root, 'temporary'))).toEqual([]);
	});

	test('stopped in the middle: what is installed stays, what was begun is ended, and nothing lies about', async () => {
		const {printkeep: _printkeep, shop, root, dataFolder, environment} = await makeScene();
		const file = join(root, 'plugins.json');
		const marker = join(root, 'building');
		const slow = await openShop(() => ({
			'/slow.zip': newPlugin(
				{key: 'gone', version: '1.0'},
				{before: `open(${JSON.stringify(marker)}, "w").close(); import time; time.sleep(600)`},
			),
		}));
		writeFileSync(
			file,
			JSON.stringify([
				{id: 'exact', archive: `${shop.url}/o/exact/archive/main.zip`},
				{id: 'gone', archive: `${slow.url}/slow.zip`},
			]),
		);
		let stop = (): void => undefined;
		const running = runPrintkeep(
			[
				...['plugins', 'reinstall', '--yes', '--repository', file, '--only', 'exact', '--only', 'gone'],
				...['--basedir', dataFolder, '--store', join(root, 'store')],
			],
			{
				home: join(root, 'home'),
				env: {TMPDIR: join(root, 'temporary'), PIP_INDEX_URL: `${shop.url}/simple`},
				onStart: ({kill}) => {
					stop = () => kill('SIGINT');
				},
			},
		);
		await waitFor('the second plugin to be built', () => existsSync(marker), {timeout: 120_000});
		stop();
		expect(await running).toMatchObject({
			code: 130,
			stderr: expect.stringContaining('Cancelled: exact was installed and stays. gone was under way.'),
		});
		expect(readdirSync(join(root, 'temporary'))).toEqual([]);
		const {stdout} = await runProgram('ps', ['-eo', 'args']);
		expect(stdout.split('\n').filter(line => line.includes(environment))).toEqual([]);
	});

	test.runIf(process.getuid?.() === 0)(
		'root installs as whom the environment belongs to, and nothing becomes root’s',
		async () => {
			const nobody = 65_534;
			const scene = await makeScene(environmentForAnybody);
			const {printkeep, shop, root, environment, dataFolder} = scene;
			chmodSync(root, 0o755);
			await runProgram('chown', ['-R', `${nobody}:${nobody}`, environment, dataFolder]);
			const output = await printkeep(
				...['plugins', 'reinstall', '--repository', `${shop.url}/plugins.json`, '--yes', '--json'],
				...['--only', 'exact', '--only', 'modern', '--only', 'indexed', '--from-index'],
			);
			expect(output, output.stdout).toMatchObject({code: 0, stderr: ''});
			expect(
				resultOf(output)
					.plugins.map(({key, outcome, version}) => [key, outcome, version])
					.sort(),
			).toEqual([
				['exact', 'installed', '1.0'],
				['indexed', 'installed', '1.5'],
				['modern', 'installed', '0.3.1'],
			]);
			const owners = (folder: string): readonly number[] =>
				readdirSync(folder, {recursive: true, encoding: 'utf8'}).map(name => lstatSync(join(folder, name)).uid);
			expect(new Set(owners(environment))).toEqual(new Set([nobody]));
			// One that is root's own may be closed to others, so that it is the one for everybody.
			const left = readdirSync('/tmp').filter(name => name.startsWith('printkeep-plugins-'));
			expect(
				left.filter(name => lstatSync(join('/tmp', name, 'work'), {throwIfNoEntry: false})?.uid === nobody),
			).toEqual([]);
		},
	);
});
