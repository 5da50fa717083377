import {execFileSync, spawn} from 'node:child_process';
import {
	chmodSync,
	chownSync,
	closeSync,
	constants,
	existsSync,
	mkdirSync,
	openSync,
	readFileSync,
	readSync,
	renameSync,
	rmSync,
	symlinkSync,
	utimesSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test, vi} from 'vitest';
import type {InstanceRef} from '../../../source/client/protocol.js';
import type {PluginAnswers, PluginPoll, ServerPorts} from '../../../source/servers/adapter.js';
import {octoprintAdapter} from '../../../source/servers/octoprint/adapter.js';
import {parseAnswers} from '../../../source/servers/octoprint/plugin-poll.js';
import {runAlone} from '../../../source/servers/run-alone.js';
import {answerWith, makeFakeOctoPrint} from '../../helpers/fake-octoprint.js';
import {makeServerPorts, putFile} from '../../helpers/server-ports.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {waitFor} from '../../helpers/wait-for.js';

type Scene = {
	readonly root: string;
	readonly base: string;
	readonly environment: string;
	readonly temporary: string;
	readonly instance: InstanceRef;
	readonly ports: ServerPorts;
};

const isRoot = process.geteuid?.() === 0;

const makeScene = (script: string, overrides: Partial<ServerPorts> = {}): Scene => {
	const root = temporaryDirectory();
	const base = join(root, 'octoprint');
	const environment = join(root, 'venv');
	const temporary = join(root, 'tmp');
	mkdirSync(temporary);
	for (const file of ['config.yaml', 'users.yaml', 'data/foo/foo.txt', 'uploads/a.gcode']) {
		putFile(join(base, file), '{}');
	}

	const python = makeFakeOctoPrint(environment, script);
	return {
		root,
		base,
		environment,
		temporary,
		instance: {name: 'o', kind: 'octoprint', dataFolder: base, python},
		ports: makeServerPorts(root, {runAlone, environment: {TMPDIR: temporary}, ...overrides}),
	};
};

const pollOf = async ({ports, instance}: Scene): Promise<PluginPoll> => octoprintAdapter.pluginPoll(ports, instance);

const ask = async (scene: Scene, told: readonly string[] = []): Promise<PluginAnswers> => {
	const poll = await pollOf(scene);
	if (poll.type !== 'available') {
		throw new Error(JSON.stringify(poll));
	}

	return poll.ask({told, signal: new AbortController().signal});
};

const fingerprintOf = async (scene: Scene): Promise<string> => {
	const poll = await pollOf(scene);
	return poll.type === 'available' ? poll.fingerprint : JSON.stringify(poll);
};

describe('asking', () => {
	test('is done with what is needed and nothing else, in a place that is gone afterwards', async () => {
		const scene = makeScene('');
		const seen = join(scene.root, 'seen');
		makeFakeOctoPrint(
			scene.environment,
			`echo "$REQUEST" > ${seen}; env | sort > ${seen}.env; pwd > ${seen}.pwd; echo secret > config.yaml\n${answerWith({plugins: [{plugin: 'foo', name: 'Foo', items: ['foo.txt', null]}]})}`,
		);
		putFile(join(scene.base, 'config.yaml'), 'folder: {timelapse: /mnt/videos}');
		expect(await ask(scene, ['uploads'])).toEqual({
			type: 'answer',
			plugins: [{plugin: 'foo', name: 'Foo', items: ['foo.txt', null]}],
		});
		const scratch = readFileSync(`${seen}.pwd`, 'utf8').trim();
		expect(scratch.startsWith(`${scene.temporary}/printkeep-ask-`)).toBe(true);
		expect(existsSync(scratch)).toBe(false);
		expect(JSON.parse(readFileSync(seen, 'utf8'))).toMatchObject({
			scratch,
			told: ['uploads'],
			config: join(scene.base, 'config.yaml'),
			data: join(scene.base, 'data'),
			plugins: join(scene.base, 'plugins'),
			places: expect.arrayContaining([
				['timelapse', '/mnt/videos'],
				['timelapse/tmp', join(scene.base, 'timelapse/tmp')],
				['', scene.base],
			]),
		});
		const environment = readFileSync(`${seen}.env`, 'utf8');
		expect(environment).toContain(`HOME=${scratch}\n`);
		expect(environment).toContain('PYTHONDONTWRITEBYTECODE=1\n');
		expect(environment).not.toContain('USER=');
	});

	test.each([
		['a program that fails', 'echo Traceback >&2; exit 1', 'OctoPrint could not be started to ask them', 'Traceback\n'],
		['no answer', 'exit 0', 'what they answered cannot be understood', ''],
		['half an answer', `printf '{"plugins": [' >&3`, 'what they answered cannot be understood', ''],
		['too long an answer', 'yes >&3', 'they answered too much', ''],
		[
			'one that kills itself',
			`${answerWith({plugins: []})}\nkill -9 $$`,
			'OctoPrint could not be started to ask them',
			'',
		],
	])('%s is none', async (_, script, reason, detail) => {
		expect(await ask(makeScene(script))).toEqual({type: 'no-answer', reason, detail});
	});

	test('one that takes too long is none', async () => {
		const scene = makeScene('sleep 600', {
			runAlone: async program => {
				expect(program.timeoutMilliseconds).toBe(60_000);
				return runAlone({...program, timeoutMilliseconds: 300});
			},
		});
		expect(await ask(scene)).toEqual({type: 'no-answer', reason: 'they took too long', detail: ''});
		expect(existsSync(scene.temporary)).toBe(true);
	});

	test('without a place for the copy there is none', async () => {
		const scene = makeScene('exit 0', {environment: {TMPDIR: '/nonexistent'}});
		expect(await ask(scene)).toMatchObject({type: 'no-answer', reason: 'there is no place for a copy in /nonexistent'});
	});

	test('what was answered is believed nothing but its form', () => {
		const none = {type: 'no-answer', reason: 'what they answered cannot be understood', detail: ''};
		for (const text of [
			'',
			'null',
			'[]',
			'{}',
			'{"plugins": {}}',
			'{"plugins": [null]}',
			'{"plugins": [{"plugin": 7}]}',
		]) {
			expect(parseAnswers(text)).toEqual(none);
		}

		expect(parseAnswers(JSON.stringify({plugins: Array.from({length: 1001}, () => ({plugin: 'a'}))}))).toEqual(none);
		const odd = [7, {}, ['a'], 'b', null, 'x'.repeat(5000), '\u001b[2J'];
		expect(
			parseAnswers(
				JSON.stringify({
					plugins: [
						{plugin: 'a', items: odd, error: 7, more: 1},
						{plugin: 'b', name: [], items: 'a'},
					],
				}),
			),
		).toEqual({
			type: 'answer',
			plugins: [
				{plugin: 'a', name: 'a', items: [null, null, null, 'b', null, null, '\u001b[2J']},
				{plugin: 'b', name: 'b', items: null},
			],
		});
	});
});

describe('who can be asked', () => {
	test('nobody, where there are no plugins but those of the server', async () => {
		const scene = makeScene('exit 1');
		const packages = join(scene.environment, 'lib/python3.11/site-packages');
		renameSync(join(packages, 'octoprint_spoolmanager-1.7.2.dist-info'), join(scene.root, 'gone'));
		putFile(join(scene.base, 'plugins/__pycache__/x.pyc'));
		putFile(join(scene.base, 'plugins/notes.txt'));
		mkdirSync(join(scene.base, 'plugins/empty'));
		expect(await pollOf(scene)).toEqual({type: 'nobody'});
		putFile(join(scene.base, 'plugins/single.py'));
		expect(await pollOf(scene)).toMatchObject({type: 'available'});
	});

	test('not without its environment, nor in a container', async () => {
		const scene = makeScene('exit 1');
		const {python: _, ...without} = scene.instance;
		expect(await pollOf({...scene, instance: {...without, dataFolder: scene.root}})).toEqual({
			type: 'unavailable',
			reason: 'its Python environment was not found',
		});
		const inContainer = join(scene.root, 'proc/812/root/venv');
		const python = makeFakeOctoPrint(inContainer, 'exit 1');
		expect(await pollOf({...scene, instance: {...scene.instance, python}})).toEqual({
			type: 'unavailable',
			reason: 'it runs in a container',
		});
	});

	test('not by somebody who is neither root nor the owner', async () => {
		const scene = makeScene('exit 1');
		vi.spyOn(process, 'geteuid').mockReturnValue((process.geteuid?.() ?? 0) + 77);
		expect(await pollOf(scene)).toMatchObject({
			type: 'unavailable',
			reason: 'its data folder belongs to another user, and so must whoever asks them',
		});
		vi.restoreAllMocks();
	});

	test('not with a program that everybody, or somebody else, could have put there', async () => {
		const scene = makeScene('exit 1');
		const interpreter = join(scene.environment, 'bin/python');
		chmodSync(interpreter, 0o757);
		expect(await pollOf(scene)).toMatchObject({type: 'unavailable', reason: expect.stringContaining(interpreter)});
		chmodSync(interpreter, 0o755);
		expect(await pollOf(scene)).toMatchObject({type: 'available'});
		if (isRoot) {
			const packages = join(scene.environment, 'lib/python3.11/site-packages');
			chownSync(packages, 4242, 4242);
			expect(await pollOf(scene)).toMatchObject({type: 'unavailable', reason: expect.stringContaining(packages)});
		}
	});

	test.runIf(isRoot)('root does not ask as root where somebody else could say what is run', async () => {
		const scene = makeScene('exit 1');
		const single = join(scene.base, 'plugins/single.py');
		putFile(single);
		expect(await pollOf(scene)).toMatchObject({type: 'available'});
		const spoil = [
			[() => chownSync(single, 4242, 4242), () => chownSync(single, 0, 0), single],
			[() => chmodSync(single, 0o664), () => chmodSync(single, 0o644), single],
			[() => symlinkSync('/nonexistent', `${single}.link`), () => undefined, null],
			[() => chmodSync(scene.base, 0o775), () => chmodSync(scene.base, 0o755), scene.base],
			[
				() => chownSync(join(scene.base, 'config.yaml'), 4242, 0),
				() => chownSync(join(scene.base, 'config.yaml'), 0, 0),
				join(scene.base, 'config.yaml'),
			],
			[() => chownSync(scene.root, 4242, 0), () => chownSync(scene.root, 0, 0), scene.root],
		] as const;
		for (const [change, undo, place] of spoil) {
			change();
			expect(await pollOf(scene)).toMatchObject(
				place === null
					? {type: 'available'}
					: {type: 'unavailable', reason: expect.stringContaining(`root would run what others can change: ${place} `)},
			);
			undo();
		}
	});

	test.runIf(isRoot)('root asks in the name of whom the data belongs to', async () => {
		const scene = makeScene('');
		makeFakeOctoPrint(
			scene.environment,
			`printf '{"plugins": [{"plugin": "%s", "name": "%s", "items": []}]}' "$(id -u) $(id -G)" "$(stat -c '%u %a' .)" >&3`,
		);
		for (const folder of [scene.root, scene.environment]) {
			chmodSync(folder, 0o755);
		}

		chownSync(scene.base, 4242, 4343);
		expect(await ask({...scene, ports: {...scene.ports, environment: {TMPDIR: '/root'}}})).toEqual({
			type: 'answer',
			plugins: [{plugin: '4242 4343', name: '4242 700', items: []}],
		});
	});
});

test('the fingerprint is that of everything that is known to change an answer', async () => {
	const scene = makeScene('exit 1');
	const seen: string[] = [await fingerprintOf(scene)];
	const changes = async (change: () => void): Promise<void> => {
		change();
		const next = await fingerprintOf(scene);
		expect(seen).not.toContain(next);
		seen.push(next);
	};

	expect(await fingerprintOf(scene)).toBe(seen[0]);
	putFile(join(scene.base, 'uploads/b.gcode'), '');
	putFile(join(scene.base, 'data/foo/bar.txt'), '');
	expect(await fingerprintOf(scene)).toBe(seen[0]);

	const packages = join(scene.environment, 'lib/python3.11/site-packages');
	await changes(() => putFile(join(scene.base, 'config.yaml'), 'plugins: {_disabled: [foo]}'));
	await changes(() => putFile(join(packages, 'bar-1.0.dist-info/METADATA'), 'Name: bar\nVersion: 1.0\n'));
	await changes(() => renameSync(join(packages, 'bar-1.0.dist-info'), join(packages, 'bar-1.1.dist-info')));
	await changes(() => putFile(join(scene.base, 'plugins/single.py'), 'a'));
	await changes(() => putFile(join(scene.base, 'plugins/single.py'), 'ab'));
	await changes(() => putFile(join(scene.base, 'plugins/folder/__init__.py'), 'a'));
	await changes(() => utimesSync(join(scene.base, 'plugins/folder/__init__.py'), 1, 1));
	await changes(() => utimesSync(join(scene.environment, 'bin/python'), 1, 1));
	expect(new Set(seen).size).toBe(9);
});

test('nothing waits for a configuration or a list of packages that is a pipe', async () => {
	const scene = makeScene('exit 1');
	const pipes = [
		join(scene.base, 'config.yaml'),
		join(scene.environment, 'lib/python3.11/site-packages/octoprint_spoolmanager-1.7.2.dist-info/METADATA'),
	];
	for (const pipe of pipes) {
		rmSync(pipe);
		execFileSync('mkfifo', [pipe]);
		const writer = spawn('sh', ['-c', 'echo "written" > "$0"', pipe], {stdio: 'ignore'});
		onTestFinished(() => void writer.kill('SIGKILL'));
	}

	putFile(join(scene.base, 'plugins/single.py'));
	expect(await pollOf(scene)).toMatchObject({type: 'available', fingerprint: expect.any(String)});
	for (const pipe of pipes) {
		const descriptor = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
		const content = Buffer.alloc(8);
		await waitFor('what nobody has read', () => {
			try {
				return readSync(descriptor, content) > 0;
			} catch {
				return false;
			}
		});
		closeSync(descriptor);
		expect(content.toString()).toBe('written\n');
	}
});

test('a link to the data folder changes nothing of it', async () => {
	const scene = makeScene(answerWith({plugins: []}));
	const link = join(scene.root, 'link');
	symlinkSync(scene.base, link);
	expect(await ask({...scene, instance: {...scene.instance, dataFolder: link}})).toEqual({type: 'answer', plugins: []});
});
