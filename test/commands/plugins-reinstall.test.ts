import {chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {JobResult} from '../../source/client/protocol.js';
import {craftZip} from '../helpers/craft-zip.js';
import {type FakeInterpreter, fakePlugin, makeFakeInterpreter} from '../helpers/fake-interpreter.js';
import {fakeMachine} from '../helpers/fake-machine.js';
import {openShop, type PluginShop} from '../helpers/plugin-shop.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {createHarness, type Harness, type Ran, type RunOptions, resultOf} from './harness.js';

/** The command and the engine as they are; the interpreter is a real program whose pip does what an archive says. */

let harness: Harness;

beforeEach(async () => {
	harness = await createHarness();
	mkdirSync(join(harness.folder, 'tmp'), {mode: 0o700});
});

afterEach(() => {
	harness.remove();
});

const legacySetup = 'import octoprint_setuptools\n';

const usualGoods = (url: string) => ({
	'/plugins.json': JSON.stringify(
		['old', 'modern', 'wheel', 'mixed', 'pinned', 'refused', 'fails', 'lies', 'flagged'].map(id => ({
			id,
			archive: `${url}/x/${id}/archive/main.zip`,
			...(id === 'flagged' ? {no_build_isolation: true} : {}),
		})),
	),
	'/x/old/archive/1.0.zip': fakePlugin({installs: ['old', 'OctoPrint-old', '1.0']}, legacySetup),
	'/x/modern/archive/1.0.zip': fakePlugin({installs: ['modern', 'OctoPrint-modern', '1.0']}),
	// A setup.py beside a pyproject.toml is no plugin of old.
	'/x/mixed/archive/v1.0.zip': fakePlugin({installs: ['mixed', 'm', '1.0.0']}, legacySetup, ['pyproject.toml']),
	'/x/pinned/archive/main.zip': fakePlugin({installs: ['pinned', 'p', '2.5']}),
	'/x/refused/archive/1.0.zip': fakePlugin({
		exit: 1,
		says: "ERROR: Package 'refused' requires a different Python: 3.11.7 not in '<3'",
	}),
	'/x/refused/archive/main.zip': fakePlugin({
		exit: 1,
		says: 'The user requested (constraint) octoprint==1.11.8\nERROR: ResolutionImpossible',
	}),
	'/x/fails/archive/main.zip': fakePlugin({
		exit: 1,
		says: 'Looking in indexes: https://me:secret@index.example/simple\n  NameError: name \u001B[31mx\u001B[0m is not defined\nerror: subprocess-exited-with-error',
		installs: ['fails', 'f', '1.0'],
	}),
	'/x/lies/archive/main.zip': fakePlugin({installs: ['another', 'a', '1.0']}),
	'/x/flagged/archive/main.zip': fakePlugin({installs: ['flagged', 'f', '1.0']}),
});

type Place = {
	readonly shop: PluginShop;
	readonly interpreter: FakeInterpreter;
	readonly run: (args: readonly string[], options?: RunOptions) => Promise<Ran>;
	readonly reinstall: (...args: readonly string[]) => Promise<Ran>;
	readonly plugins: (ran: Ran) => ReadonlyMap<string, Readonly<Record<string, unknown>>>;
};

const leaveInformation = (prefix: string, key: string, version: string): string => {
	const folder = join(prefix, `lib/python3.11/site-packages/${key}-${version}.dist-info`);
	mkdirSync(folder, {recursive: true});
	writeFileSync(
		join(folder, 'METADATA'),
		`Name: OctoPrint-${key}\nVersion: ${version}\nHome-page: https://example.org/${key}\n`,
	);
	writeFileSync(join(folder, 'entry_points.txt'), `[octoprint.plugin]\n${key} = x\n`);
	return folder;
};

/** A backup that lists some plugins, in an environment whose interpreter has none of them. */
const makePlace = async (
	keys: readonly string[],
	{
		facts,
		index,
		goods = usualGoods,
	}: {
		readonly facts?: Parameters<typeof makeFakeInterpreter>[1];
		readonly index?: Parameters<typeof makeFakeInterpreter>[2];
		readonly goods?: Parameters<typeof openShop>[0];
	} = {},
): Promise<Place> => {
	const shop = await openShop(goods);
	const interpreter = makeFakeInterpreter(join(harness.folder, 'environment'), facts, index);
	rmSync(join(interpreter.prefix, 'lib/python3.11/site-packages/octoprint_spoolmanager-1.7.2.dist-info'), {
		recursive: true,
	});
	const run: Place['run'] = async (args, options = {}) =>
		harness.run(args, {
			...options,
			environment: {
				TMPDIR: join(harness.folder, 'tmp'),
				PYTHONPATH: '/somewhere/else',
				PIP_INDEX_URL: 'https://me:secret@index.example/simple',
				...options.environment,
			},
		});
	expect((await run(['config', 'set', 'python', interpreter.prefix])).code).toBe(0);
	const folders = keys.map(key => leaveInformation(interpreter.prefix, key, '1.0'));
	expect((await run(['backup'])).code).toBe(0);
	for (const folder of folders) {
		rmSync(folder, {recursive: true});
	}

	return {
		shop,
		interpreter,
		run,
		reinstall: async (...args) =>
			run(['plugins', 'reinstall', '--repository', `${shop.url}/plugins.json`, '--yes', '--json', ...args]),
		plugins(ran) {
			const {result} = resultOf(ran) as {readonly result?: Extract<JobResult, {type: 'reinstall-plugins'}>};
			if (!result) {
				throw new Error(ran.stdout + ran.stderr);
			}

			return new Map(result.plugins.map(plugin => [plugin.key, plugin]));
		},
	};
};

const temporaries = (): readonly string[] => readdirSync(join(harness.folder, 'tmp'));

describe('printkeep plugins reinstall', () => {
	test('decides anew for each plugin how pip builds it', async () => {
		const {interpreter, reinstall, plugins} = await makePlace(['flagged', 'mixed', 'modern', 'old']);
		const ran = await reinstall();
		expect(ran, ran.stdout).toMatchObject({code: 0, stderr: ''});
		expect([...plugins(ran).values()]).toMatchObject([
			{key: 'flagged', outcome: 'installed', version: '1.0'},
			{key: 'mixed', outcome: 'installed', version: '1.0.0', reason: ''},
			{key: 'modern', outcome: 'installed', version: '1.0'},
			{key: 'old', outcome: 'installed', version: '1.0', reason: '', attempts: 1},
		]);
		const legacy = ['--use-pep517', '--no-build-isolation'];
		expect(interpreter.pipCalls().map(call => legacy.every(flag => call.includes(flag)))).toEqual([
			true,
			false,
			false,
			true,
		]);
		for (const call of interpreter.pipCalls()) {
			expect(call.slice(0, 5)).toEqual(['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check']);
			expect(call).not.toContain('--user');
			expect(call.at(-1)).toMatch(/^\/.*\/plugin\.zip$/);
		}
	});

	test('gives pip a place of its own, the person’s index, and nothing that leads it astray', async () => {
		const {interpreter, reinstall} = await makePlace(['old']);
		await reinstall();
		const [environment = {}] = interpreter.pipEnvironments();
		expect(environment.PYTHONPATH).toBeUndefined();
		expect(environment.PIP_INDEX_URL).toBe('https://me:secret@index.example/simple');
		expect(environment.TMPDIR).toMatch(new RegExp(`^${harness.folder}/tmp/printkeep-plugins-\\w+/work$`));
		expect(environment.CWD).toBe(environment.TMPDIR);
		expect(environment.HOME).toBe(harness.home);
		expect(temporaries()).toEqual([]);
	});

	test('lets no plugin change which OctoPrint is installed', async () => {
		const {interpreter, reinstall} = await makePlace(['old']);
		// Kept for a look: the file itself is gone when the job has ended.
		const program = join(interpreter.prefix, 'bin/python');
		writeFileSync(
			program,
			readFileSync(program, 'utf8').replace(
				'what = sys.argv[-1]',
				'save("constraints.json", open(sys.argv[sys.argv.index("--constraint") + 1]).read())\nwhat = sys.argv[-1]',
			),
		);
		await reinstall();
		expect(JSON.parse(readFileSync(join(interpreter.prefix, 'constraints.json'), 'utf8'))).toBe('OctoPrint==1.11.8\n');
	});

	test('believes pip’s exit code, and of what was installed only the interpreter', async () => {
		const {reinstall, plugins, shop} = await makePlace(['fails', 'lies', 'pinned', 'refused', 'old']);
		const ran = await reinstall();
		expect(ran.code).toBe(3);
		const results = plugins(ran);
		expect(results.get('fails')).toMatchObject({
			outcome: 'failed',
			version: null,
			reason: 'pip says: NameError: name \\x1b[31mx\\x1b[0m is not defined',
		});
		expect(results.get('lies')).toMatchObject({
			outcome: 'failed',
			reason: 'What the repository names was installed, and has no plugin of that name in it.',
		});
		expect(results.get('pinned')).toMatchObject({
			outcome: 'installed',
			wanted: '1.0',
			version: '2.5',
			reason: '1.0 was backed up, and cannot be had any more.',
			attempts: 3,
		});
		expect(results.get('refused')).toMatchObject({
			outcome: 'incompatible',
			version: null,
			reason: 'It needs another version of OctoPrint, or of something that OctoPrint needs.',
		});
		// What became of the others is no matter to the last one.
		expect(results.get('old')).toMatchObject({outcome: 'installed'});
		expect(shop.asked().filter(path => path.startsWith('/x/pinned'))).toEqual([
			'/x/pinned/archive/1.0.zip',
			'/x/pinned/archive/v1.0.zip',
			'/x/pinned/archive/main.zip',
		]);
		expect(resultOf(ran)).toMatchObject({outcome: 'partial', exitCode: 3});
	});

	test('tells no password, on the screen or in the log', async () => {
		const {reinstall} = await makePlace(['fails']);
		const ran = await reinstall();
		expect(ran.stdout + ran.stderr).not.toContain('secret');
		const log = readFileSync(harness.paths.logFile, 'utf8');
		expect(log).toContain('Looking in indexes: https://…@index.example/simple');
		expect(log).not.toContain('secret');
	});

	test('asks an index by a bare name only when told to', async () => {
		const index = {'OctoPrint-pinned==1.0': {installs: ['pinned', 'OctoPrint-pinned', '1.0']}} as const;
		const {reinstall, plugins, interpreter} = await makePlace(['pinned', 'old'], {index});
		const ran = await reinstall('--from-index', '--only', 'pinned');
		expect(plugins(ran).get('pinned')).toMatchObject({outcome: 'installed', version: '1.0', reason: ''});
		expect(plugins(ran).has('old')).toBe(false);
		expect(interpreter.pipCalls().map(call => call.at(-1))).toEqual(['OctoPrint-pinned==1.0']);
	});

	test('builds what comes from an index as plugins of old need it when it has to', async () => {
		const index = {
			'OctoPrint-pinned==1.0': {installs: ['pinned', 'p', '1.0'], failsUnlessLegacy: true},
		} as const;
		const {reinstall, plugins, interpreter} = await makePlace(['pinned'], {index});
		expect(plugins(await reinstall('--from-index')).get('pinned')).toMatchObject({
			outcome: 'installed',
			version: '1.0',
			// Two tags that are not there, and two runs of pip.
			attempts: 4,
		});
		expect(interpreter.pipCalls().map(call => call.includes('--no-build-isolation'))).toEqual([false, true]);
	});

	test('takes the newest where the index does not have that version', async () => {
		const {reinstall, plugins} = await makePlace(['pinned']);
		expect(plugins(await reinstall('--from-index')).get('pinned')).toMatchObject({
			outcome: 'installed',
			version: '2.5',
			reason: '1.0 was backed up, and cannot be had any more.',
		});
	});

	test('leaves alone what is there: installed, a part of OctoPrint, or a single file', async () => {
		mkdirSync(join(harness.dataFolder, 'plugins'), {recursive: true});
		writeFileSync(join(harness.dataFolder, 'plugins/modern.py'), '');
		const {reinstall, plugins, interpreter} = await makePlace(['old', 'modern', 'announcements'], {
			facts: {plugins: [['old', 'OctoPrint-old', '1.1']]},
		});
		const ran = await reinstall();
		expect(ran.code).toBe(0);
		expect(plugins(ran).get('old')).toMatchObject({outcome: 'present', version: '1.1', reason: '1.0 was backed up.'});
		expect(plugins(ran).get('announcements')).toMatchObject({
			outcome: 'present',
			reason: 'It comes with this OctoPrint.',
		});
		expect(plugins(ran).get('modern')).toMatchObject({
			outcome: 'present',
			reason: expect.stringContaining('/plugins.'),
		});
		expect(interpreter.pipCalls()).toEqual([]);
	});

	test('installs for the user where only that can be done', async () => {
		const {reinstall, interpreter} = await makePlace(['old'], {facts: {virtual: false, writable: false, user: true}});
		expect((await reinstall()).code).toBe(0);
		expect(interpreter.pipCalls()[0]).toContain('--user');
	});

	test('takes the newest of a backup that knows no versions, as OctoPrint’s own do', async () => {
		const {reinstall, plugins} = await makePlace([]);
		const file = join(harness.folder, 'own.zip');
		writeFileSync(
			file,
			craftZip([
				{name: 'metadata.json', data: '{"version":"1.11.8","excludes":[]}'},
				{name: 'basedir/config.yaml', data: 'a: 1\n'},
				{name: 'plugin_list.json', data: '[{"key":"pinned","name":"Pinned","url":"https://example.org"},{"name":"x"}]'},
			]),
		);
		const ran = await reinstall(file);
		expect(ran, ran.stderr).toMatchObject({code: 0});
		expect([...plugins(ran).values()]).toMatchObject([
			{
				key: 'pinned',
				wanted: null,
				outcome: 'installed',
				version: '2.5',
				reason: 'Which version was backed up is not known.',
			},
		]);
	});

	test('has nothing to do for a backup without plugins, and asks nobody', async () => {
		const {run, shop} = await makePlace([]);
		const ran = await run(['plugins', 'reinstall', '--repository', `${shop.url}/plugins.json`]);
		expect(ran).toMatchObject({code: 0, stdout: expect.stringContaining('has no plugins.')});
		expect(shop.asked()).toEqual([]);
	});

	test('goes by the backup last restored, and by the newest good one else', async () => {
		const {run, reinstall, plugins, interpreter} = await makePlace(['old']);
		const [first = ''] = readdirSync(harness.store).filter(name => name.endsWith('.zip'));
		const folder = leaveInformation(interpreter.prefix, 'modern', '1.0');
		expect((await run(['backup', '--name', 'second'])).code).toBe(0);
		rmSync(folder, {recursive: true});
		expect([...plugins(await reinstall('--dry-run')).keys()]).toEqual(['modern']);
		const restored = await run(['restore', first, '--yes', '--no-stop']);
		expect(restored, restored.stderr).toMatchObject({code: 0});
		expect(restored.stdout).toContain('`printkeep plugins reinstall` installs them');
		const ran = await reinstall('--dry-run');
		expect([...plugins(ran).keys()]).toEqual(['old']);
		expect(resultOf(ran)).toMatchObject({result: {source: {type: 'backup', key: first}}});
		expect([...plugins(await reinstall('second.zip', '--dry-run')).keys()]).toEqual(['modern']);
		// A look at another one, or a file of it, does not make the instance that one.
		expect((await run(['restore', 'second.zip', '--to', join(harness.folder, 'look')])).code).toBe(0);
		expect((await run(['restore', 'second.zip', '--file', 'users.yaml', '--yes', '--no-stop'])).code).toBe(0);
		expect([...plugins(await reinstall('--dry-run')).keys()]).toEqual(['old']);
		expect((await run(['undo', '--yes', '--no-stop'])).code).toBe(0);
		expect([...plugins(await reinstall('--dry-run')).keys()]).toEqual(['modern']);
		rmSync(join(harness.store, first));
		expect([...plugins(await reinstall('--dry-run')).keys()]).toEqual(['modern']);
	});
});

describe('before anything is installed', () => {
	const asking = (place: Place, ...args: readonly string[]): readonly string[] => [
		...['plugins', 'reinstall', '--repository', `${place.shop.url}/plugins.json`],
		...args,
	];

	test('it is shown and asked', async () => {
		const place = await makePlace(['modern', 'old', 'unheard']);
		const no = await place.run(asking(place), {answers: ['n']});
		expect(no).toMatchObject({code: 5, questions: [expect.stringContaining('Install these 2? [y/N]')]});
		expect(no.stdout).toMatch(/^modern +1\.0 +- +would be installed$/m);
		expect(no.stdout).toMatch(/^unheard +1\.0 +- +not in the repository$/m);
		expect(place.interpreter.pipCalls()).toEqual([]);
		const yes = await place.run(asking(place), {answers: ['y']});
		expect(yes, yes.stderr).toMatchObject({code: 3});
		expect(yes.stdout).toMatch(/^modern +1\.0 +1\.0 +installed$/m);
		expect(yes.stdout).toContain('2 installed, 1 not in the repository.');
		expect(yes.stdout).toMatch(/^Next: .*OctoPrint/m);
		const again = await place.run(asking(place), {answers: []});
		expect(again).toMatchObject({code: 3, questions: []});
		expect(again.stdout).toMatch(/^modern +1\.0 +1\.0 +there already$/m);
	});

	test('it is refused where nobody can be asked', async () => {
		const place = await makePlace(['old']);
		const ran = await place.run(asking(place, '--only', 'old'));
		expect(ran.code).toBe(5);
		expect(ran.stderr).toContain(
			`To do it, run: printkeep plugins reinstall --repository ${place.shop.url}/plugins.json --only old --yes`,
		);
		expect(place.interpreter.pipCalls()).toEqual([]);
	});

	test('a print that is running forbids it', async () => {
		const place = await makePlace(['old']);
		// In a folder that outlives the harness: what tells its process is in it.
		const machine = await fakeMachine(temporaryDirectory(), {dataFolder: harness.dataFolder});
		await machine.start();
		await machine.whenReady();
		machine.say('printing');
		const server = {
			...machine.ports,
			environment: {...machine.ports.environment, TMPDIR: join(harness.folder, 'tmp')},
		};
		const refused = await place.run(asking(place, '--yes'), {server});
		expect(refused, refused.stdout).toMatchObject({code: 5, stderr: expect.stringContaining('A print is running')});
		const asked = await place.run(asking(place), {server, answers: ['y']});
		expect(asked).toMatchObject({code: 5, questions: []});
		expect(place.interpreter.pipCalls()).toEqual([]);
		const ran = await place.run(asking(place, '--yes', '--even-if-printing'), {server});
		expect(ran, ran.stderr).toMatchObject({code: 0});
		expect(ran.stdout).toContain('Next: Restart OctoPrint');
	});

	test.each([
		['there is no pip', {pip: null}, /There is no pip in .*ensurepip/s],
		['nothing may be written', {writable: false}, /You may not install anything in/],
		['the interpreter does not work', null, /does not say what is installed/],
	])('it is said that %s', async (_what, facts, message) => {
		const place = await makePlace(['old'], {facts});
		const ran = await place.run(asking(place, '--yes'));
		expect(ran.code).toBe(1);
		expect(ran.stderr).toMatch(message);
		expect(place.interpreter.pipCalls()).toEqual([]);
		expect(place.shop.asked()).toEqual([]);
		expect(temporaries()).toEqual([]);
	});

	test.runIf(process.getuid?.() === 0)('root runs no interpreter that another user can change', async () => {
		const place = await makePlace(['old']);
		chownSync(join(place.interpreter.prefix, 'bin/python'), 4242, 4242);
		const ran = await place.run(asking(place, '--yes'));
		expect(ran).toMatchObject({code: 1, stderr: expect.stringContaining('root does not run it')});
		expect(place.shop.asked()).toEqual([]);
		expect(temporaries()).toEqual([]);
	});

	test('a repository that cannot be had or read ends it, with what to do', async () => {
		const goods = () => ({'/odd.json': '{}', '/page.json': '<html></html>'});
		const place = await makePlace(['old'], {goods});
		for (const [path, message] of [
			['plugins.json', /could not be fetched: there is nothing at that address[\s\S]*--repository FILE/],
			['odd.json', /is no plugin repository: it is no list/],
			['page.json', /is no plugin repository: it is no JSON/],
		] as const) {
			const ran = await place.run(['plugins', 'reinstall', '--yes', '--repository', `${place.shop.url}/${path}`]);
			expect(ran.code).toBe(14);
			expect(ran.stderr).toMatch(message);
		}

		expect((await place.run(['plugins', 'reinstall', '--yes', '--repository', './none.json'])).stderr).toContain(
			`There is no file ${harness.folder}/none.json.`,
		);
		expect(place.interpreter.pipCalls()).toEqual([]);
		expect(temporaries()).toEqual([]);
	});

	test('what a backup calls its plugins does not act on the terminal', async () => {
		const place = await makePlace([]);
		const file = join(harness.folder, 'odd.zip');
		writeFileSync(
			file,
			craftZip([
				{name: 'metadata.json', data: '{"version":"1.11.8","excludes":[]}'},
				{name: 'basedir/config.yaml', data: 'a: 1\n'},
				{
					name: 'plugin_list.json',
					data: JSON.stringify([{key: '../\u001B]0;x\u0007', name: '\u001B[2J', url: 'javascript:\u001B[31m'}]),
				},
			]),
		);
		const ran = await place.run(asking(place, '--yes', file));
		expect(ran.code).toBe(3);
		expect(ran.stdout + ran.stderr).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/u);
	});
});
