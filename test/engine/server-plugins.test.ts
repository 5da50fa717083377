/** What the plugins of a server want left out, from the question to the archive and back: against an OctoPrint that is a shell script. */
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import type {Client} from '../../source/client/client.js';
import {createInProcessClient} from '../../source/client/in-process.js';
import type {JobRequest, JobResult, PartLeftOut, Target} from '../../source/client/protocol.js';
import {systemClock} from '../../source/clock.js';
import {keptMilliseconds} from '../../source/engine/server-plugins/answer-cache.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import type {PluginAnswer} from '../../source/servers/adapter.js';
import {runAlone} from '../../source/servers/run-alone.js';
import {createRequest, makeTarget} from '../helpers/engine-client.js';
import {answerWith, makeFakeOctoPrint} from '../helpers/fake-octoprint.js';
import {makeInstance} from '../helpers/make-instance.js';
import {makeServerPorts, putFile} from '../helpers/server-ports.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {waitFor} from '../helpers/wait-for.js';
import {yauzlReader} from '../helpers/zip-readers.js';

type Of<Type extends JobRequest['type']> = Extract<JobResult, {type: Type}>;

type Scene = {
	readonly root: string;
	readonly base: string;
	readonly state: string;
	readonly target: Target;
	readonly client: Client;
	/** Changes what the plugins do; a script, or what they answer. */
	readonly plugins: (what: string | readonly PluginAnswer[]) => void;
	/** Makes answers older. */
	readonly wait: (milliseconds: number) => void;
	readonly timesAsked: () => number;
	readonly job: <Type extends JobRequest['type']>(request: Extract<JobRequest, {type: Type}>) => Promise<Of<Type>>;
	readonly backUp: (options?: Partial<Extract<JobRequest, {type: 'create'}>>) => Promise<Of<'create'>>;
	readonly leftOut: (excludes?: readonly string[]) => Promise<PartLeftOut | undefined>;
};

const foo = (...items: (string | null)[]): PluginAnswer => ({plugin: 'foo', name: 'Foo', items});

const makeScene = (what: string | readonly PluginAnswer[]): Scene => {
	const root = temporaryDirectory();
	const {dataFolder: base} = makeInstance(root);
	for (const file of [
		'foo/foo.txt',
		'foo/bar.txt',
		'foo/cache/a',
		'octolapse/tmp/frame.jpg',
		'octolapse/settings.json',
	]) {
		putFile(join(base, 'data', file), file);
	}

	mkdirSync(join(root, 'proc'));
	const state = join(root, 'state');
	let offset = 0;
	const client = createInProcessClient({
		...systemPorts({environment: {}, stateFolder: state}),
		clock: {...systemClock, now: () => systemClock.now() + offset},
		server: makeServerPorts(root, {runAlone, environment: {TMPDIR: root}}),
	});
	onTestFinished(client.close);
	const count = join(root, 'asked');
	let generation = 0;
	const environment = join(root, 'venv');
	const plugins: Scene['plugins'] = script => {
		const path = makeFakeOctoPrint(
			environment,
			`echo . >> ${count}\n${typeof script === 'string' ? script : answerWith({plugins: script})}`,
		);
		// A file system's clock may not have gone on since the last change.
		putFile(join(base, 'plugins/generation.py'), `# ${'x'.repeat(++generation)}`);
		return path;
	};
	plugins(what);
	const usual = makeTarget(base, join(root, 'store'));
	const target = {...usual, instance: {...usual.instance, python: join(environment, 'bin/python')}};
	const job: Scene['job'] = async request => {
		const ended = new Promise<Of<typeof request.type>>((resolve, reject) => {
			const stop = client.subscribe(event => {
				if (event.type === 'job-finished') {
					stop();
					if (event.result?.type === request.type) {
						resolve(event.result as Of<typeof request.type>);
					} else {
						reject(new Error(`${event.error?.message} ${event.error?.detail ?? ''}`));
					}
				}
			});
		});
		await client.request('job.start', request);
		return ended;
	};

	return {
		root,
		base,
		state,
		target,
		client,
		plugins,
		wait(milliseconds) {
			offset += milliseconds;
		},
		timesAsked: () => (existsSync(count) ? readFileSync(count, 'utf8').length / 2 : 0),
		job,
		backUp: async options => job(createRequest(target, options)),
		leftOut: async (excludes = []) =>
			(
				await client.request('parts.left-out', {instance: target.instance, store: target.store, excludes, includes: []})
			).find(({name}) => name === 'data'),
	};
};

const dataIn = async ({backup}: Pick<Of<'create'>, 'backup'>): Promise<readonly string[]> =>
	[...(await yauzlReader.read(backup.path, '')).keys()]
		.filter(name => /^basedir\/data\/(?:foo|octolapse)\//.test(name))
		.sort();

const whole = ['basedir/data/foo/bar.txt', 'basedir/data/foo/cache/a', 'basedir/data/foo/foo.txt'];
const octolapse = ['basedir/data/octolapse/settings.json', 'basedir/data/octolapse/tmp/frame.jpg'];

describe('a backup', () => {
	test('leaves out what they want left out, says so everywhere, and what is known of them by heart is not needed', async () => {
		const scene = makeScene([
			foo('foo.txt', 'cache', 'nothing', '../../uploads', '/etc'),
			{plugin: 'bar', name: 'Bar', items: null},
		]);
		const result = await scene.backUp();
		expect(await dataIn(result)).toEqual(['basedir/data/foo/bar.txt', ...octolapse]);
		const leftOut = ['data/foo/foo.txt', 'data/foo/cache'].map(path => ({
			path,
			plugin: 'foo',
			reason: 'The plugin Foo leaves it out.',
		}));
		expect(result).toMatchObject({leftOut, notes: [], skipped: [], backup: {health: {type: 'verified'}}});
		expect(
			await scene.client.request('backup.details', {
				target: scene.target,
				source: {type: 'backup', key: result.backup.key},
			}),
		).toMatchObject({leftOut});
		expect((await scene.leftOut())?.leftOut).toEqual([...leftOut.map(({path, reason}) => ({path, reason}))]);
		expect(scene.timesAsked()).toBe(1);
	});

	test('tells them which parts are left out, and asks anew for every choice', async () => {
		const scene =
			makeScene(`case "$REQUEST" in *'"told":["uploads","timelapse","timelapse_tmp"]'*) ITEM=. ;; *) ITEM=none ;; esac
printf '{"plugins": [{"plugin": "foo", "name": "Foo", "items": ["%s"]}]}' "$ITEM" >&3`);
		expect(await dataIn(await scene.backUp())).toEqual([...whole, ...octolapse]);
		expect(await dataIn(await scene.backUp({excludes: ['uploads', 'timelapse']}))).toEqual(octolapse);
		expect(scene.timesAsked()).toBe(2);
	});

	test('leaves out what is known by heart of a plugin that failed, and names it', async () => {
		const scene = makeScene([
			{plugin: 'octolapse', name: 'Octo\u001b[2Jlapse', items: null, error: 'KeyError: 1'},
			foo('.'),
		]);
		const result = await scene.backUp();
		expect(await dataIn(result)).toEqual(['basedir/data/octolapse/settings.json']);
		expect(result.notes).toEqual(['The plugin Octo\u001b[2Jlapse did not tell what it wants left out: KeyError: 1.']);
	});

	test.each([
		['exit 1', 'OctoPrint could not be started to ask them'],
		['yes >&3', 'they answered too much'],
		['echo nonsense >&3', 'what they answered cannot be understood'],
	])('without an answer (%s) leaves out what is known by heart, and says so once', async (script, reason) => {
		const scene = makeScene(script);
		const {backup, notes} = await scene.backUp();
		expect(await dataIn({backup})).toEqual([...whole, 'basedir/data/octolapse/settings.json']);
		expect(notes).toEqual([
			`The server's plugins could not be asked what they want left out, since ${reason}: what is known to be of no use in a backup is left out instead.`,
		]);
		expect(await scene.leftOut()).toMatchObject({notes, leftOut: [{path: 'data/octolapse/tmp'}]});
	});

	test('says nothing where there is nobody to ask', async () => {
		const scene = makeScene('exit 1');
		rmSync(join(scene.base, 'plugins'), {recursive: true});
		rmSync(join(scene.root, 'venv/lib/python3.11/site-packages/octoprint_spoolmanager-1.7.2.dist-info'), {
			recursive: true,
		});
		const result = await scene.backUp();
		expect([result.notes, scene.timesAsked()]).toEqual([[], 0]);
		expect(await dataIn(result)).toEqual([...whole, ...octolapse]);
	});

	test('of which they want too much left out leaves them aside', async () => {
		const many = Array.from({length: 10_001}, (_, index) => `f${index}`);
		const scene = makeScene([{plugin: 'many', name: 'Many', items: many}, foo('foo.txt')]);
		const result = await scene.backUp();
		expect(result.notes).toEqual(['The plugin Many did not tell what it wants left out: it named too many files.']);
		expect(await dataIn(result)).not.toContain('basedir/data/foo/foo.txt');
	});

	test('that is cancelled meanwhile ends them, and leaves nothing', async () => {
		const scene = makeScene(`echo $$ > ${'$'}{0}.pid; exec sleep 600`);
		const pidFile = join(scene.root, 'venv/bin/python.pid');
		const backup = scene.backUp();
		const failed = expect(backup).rejects.toThrow('cancelled');
		await waitFor('the question', () => existsSync(pidFile) && statSync(pidFile).size > 0);
		await scene.client.close();
		await failed;
		const pid = Number(readFileSync(pidFile, 'utf8'));
		await waitFor('their end', () => !existsSync(`/proc/${pid}`));
		expect(readdirSync(scene.root).filter(name => name.startsWith('printkeep-ask-'))).toEqual([]);
	});

	test('is made when what they want left out has changed, though nothing else has', async () => {
		const scene = makeScene([foo()]);
		// What was changed just now is read anew the next time, since its times do not tell enough.
		scene.wait(10_000);
		// To read a database in use changes its journal.
		rmSync(join(scene.base, 'data/SpoolManager'), {recursive: true});
		const first = await scene.backUp();
		const target = {...scene.target, skipUnchanged: true};
		const again = await scene.job(createRequest(target));
		expect(again.unchangedSince).toBe(first.backup.key);
		scene.plugins([foo('nothing')]);
		scene.wait(keptMilliseconds.answer);
		// The file that makes the answers differ is one of the data folder.
		const second = await scene.job(createRequest(target));
		expect(second.unchangedSince).toBeNull();
		scene.wait(keptMilliseconds.answer);
		expect((await scene.job(createRequest(target))).unchangedSince).toBe(second.backup.key);
		writeFileSync(
			join(scene.root, 'venv/bin/python'),
			readFileSync(join(scene.root, 'venv/bin/python'), 'utf8').replace('nothing', 'foo.txt'),
		);
		const third = await scene.job(createRequest(target));
		expect(third.unchangedSince).toBeNull();
		expect(await dataIn(third)).not.toContain('basedir/data/foo/foo.txt');
		expect(third.reused.files).toBe(third.files);
	});
});

test('what they left out makes no difference to what is there now', async () => {
	const scene = makeScene([foo('foo.txt')]);
	const {backup} = await scene.backUp();
	putFile(join(scene.base, 'data/foo/new.txt'), '');
	const {comparison} = await scene.job({
		type: 'compare',
		target: scene.target,
		left: {type: 'backup', key: backup.key},
		right: {type: 'live'},
	});
	const {items} = await scene.client.request('plan.files', {
		planId: comparison.planId,
		part: 'data',
		offset: 0,
		limit: 200,
	});
	const foos = items.filter(({path, action}) => path.startsWith('data/foo/') && action !== 'kept');
	expect(foos.map(({path, action}) => `${action} ${path}`)).toEqual(['removed data/foo/new.txt']);
});

describe('a restore of a backup that plugins left something out of', () => {
	test.each(['replace', 'merge', 'exact'] as const)('%s', async mode => {
		const scene = makeScene([foo('foo.txt', 'cache')]);
		const {backup} = await scene.backUp();
		writeFileSync(join(scene.base, 'data/foo/foo.txt'), 'newer');
		writeFileSync(join(scene.base, 'data/foo/cache/b'), 'newer');
		writeFileSync(join(scene.base, 'data/foo/bar.txt'), 'newer');
		writeFileSync(join(scene.base, 'data/foo/unknown.txt'), 'newer');
		await scene.job({
			type: 'restore',
			target: scene.target,
			source: {type: 'backup', key: backup.key},
			allowNewer: false,
			mode,
		});
		const content = (name: string): string | null => {
			const path = join(scene.base, 'data/foo', name);
			return existsSync(path) ? readFileSync(path, 'utf8') : null;
		};
		expect(['bar.txt', 'foo.txt', 'cache/a', 'cache/b', 'unknown.txt'].map(content)).toEqual(
			{
				replace: ['foo/bar.txt', 'newer', 'foo/cache/a', 'newer', null],
				merge: ['foo/bar.txt', 'newer', 'foo/cache/a', 'newer', 'newer'],
				exact: ['foo/bar.txt', null, null, null, null],
			}[mode],
		);
	});
});

describe('answers', () => {
	test('are kept for a while, privately, and only a few', async () => {
		const scene = makeScene([foo('foo.txt')]);
		const folder = join(scene.state, 'plugin-answers');
		await scene.leftOut();
		await scene.leftOut();
		expect(scene.timesAsked()).toBe(1);
		const [name = ''] = readdirSync(folder);
		expect([folder, join(folder, name)].map(path => (statSync(path).mode & 0o777).toString(8))).toEqual(['700', '600']);

		scene.wait(keptMilliseconds.answer - 60_000);
		await scene.leftOut();
		expect(scene.timesAsked()).toBe(1);
		scene.wait(120_000);
		await scene.leftOut();
		expect(scene.timesAsked()).toBe(2);
		// A clock that was set back says nothing about their age.
		scene.wait(-keptMilliseconds.answer);
		await scene.leftOut();
		expect(scene.timesAsked()).toBe(3);

		writeFileSync(join(folder, name), '{"at": 1');
		expect((await scene.leftOut())?.leftOut).toMatchObject([{path: 'data/foo/foo.txt'}]);
		expect(scene.timesAsked()).toBe(4);
		for (let count = 0; count < 30; count++) {
			putFile(join(scene.base, 'plugins/other.py'), 'x'.repeat(count));
			await scene.leftOut();
		}

		expect(readdirSync(folder)).toHaveLength(24);
	});

	test('that did not come are kept for less', async () => {
		const scene = makeScene('exit 1');
		await scene.leftOut();
		await scene.leftOut();
		expect(scene.timesAsked()).toBe(1);
		scene.wait(keptMilliseconds['no-answer']);
		await scene.leftOut();
		expect(scene.timesAsked()).toBe(2);
	});

	test('are asked for once, whoever wants them', async () => {
		const scene = makeScene(`sleep 0.3\n${answerWith({plugins: [foo('foo.txt')]})}`);
		const [one, two, three] = await Promise.all([scene.leftOut(), scene.backUp(), scene.leftOut(['timelapse'])]);
		expect(one?.leftOut).toMatchObject([{path: 'data/foo/foo.txt'}]);
		expect(two.leftOut).toMatchObject([{path: 'data/foo/foo.txt'}]);
		expect(three?.leftOut).toMatchObject([{path: 'data/foo/foo.txt'}]);
		expect(scene.timesAsked()).toBe(2);
	});

	test('are not waited for where the parts are listed, and shown there once they are known', async () => {
		const scene = makeScene([foo('foo.txt')]);
		const {instance, store} = scene.target;
		const listed = async () =>
			(await scene.client.request('parts.list', {instance, store})).find(({name}) => name === 'data')?.leftOut;
		const measured = async (excludes: readonly string[] = []) =>
			(await scene.client.request('parts.measure', {instance, store, part: 'data', excludes})).files;
		expect(await listed()).toEqual([{path: 'data/octolapse/tmp', reason: expect.stringContaining('Frames')}]);
		const files = await measured();
		expect(scene.timesAsked()).toBe(0);
		await scene.leftOut();
		expect(await listed()).toEqual([{path: 'data/foo/foo.txt', reason: 'The plugin Foo leaves it out.'}]);
		// One less of the one plugin, one more of the other.
		expect(await measured()).toBe(files);
		expect(await measured(['uploads'])).toBe(files);
		expect(scene.timesAsked()).toBe(1);
	});
});
