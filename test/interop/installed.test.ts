import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import {makeInstance} from '../helpers/make-instance.js';
import {openPty} from '../helpers/pty.js';
import {isolatedEnvironment, type Output, runProgram} from '../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

/** What people get who install the package, on the Node they have: nothing of this clone helps it. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {readonly version: string};

let work: string;
/** Folder that the package was installed into, as `npm install --global` does. */
let prefix: string;

const npm = async (args: readonly string[], cwd: string): Promise<Output> => {
	const output = await runProgram('npm', args, {cwd, env: {...process.env, npm_config_loglevel: 'error'}});
	expect(output.code, output.stdout + output.stderr).toBe(0);
	return output;
};

beforeAll(async () => {
	work = makeTemporaryDirectory();
	prefix = join(work, 'prefix');
	await npm(['pack', '--ignore-scripts', '--pack-destination', work], root);
	const [tarball] = readdirSync(work).filter(name => name.endsWith('.tgz'));
	await npm(['install', '--global', '--prefix', prefix, join(work, tarball ?? '')], work);
	return () => {
		removeDirectory(work);
	};
});

/** A Node of a major version, from npm. */
const nodeOf = async (major: number): Promise<string> => {
	const folder = join(work, `node-${major}`);
	const node = join(folder, 'node_modules/node/bin/node');
	if (!existsSync(node)) {
		mkdirSync(folder);
		// The package fetches its binary in a script, which newer npm has to be allowed to run.
		const dependencies = {node: `${major}.x`};
		writeFileSync(
			join(folder, 'package.json'),
			JSON.stringify({private: true, dependencies, allowScripts: {node: true}}),
		);
		await npm(['install'], folder);
	}

	return node;
};

const environmentFor = (node: string, home: string): NodeJS.ProcessEnv => ({
	...isolatedEnvironment(home),
	// The installed command finds its Node on the path.
	PATH: `${dirname(node)}:/usr/bin:/bin`,
});

const installed = (): string => join(prefix, 'bin/printkeep');

describe('the package', () => {
	test('holds the program and nothing of its making', async () => {
		const {stdout} = await npm(['pack', '--dry-run', '--json', '--ignore-scripts'], root);
		const listing: unknown = JSON.parse(stdout);
		const [report] = (Array.isArray(listing) ? listing : Object.values(listing as object)) as ReadonlyArray<{
			readonly files: ReadonlyArray<{readonly path: string}>;
		}>;
		const top = new Set(report?.files.map(({path}) => path.split('/')[0]));
		expect([...top].sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
	});

	for (const major of [22, 24]) {
		test(`works on Node ${major}: a backup, a restore, the dashboard`, async () => {
			const node = await nodeOf(major);
			const place = temporaryDirectory();
			const {dataFolder} = makeInstance(place);
			const env = environmentFor(node, join(place, 'home'));
			const target = ['--basedir', dataFolder, '--store', join(place, 'store')];
			const run = async (...args: readonly string[]): Promise<Output> =>
				runProgram(installed(), args, {env, cwd: place});

			expect(await run('--version')).toEqual({code: 0, stdout: `${version}\n`, stderr: ''});
			expect(await run('backup', ...target)).toMatchObject({code: 0, stderr: ''});
			expect(await run('verify', '--all', ...target)).toMatchObject({code: 0, stderr: ''});
			expect(await run('restore', 'latest', '--to', join(place, 'to'), '--yes', ...target)).toMatchObject({
				code: 0,
				stderr: '',
			});
			expect(readFileSync(join(place, 'to/users.yaml'))).toEqual(readFileSync(join(dataFolder, 'users.yaml')));

			const pty = await openPty([installed(), ...target], {env, cwd: place});
			onTestFinished(pty.close);
			await pty.whenScreen(screen => /Backups +1 backup/u.test(screen));
			await pty.type('q');
			expect(await pty.exit).toBe(0);
		});
	}

	for (const major of [22, 24]) {
		test(`runs a stranger’s plugin on Node ${major}, and types it`, async () => {
			const node = await nodeOf(major);
			const place = temporaryDirectory();
			const {dataFolder} = makeInstance(place);
			const env = environmentFor(node, join(place, 'home'));
			const run = async (...args: readonly string[]): Promise<Output> =>
				runProgram(installed(), args, {env, cwd: place});
			const stranger = join(place, 'stranger');
			mkdirSync(stranger, {mode: 0o700});
			// What npm does with a package that is depended on.
			mkdirSync(join(stranger, 'node_modules'), {mode: 0o700});
			symlinkSync(join(prefix, 'lib/node_modules/printkeep'), join(stranger, 'node_modules/printkeep'));
			const plugins = {'everything/index.ts': 'everything.ts', 'exclude-foo/index.mjs': 'foo.mjs'};
			for (const [example, name] of Object.entries(plugins)) {
				copyFileSync(join(root, 'examples', example), join(stranger, name));
				chmodSync(join(stranger, name), 0o600);
				expect(await run('plugins', 'enable', join(stranger, name))).toMatchObject({code: 0, stderr: ''});
			}

			expect(await run('plugin', 'spools', 'set', 'name=PLA', 'grams=80')).toMatchObject({
				code: 0,
				stdout: 'PLA: 80 g\n',
			});
			expect(await run('backup', '--basedir', dataFolder, '--store', join(place, 'store'))).toMatchObject({
				code: 0,
				stderr: '',
			});

			copyFileSync(join(root, 'test/plugins/types/uses.ts'), join(stranger, 'uses.ts'));
			writeFileSync(join(stranger, 'package.json'), JSON.stringify({private: true, type: 'module'}));
			const strict = {strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false};
			writeFileSync(
				join(stranger, 'tsconfig.json'),
				JSON.stringify({
					compilerOptions: {
						...strict,
						module: 'NodeNext',
						target: 'ES2024',
						types: ['node'],
						typeRoots: [join(root, 'node_modules/@types')],
					},
				}),
			);
			const compiler = join(root, 'node_modules/typescript/bin/tsc');
			const compiled = await runProgram(process.execPath, [compiler, '-p', stranger], {env: process.env});
			expect(compiled).toMatchObject({code: 0, stdout: ''});
		});
	}

	test('says in one sentence what it needs on Node 20', async () => {
		const node = await nodeOf(20);
		const place = temporaryDirectory();
		for (const args of [[], ['backup'], ['list', '--json']]) {
			const {code, stdout, stderr} = await runProgram(installed(), args, {
				env: environmentFor(node, join(place, 'home')),
			});
			expect({code, stdout}).toEqual({code: 1, stdout: ''});
			expect(stderr).toMatch(/^printkeep needs Node(?:\.js)? .*22\.22.*20\.\d+\.\d+.*\.\n$/u);
		}
	});
});
