/** What comes with printkeep, used as a person would: by commands, with real programs and servers. */
import {spawn} from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import type {PluginRecordData} from '../../../source/plugins/api.js';
import {fakeOctoPrint} from '../../helpers/fake-machine.js';
import {makeInstance} from '../../helpers/make-instance.js';
import {startRecordingServer} from '../../helpers/recording-server.js';
import {type RunOptions, runPrintkeep} from '../../helpers/run-printkeep.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {waitFor} from '../../helpers/wait-for.js';

const setUp = () => {
	const root = temporaryDirectory();
	const {dataFolder} = makeInstance(root);
	const [home, store] = [join(root, 'home'), join(root, 'store')];
	const run = async (args: readonly string[], options: Omit<RunOptions, 'home'> = {}) =>
		runPrintkeep(args, {home, ...options});
	const onInstance = async (args: readonly string[], options: Omit<RunOptions, 'home'> = {}) =>
		run([...args, '--basedir', dataFolder, '--store', store], options);
	const succeed = async (args: readonly string[]) => {
		const output = await run(args);
		expect(output, args.join(' ')).toMatchObject({code: 0});
		return output.stdout;
	};

	const put = (name: string, text: string, mode = 0o600): string => {
		const path = join(root, name);
		writeFileSync(path, text);
		chmodSync(path, mode);
		return path;
	};

	return {
		root,
		dataFolder,
		store,
		run,
		onInstance,
		succeed,
		put,
		script: (name: string, text: string): string => put(name, `#!/bin/sh\n${text}\n`, 0o700),
		/** As a person does it. */
		enable: async (id: string, settings: Readonly<Record<string, string>>) => {
			await succeed(['plugins', 'enable', id]);
			for (const [name, value] of Object.entries(settings)) {
				await succeed(['plugins', 'settings', id, name, value]);
			}
		},
		/** As it is in the file afterwards. */
		configure: (plugins: Readonly<Record<string, PluginRecordData>>) => {
			const folder = join(home, '.config/printkeep');
			mkdirSync(folder, {recursive: true, mode: 0o700});
			const settings = {
				plugins: Object.keys(plugins).map(id => ({source: `builtin:${id}`, enabled: true})),
				pluginSettings: Object.fromEntries(Object.entries(plugins).map(([id, values]) => [id, {version: 1, values}])),
			};
			writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings), {mode: 0o600});
		},
		archives: () => (existsSync(store) ? readdirSync(store).filter(name => name.endsWith('.zip')) : []),
		log: () => readFileSync(join(home, '.config/printkeep/printkeep.log'), 'utf8'),
	};
};

test('command hooks run around a backup and a restore; what fails before is told, or ends it, as the policy says', async () => {
	const {root, dataFolder, enable, onInstance, script, archives, log, run} = setUp();
	const told = join(root, 'told');
	const tell = script(
		'tell',
		`echo "$1 $PRINTKEEP_PHASE <$PRINTKEEP_ERROR> $PRINTKEEP_KEY" >> '${told}'; echo "said by $1"`,
	);
	const any = {
		'before-backup': `${tell} 'a b'`,
		'after-backup': `${tell} c`,
		'before-restore': `${tell} d`,
		'after-restore': `${tell} e`,
	};
	await enable('command-hooks', {'instances.*': JSON.stringify(any)});
	expect(await onInstance(['backup'])).toMatchObject({code: 0});
	const [key] = archives();
	const restored = join(root, 'restored');
	expect(await onInstance(['restore', 'latest', '--to', restored, '--yes'])).toMatchObject({code: 0});
	expect(readFileSync(told, 'utf8').split('\n')).toEqual([
		'a b before-backup <> ',
		`c after-backup <> ${key}`,
		`d before-restore <> ${key}`,
		`e after-restore <> ${key}`,
		'',
	]);
	expect(log()).toMatch(/info command-hooks: before-backup \| said by a b/u);
	const state = await run(['plugin', 'command-hooks', '--json']);
	expect(JSON.parse(state.stdout)).toMatchObject({answer: {commands: {length: 4}}});

	rmSync(told);
	const name = dataFolder.split('/').at(-1) ?? '';
	const failing = {...any, 'before-backup': script('failing', 'echo "no such disk" >&2; exit 3')};
	await enable('command-hooks', {[`instances.${name}`]: JSON.stringify(failing)});
	const warned = await onInstance(['backup']);
	expect(warned).toMatchObject({
		code: 0,
		stdout: expect.stringMatching(/Note: .*failing ended with code 3: no such disk/u),
	});
	expect(await onInstance(['config', 'set', 'plugin-policy', 'abort'])).toMatchObject({code: 0});
	const count = archives().length;
	const ended = await onInstance(['backup']);
	expect(ended).toMatchObject({code: 1, stderr: expect.stringContaining('no such disk')});
	expect(archives()).toHaveLength(count);
	expect(readFileSync(told, 'utf8').split('\n')).toEqual([
		expect.stringMatching(/^c after-backup <> .*\.zip$/u),
		'c after-backup <plugin-failed> ',
		'',
	]);
});

test('Ctrl+C ends a command with all that it has started, and nothing is left behind', async () => {
	const {root, configure, onInstance, script, archives, store} = setUp();
	const slow = script(
		'slow',
		`sleep 1000 & echo $! > '${root}/grandchild'; echo $$ > '${root}/child'
trap 'echo cleaned > "${root}/cleaned"; exit 1' TERM
touch '${root}/ready'; while :; do sleep 0.1; done`,
	);
	configure({'command-hooks': {instances: {'*': {'before-backup': slow}}}});
	let kill: ((signal: NodeJS.Signals) => boolean) | undefined;
	const running = onInstance(['backup'], {
		onStart: child => {
			kill = child.kill;
		},
	});
	await waitFor('the command to run', () => existsSync(join(root, 'ready')));
	kill?.('SIGINT');
	expect(await running).toMatchObject({code: 130});
	expect(readFileSync(join(root, 'cleaned'), 'utf8')).toBe('cleaned\n');
	for (const name of ['child', 'grandchild']) {
		const pid = readFileSync(join(root, name), 'utf8').trim();
		await waitFor(`the ${name} to be gone`, () => {
			try {
				return /^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
			} catch {
				return true;
			}
		});
	}

	expect(archives()).toEqual([]);
	expect(readdirSync(store)).toEqual([]);
});

test('failures, damage and age are told by ntfy, once each, and so is their end', async () => {
	const server = await startRecordingServer();
	const {configure, onInstance, script, store, archives, put, run} = setUp();
	const notify = {
		desktop: {enabled: false},
		ntfy: {server: server.url, topic: 'bench-7f3a', tokenFile: put('token', 'tk_secret\n')},
	};
	configure({notify});
	const titles = () => server.requests.map(({body}) => (JSON.parse(body) as {title: string}).title);
	await onInstance(['status']);
	await onInstance(['status']);
	expect(titles()).toEqual(['octoprint needs a backup']);

	// A disk that is not there: what should be a folder is none.
	writeFileSync(store, '');
	expect(await onInstance(['backup'])).toMatchObject({code: 1});
	rmSync(store);
	expect(titles().slice(1)).toEqual(['Backup of octoprint failed']);
	expect(await onInstance(['backup'])).toMatchObject({code: 0});
	expect(await onInstance(['backup'])).toMatchObject({code: 0});
	expect(titles().slice(2)).toEqual(['Backups of octoprint work again']);

	const path = join(store, archives()[0] ?? '');
	truncateSync(path, 5000);
	expect(await onInstance(['verify', path])).toMatchObject({code: 4});
	expect(titles().slice(3)).toEqual(['A backup of octoprint is damaged']);

	configure({notify, 'command-hooks': {instances: {'*': {'before-backup': script('failing', 'exit 3')}}}});
	expect(await onInstance(['config', 'set', 'plugin-policy', 'abort'])).toMatchObject({code: 0});
	expect((await onInstance(['backup'])).code).not.toBe(0);
	expect(titles().slice(4)).toEqual(['Backup of octoprint failed']);
	expect(server.requests.every(({headers}) => headers.authorization === 'Bearer tk_secret')).toBe(true);

	const tested = await run(['plugin', 'notify', 'test']);
	expect(tested).toMatchObject({code: 0, stdout: 'ntfy: sent\n'});
	server.answers.push(503);
	const nobody = await run(['plugin', 'notify', 'test']);
	expect(nobody).toMatchObject({code: 2, stdout: ''});
	expect(nobody.stderr).toContain('Nobody was told. ntfy: failed: it answered with 503');
});

test('a monitor that does not answer, or refuses, costs a backup nothing', async () => {
	const server = await startRecordingServer('hang', 404, 404);
	const {configure, onInstance, put, archives, run, dataFolder} = setUp();
	configure({healthchecks: {urlFile: put('url', `${server.url}/x`), timeoutSeconds: 0.5}});
	expect(await onInstance(['backup'])).toMatchObject({code: 0});
	expect(archives()).toHaveLength(1);
	expect(server.requests.map(({path}) => path)).toEqual(['/x/start', '/x/start', '/x']);
	const state = await run(['plugin', 'healthchecks', '--basedir', dataFolder, '--json']);
	expect(JSON.parse(state.stdout)).toMatchObject({answer: {problem: expect.stringContaining('it answered with 404')}});
});

test('a monitor is told of the start and of the end of a backup', async () => {
	const server = await startRecordingServer();
	const {configure, onInstance, put, dataFolder, run, store} = setUp();
	configure({healthchecks: {urlFile: put('url', `${server.url}/5b0c3a8e\n`)}});
	expect(await onInstance(['backup'])).toMatchObject({code: 0});
	expect(await onInstance(['verify', '--all'])).toMatchObject({code: 0});
	rmSync(store, {recursive: true});
	writeFileSync(store, '');
	expect(await onInstance(['backup'])).toMatchObject({code: 1});
	expect(server.requests.map(({path}) => path)).toEqual(['/5b0c3a8e/start', '/5b0c3a8e', '/5b0c3a8e/fail']);
	const state = await run(['plugin', 'healthchecks', '--basedir', dataFolder, '--json']);
	expect(JSON.parse(state.stdout)).toMatchObject({answer: {configured: true, last: 'fail', problem: ''}});
});

test('an automatic backup waits until the print is over, and a person’s does not', async () => {
	const {root, dataFolder, configure, onInstance, put, archives, log} = setUp();
	const port = await new Promise<number>(resolve => {
		const server = createServer().listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
		});
	});
	const state = join(root, 'machine');
	mkdirSync(state);
	mkdirSync(join(root, 'bin'));
	writeFileSync(join(state, 'state'), 'printing');
	const child = spawn(
		'python3',
		[put('bin/octoprint', fakeOctoPrint), 'serve', '--basedir', dataFolder, '--port', String(port)],
		{env: {...process.env, FAKE_STATE: state}, stdio: 'ignore'},
	);
	onTestFinished(() => {
		child.kill('SIGKILL');
	});
	await waitFor('the server to answer', async () =>
		fetch(`http://127.0.0.1:${port}/api/job`).then(
			({ok}) => ok,
			() => false,
		),
	);
	configure({'wait-for-print': {pollSeconds: 0.2}});
	expect(await onInstance(['backup'])).toMatchObject({code: 0});
	expect(archives()).toHaveLength(1);
	const waiting = onInstance(['backup', '--trigger', 'auto']);
	await waitFor('it to wait', () => /The backup waits, since the server is printing/u.test(log()));
	expect(archives()).toHaveLength(1);
	writeFileSync(join(state, 'state'), 'idle');
	expect(await waiting).toMatchObject({code: 0});
	expect(archives()).toHaveLength(2);
	expect(log()).toMatch(/The backup goes on after .*: the server is idle/u);
	expect(await onInstance(['backup', '--trigger', 'never'])).toMatchObject({
		code: 2,
		stderr: expect.stringContaining('manual, auto, preupgrade'),
	});
});
