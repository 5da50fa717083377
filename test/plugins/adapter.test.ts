import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {PluginKind, Target} from '../../source/client/protocol.js';
import {digestTree} from '../helpers/digest-tree.js';
import {createRequest} from '../helpers/engine-client.js';
import {makeInstance} from '../helpers/make-instance.js';
import {copyExample, makePluginClient, type PluginPlace, writePlugin} from '../helpers/plugins.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

const write = (folder: string, files: Readonly<Record<string, string>>): void => {
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), {recursive: true});
		writeFileSync(join(folder, name), text);
	}
};

const files = {
	'config.json': '{"server": "file-server", "version": "2.1", "name": "Attic"}',
	'secrets/keys.json': '{"key": 1}',
	'secrets/other.json': '{}',
	'files/a.txt': 'a',
	'files/deep/b.txt': 'bb',
	'files/.thumbnails/a.png': 'thumbnail',
	'cache/c.bin': 'cached',
	'printkeep.json': 'a file of the server that is called so',
	'notes.txt': 'of no part',
};

const kind: PluginKind = 'plugin-file-server';

const makeServer = (root: string): {readonly dataFolder: string; readonly target: Target} => {
	const dataFolder = join(root, 'server');
	write(dataFolder, files);
	return {
		dataFolder,
		target: {
			instance: {name: 'attic', kind, dataFolder},
			store: join(root, 'store'),
			keepFreeBytes: 0,
			restoreUnsupported: false,
		},
	};
};

const makeScene = (place?: PluginPlace) => {
	const root = temporaryDirectory();
	const server = makeServer(root);
	const example = {
		sources: [copyExample(join(root, 'plugins'), 'file-server')],
		settings: {'file-server': {folders: [server.dataFolder]}},
	};
	return {root, ...server, ...makePluginClient(root, place ?? example)};
};

/** Everything in a folder; whoever writes into one changes its time. */
const treeOf = (folder: string, without: readonly string[] = []) =>
	digestTree(folder, {folderTimes: false, skip: path => without.includes(path)});

/** Names of an archive's entries, as another program lists them. */
const entriesOf = (path: string): readonly string[] =>
	JSON.parse(
		execFileSync(
			'python3',
			['-c', 'import json,sys,zipfile; print(json.dumps(zipfile.ZipFile(sys.argv[1]).namelist()))', path],
			{
				encoding: 'utf8',
			},
		),
	);

describe('a kind of server that a plugin knows', () => {
	test('is checked under its name, and not for a Python environment', async () => {
		const {client, root, dataFolder, target} = makeScene();
		const checks = await client.request('doctor.run', {target, stateFolder: join(root, 'state')});
		expect(checks).toContainEqual(
			expect.objectContaining({id: 'instance', finding: `File server 2.1 in ${dataFolder}`}),
		);
		expect(checks.map(({id}) => id)).not.toContain('environment');
	});

	test('is found, described and shown in parts', async () => {
		const {client, dataFolder, target} = makeScene();
		const {found} = await client.request('instances.find', {extraFolders: [], asksPlugins: true});
		expect(found.filter(each => each.kind === kind)).toMatchObject([
			{name: 'attic', dataFolder, version: '2.1', kindTitle: 'File server', running: false, nativeBackupFolder: ''},
		]);
		const {found: withoutPlugins} = await client.request('instances.find', {extraFolders: []});
		expect(withoutPlugins.filter(each => each.kind === kind)).toEqual([]);
		expect(await client.request('instances.inspect', {dataFolder})).toMatchObject({kind, name: 'attic'});
		const parts = await client.request('parts.list', target);
		expect(parts.map(({name, inclusion}) => [name, inclusion])).toEqual([
			['config', 'required'],
			['files', 'included'],
			['thumbnails', 'excluded'],
			['cache', 'never'],
			['state', 'never'],
			['other', 'required'],
		]);
		const sizeOf = async (part: string) => client.request('parts.measure', {...target, part});
		expect(await sizeOf('files')).toMatchObject({files: 2, bytes: 3});
		expect(await sizeOf('thumbnails')).toMatchObject({files: 1});
		expect(await sizeOf('other')).toMatchObject({files: 3});
	});

	test('is backed up, every file in one part, under names that cannot meet printkeep’s own', async () => {
		const {result, target, client, failures, dataFolder} = makeScene();
		const {backup, files: count} = await result(createRequest(target));
		expect(count).toBe(7);
		expect(backup).toMatchObject({kind, instanceName: 'attic', serverVersion: '2.1', health: {type: 'verified'}});
		expect(
			entriesOf(backup.path)
				.filter(name => !name.endsWith('/'))
				.sort(),
		).toEqual(
			[
				...['config.json', 'secrets/keys.json', 'secrets/other.json', 'files/a.txt', 'files/deep/b.txt'],
				...['printkeep.json', 'notes.txt'],
			]
				.map(name => `data/${name}`)
				.concat('printkeep.json')
				.sort(),
		);
		expect(existsSync(join(dataFolder, 'hold'))).toBe(false);
		const source = {type: 'backup', key: backup.key} as const;
		const details = await client.request('backup.details', {target, source});
		expect(details.parts.map(({name, state, files: inIt}) => [name, state, inIt])).toEqual([
			['config', 'included', 2],
			['files', 'included', 2],
			['thumbnails', 'excluded', 0],
			['cache', 'never', 0],
			['state', 'never', 0],
			['other', 'included', 3],
		]);
		const {items} = await client.request('backup.entries', {target, source, directory: '', offset: 0, limit: 50});
		expect(items.map(({path}) => path).sort()).toEqual([
			'config.json',
			'files',
			'notes.txt',
			'printkeep.json',
			'secrets',
		]);
		expect(await result({type: 'verify', target, sources: 'all'})).toMatchObject({results: [{ok: true}]});
		expect(failures()).toEqual([]);
	});

	test('is restored in place as it was, what the backup does not cover stays, and undo takes it back', async () => {
		const {result, target, dataFolder} = makeScene();
		const {backup} = await result(createRequest(target));
		const before = treeOf(dataFolder);
		write(dataFolder, {
			'files/a.txt': 'changed',
			'files/new.txt': 'new',
			'cache/d.bin': 'newer',
			'files/.thumbnails/new.png': 'new',
			'secrets/new.json': 'new',
		});
		rmSync(join(dataFolder, 'notes.txt'));
		const changed = treeOf(dataFolder);
		const source = {type: 'backup', key: backup.key} as const;
		const {plan} = await result({type: 'plan', target, source});
		expect(plan.counts).toMatchObject({added: 1, changed: 1, removed: 2});
		expect(plan.parts.map(({name, title}) => [name, title])).toEqual([
			['config', 'Configuration'],
			['files', 'Files'],
			['other', 'Everything else'],
		]);
		expect(plan.activity).toMatchObject({state: 'stopped'});
		const {comparison} = await result({type: 'compare', target, left: source, right: {type: 'live'}});
		expect(comparison.counts).toEqual(plan.counts);
		await result({type: 'restore', target, source, allowNewer: false});
		expect(readFileSync(join(dataFolder, 'files/a.txt'), 'utf8')).toBe('a');
		expect(existsSync(join(dataFolder, 'files/new.txt'))).toBe(false);
		expect(existsSync(join(dataFolder, 'secrets/new.json'))).toBe(false);
		expect(readFileSync(join(dataFolder, 'cache/d.bin'), 'utf8')).toBe('newer');
		expect(readFileSync(join(dataFolder, 'files/.thumbnails/new.png'), 'utf8')).toBe('new');
		expect(treeOf(dataFolder, ['cache/d.bin', 'files/.thumbnails/new.png'])).toEqual(before);
		await result({type: 'undo', target});
		expect(treeOf(dataFolder)).toEqual(changed);
	});

	test('single parts and files are restored, left out and exported by the plugin’s names', async () => {
		const {root, result, target, dataFolder, run} = makeScene();
		const {backup} = await result(createRequest(target, {excludes: ['files'], includes: ['thumbnails']}));
		const names = entriesOf(backup.path);
		expect(names).not.toContain('data/files/a.txt');
		expect(names).toContain('data/files/.thumbnails/a.png');
		expect(await run(createRequest(target, {excludes: ['other']}))).toMatchObject({error: {code: 'usage'}});
		expect(await run(createRequest(target, {excludes: ['nothing']}))).toMatchObject({error: {code: 'usage'}});
		const source = {type: 'backup', key: backup.key} as const;
		write(dataFolder, {'files/a.txt': 'changed', 'files/.thumbnails/a.png': 'changed', 'notes.txt': 'changed'});
		await result({type: 'restore', target, source, allowNewer: false, parts: ['thumbnails']});
		expect(readFileSync(join(dataFolder, 'files/.thumbnails/a.png'), 'utf8')).toBe('thumbnail');
		expect(readFileSync(join(dataFolder, 'files/a.txt'), 'utf8')).toBe('changed');
		expect(readFileSync(join(dataFolder, 'notes.txt'), 'utf8')).toBe('changed');
		await result({type: 'restore', target, source, allowNewer: false, files: ['notes.txt']});
		expect(readFileSync(join(dataFolder, 'notes.txt'), 'utf8')).toBe('of no part');
		const destination = join(root, 'part.zip');
		await result({type: 'export', target, source, destination, parts: ['config'], files: []});
		expect([...entriesOf(destination)].sort()).toEqual(['data/config.json', 'data/secrets/keys.json']);
	});

	test('a print guards it: readiness is asked, and what it prints is not restored over', async () => {
		const {result, run, target, dataFolder, client} = makeScene();
		const {backup} = await result(createRequest(target));
		write(dataFolder, {'server.json': '{"state": "printing", "detail": "vase.gcode"}'});
		expect(await client.request('instances.inspect', {dataFolder, kind})).toMatchObject({running: true});
		const source = {type: 'backup', key: backup.key} as const;
		const {plan} = await result({type: 'plan', target, source});
		expect(plan).toMatchObject({activity: {state: 'printing', detail: 'vase.gcode'}, serverRunning: true});
		expect(plan.activityRefusal).not.toBe('');
		expect(await run({type: 'restore', target, source, allowNewer: false})).toMatchObject({error: {code: 'printing'}});
		write(dataFolder, {'server.json': '{"state": "stopped"}'});
		expect(await run({type: 'restore', target, source, allowNewer: false})).toMatchObject({outcome: 'done'});
	});

	test('folders behind links are read where they lie, and restored there', async () => {
		const {root, result, target, dataFolder} = makeScene();
		const disk = join(root, 'disk');
		mkdirSync(disk);
		renameSync(join(dataFolder, 'files'), join(disk, 'files'));
		symlinkSync(join(disk, 'files'), join(dataFolder, 'files'));
		write(join(disk, 'more'), {'m.txt': 'more'});
		symlinkSync(join(disk, 'more'), join(dataFolder, 'more'));
		const {backup} = await result(createRequest(target));
		expect(entriesOf(backup.path)).toEqual(expect.arrayContaining(['data/files/a.txt', 'data/more/m.txt']));
		write(disk, {'files/a.txt': 'changed', 'more/m.txt': 'changed'});
		await result({type: 'restore', target, source: {type: 'backup', key: backup.key}, allowNewer: false});
		expect(readFileSync(join(disk, 'files/a.txt'), 'utf8')).toBe('a');
		expect(readFileSync(join(disk, 'more/m.txt'), 'utf8')).toBe('more');
	});

	test.each(['files/backups', 'backups'])(
		'a store inside the data folder is not packed into itself, and no restore moves it: %s',
		async place => {
			const {result, target: usual, dataFolder} = makeScene();
			const store = join(dataFolder, place);
			const target = {...usual, store};
			const first = await result(createRequest(target));
			const second = await result(createRequest(target));
			expect(entriesOf(second.backup.path).filter(name => name.endsWith('.zip'))).toEqual([]);
			await result({
				type: 'restore',
				target,
				source: {type: 'backup', key: first.backup.key},
				allowNewer: false,
				mode: 'exact',
			});
			expect(readdirSync(store).filter(name => name.endsWith('.zip')).length).toBe(2);
		},
	);
});

describe('without the plugin', () => {
	test('backups are listed, verified, compared, and unpacked into a folder; what needs the server says why it cannot', async () => {
		const root = temporaryDirectory();
		const {dataFolder, target} = makeServer(root);
		const source = copyExample(join(root, 'plugins'), 'file-server');
		const {backup} = await makePluginClient(root, {sources: [source]}).result(createRequest(target));
		const {client, result, run} = makePluginClient(root, {sources: []});
		const {items} = await client.request('backups.list', {target, offset: 0, limit: 10});
		expect(items).toMatchObject([{key: backup.key, kind, health: {type: 'verified'}}]);
		const archive = {type: 'backup', key: backup.key} as const;
		expect((await client.request('backup.details', {target, source: archive})).parts).toHaveLength(6);
		expect(await result({type: 'verify', target, sources: 'all'})).toMatchObject({results: [{ok: true}]});
		expect(await result({type: 'compare', target, left: archive, right: archive})).toMatchObject({
			comparison: {counts: {added: 0, changed: 0, removed: 0, kept: 7}},
		});
		const to = join(root, 'unpacked');
		await result({type: 'restore', target, source: archive, allowNewer: false, to});
		expect(readFileSync(join(to, 'files/deep/b.txt'), 'utf8')).toBe('bb');
		expect(readFileSync(join(to, 'printkeep.json'), 'utf8')).toBe(files['printkeep.json']);
		// From an instance of another kind, too.
		const octoprint: Target = {...target, instance: {...makeInstance(root), name: 'octoprint', kind: 'octoprint'}};
		const file = {type: 'file', path: backup.path} as const;
		const elsewhere = join(root, 'unpacked-2');
		await result({type: 'restore', target: octoprint, source: file, allowNewer: false, to: elsewhere});
		expect(treeOf(elsewhere)).toEqual(treeOf(to));
		for (const request of [
			{type: 'restore', target, source: archive, allowNewer: false} as const,
			createRequest(target),
		]) {
			expect(await run(request)).toMatchObject({
				error: {
					code: 'no-plugin',
					message: expect.stringContaining('file-server'),
					hint: expect.stringContaining('--to'),
				},
			});
		}

		expect(await run({type: 'import', target: octoprint, path: backup.path})).toMatchObject({
			error: {code: 'wrong-server'},
		});
		expect(await run({type: 'restore', target: octoprint, source: file, allowNewer: false})).toMatchObject({
			error: {code: 'wrong-server'},
		});
		expect(await client.request('status.report', {target, overdueAfterMilliseconds: 1e9})).toMatchObject({total: 1});
		expect(existsSync(dataFolder)).toBe(true);
	});

	test('an OctoPrint instance has nothing to do with it', async () => {
		const root = temporaryDirectory();
		const instance = makeInstance(root);
		const hangs = `id: 'hangs', name: 'Hangs', adapter: {kind: 'hangs', detect: () => new Promise(() => {}), inspect: () => new Promise(() => {}), parts: () => new Promise(() => {})}`;
		const {client, failures} = makePluginClient(root, {sources: [writePlugin(join(root, 'plugins'), 'hangs', hangs)]});
		const found = await client.request('instances.inspect', {dataFolder: instance.dataFolder});
		expect(found.kind).toBe('octoprint');
		await client.request('instances.find', {extraFolders: []});
		await client.request('parts.list', {instance: found, store: join(root, 'store')});
		expect(failures()).toEqual([]);
	});
});

describe('an adapter that is wrong', () => {
	const adapterOf = (methods: string, more = ''): string =>
		`id: 'bad', name: 'Bad', ${more} adapter: {kind: 'bad', detect: () => [], inspect: () => ({version: null}), parts: () => [], ${methods}}`;

	/** Waits less long for what never answers; everything else has its time, on a busy machine too. */
	const hasten = (methods: string, call: string): string =>
		methods.includes('new Promise') ? `timeLimits: {${call}: 0.5},` : '';

	const hostile = (methods: string, more = '', policy?: Target['pluginPolicy']) => {
		const root = temporaryDirectory();
		const source = writePlugin(join(root, 'plugins'), 'bad', adapterOf(methods, more));
		const {target, dataFolder} = makeServer(root);
		const instance = {...target.instance, kind: 'plugin-bad'} as const;
		const scene = makePluginClient(root, {sources: [source]});
		return {root, dataFolder, ...scene, target: {...target, instance, ...(policy ? {pluginPolicy: policy} : {})}};
	};

	test.each([
		['leads out of the folder', `[{name: 'a', title: 'A', paths: ['../other']}]`],
		['leads out of it by a detour', `[{name: 'a', title: 'A', paths: ['files/../../other']}]`],
		['is absolute', `[{name: 'a', title: 'A', paths: ['/etc']}]`],
		['is all of it', `[{name: 'a', title: 'A', paths: ['files/..']}]`],
		['is printkeep’s', `[{name: 'a', title: 'A', paths: ['.printkeep']}]`],
		['has no name', `[{name: '', title: 'A', paths: ['files']}]`],
		['has the name of the rest', `[{name: 'other', title: 'A', paths: ['files']}]`],
		['is there twice', `[{name: 'a', title: 'A', paths: ['files']}, {name: 'b', title: 'B', paths: ['files/']}]`],
		[
			'has a name that is there twice',
			`[{name: 'a', title: 'A', paths: ['files']}, {name: 'a', title: 'B', paths: []}]`,
		],
		['is one of thousands', `Array.from({length: 5000}, (_, i) => ({name: 'p' + i, title: '', paths: ['p' + i]}))`],
		['is none', `'files'`],
		['is no list', `[{name: 'a', title: 'A', paths: 'files'}]`],
		['has no known inclusion', `[{name: 'a', title: 'A', paths: ['files'], inclusion: 'maybe'}]`],
	])('a part that %s: nothing is backed up, and the plugin is named', async (_what, parts) => {
		const {run, target, failures} = hostile(`parts: () => ${parts}`);
		expect(await run(createRequest(target))).toMatchObject({
			outcome: 'failed',
			error: {code: 'plugin-failed', message: expect.stringContaining('bad')},
		});
		expect(failures().join()).toContain('adapterParts');
		expect(existsSync(target.store) ? readdirSync(target.store).filter(name => name.includes('zip')) : []).toEqual([]);
	});

	test.each([
		['detect', 'detect: () => [{dataFolder: "relative"}]'],
		['detect', 'detect: () => "all"'],
		['detect', 'detect() { throw new Error("no"); }'],
		['detect', 'detect: () => new Promise(() => {})'],
	])('a %s that is wrong hides nothing: %s', async (_what, methods) => {
		const {client, failures} = hostile(methods, hasten(methods, 'adapterDetect'));
		const {found} = await client.request('instances.find', {extraFolders: [], asksPlugins: true});
		// What else runs on this machine is none of this test's.
		expect(found.filter(each => each.kind !== 'octoprint')).toEqual([]);
		expect(failures()).toHaveLength(1);
	});

	test('an inspect that is wrong says so, and takes no folder for its own', async () => {
		const {client, dataFolder, target} = hostile('inspect: () => ({version: 3})');
		await expect(client.request('instances.inspect', {dataFolder})).rejects.toMatchObject({
			code: 'no-instance',
			hint: expect.stringContaining('bad'),
		});
		await expect(client.request('instances.inspect', {dataFolder, kind: target.instance.kind})).rejects.toMatchObject({
			code: 'plugin-failed',
		});
	});

	test.each([
		['throws', 'readiness() { throw new Error("no answer"); }'],
		['says what nobody knows', 'readiness: () => ({state: "sleeping"})'],
		['never answers', 'readiness: () => new Promise(() => {})'],
		['is missing', 'title: "Bad"'],
	])('a readiness that %s counts as printing, and a backup is made all the same', async (_what, methods) => {
		const {result, run, target} = hostile(methods, hasten(methods, 'adapterReadiness'));
		const {backup} = await result(createRequest(target));
		const source = {type: 'backup', key: backup.key} as const;
		const restore = {type: 'restore', target, source, allowNewer: false} as const;
		expect(await run(restore)).toMatchObject({outcome: 'failed'});
		if (methods.startsWith('title')) {
			expect(await run(restore)).toMatchObject({error: {code: 'printing'}});
			expect(await run({...restore, evenIfPrinting: true, stopServer: false})).toMatchObject({outcome: 'done'});
		}
	});

	const counting = (folder: string, more: string): string => `quiesce(dataFolder) {
		${more}
		appendFileSync(${JSON.stringify(join(folder, 'calls'))}, 'rest ');
		return () => appendFileSync(${JSON.stringify(join(folder, 'calls'))}, 'on ');
	}`;

	const withCalls = (more = '', policy?: Target['pluginPolicy'], whileResting = '', properties = '') => {
		const root = temporaryDirectory();
		const calls = mkdtempSync(join(root, 'calls-'));
		const source = writePlugin(
			join(root, 'plugins'),
			'bad',
			adapterOf(more === '' ? counting(calls, whileResting) : more, `${hasten(more, 'adapterQuiesce')} ${properties}`),
			`import {appendFileSync} from 'node:fs';`,
		);
		const {target, dataFolder} = makeServer(root);
		const instance = {...target.instance, kind: 'plugin-bad'} as const;
		return {
			...makePluginClient(root, {sources: [source]}),
			dataFolder,
			target: {...target, instance, ...(policy ? {pluginPolicy: policy} : {})},
			calls: () => (existsSync(join(calls, 'calls')) ? readFileSync(join(calls, 'calls'), 'utf8') : ''),
		};
	};

	test('the server is let go on exactly once: after a backup, after one that failed, after one that was cancelled', async () => {
		const {result, run, client, calls, target} = withCalls();
		await result(createRequest(target));
		expect(calls()).toBe('rest on ');
		// The name is refused before the server is asked to rest.
		await result(createRequest(target, {name: 'taken'}));
		expect(await run(createRequest(target, {name: 'taken'}))).toMatchObject({error: {code: 'name-clash'}});
		expect(calls()).toBe('rest on rest on ');
		const limited = {...target, limits: {entries: 2}};
		expect(await run(createRequest(limited, {rehash: true}))).toMatchObject({outcome: 'failed'});
		expect(calls()).toBe('rest on rest on rest on ');
		let jobId = '';
		const unsubscribe = client.subscribe(event => {
			if (event.type === 'phase' && event.jobId === jobId && event.phase === 'writing') {
				void client.request('job.cancel', {jobId});
			}
		});
		expect(
			await run(createRequest(target, {rehash: true}), id => {
				jobId = id;
			}),
		).toMatchObject({outcome: 'cancelled'});
		unsubscribe();
		expect(calls()).toBe('rest on rest on rest on rest on ');
	});

	test('the server is let go on when printkeep ends in the middle of a backup that the plugin itself has asked for', async () => {
		const properties = `commands: {backup: {run(_data, context) { context.createBackup().catch(() => undefined); }}},`;
		const {client, calls, target, dataFolder, events} = withCalls('', undefined, '', properties);
		writeFileSync(join(dataFolder, 'large.bin'), randomBytes(80_000_000));
		const ended = new Promise<void>(resolve => {
			client.subscribe(event => {
				if (event.type === 'phase' && event.phase === 'writing') {
					resolve(client.close());
				}
			});
		});
		await client.request('plugins.command', {plugin: 'bad', command: 'backup', data: {}, target});
		await ended;
		expect(events.find(event => event.type === 'job-finished')).toMatchObject({outcome: 'cancelled'});
		expect(calls()).toBe('rest on ');
	});

	test.each([
		['throws', 'quiesce() { throw new Error("too busy"); }', 'too busy'],
		['never answers', 'quiesce: () => new Promise(() => {})', 'did not answer within 0.5 seconds'],
		['answers with no function', 'quiesce: () => 5', 'did not answer with a function'],
	])('a quiesce that %s: the backup says so, or is not begun, as the policy is', async (_what, methods, words) => {
		const {result, target} = withCalls(methods);
		const {notes, files: count} = await result(createRequest(target));
		expect(notes.join()).toContain(words);
		expect(count).toBe(9);
		const strict = withCalls(methods, 'abort');
		expect(await strict.run(createRequest(strict.target))).toMatchObject({error: {code: 'plugin-failed'}});
	});

	test('a plugin that is put aside while the server rests lets it go on all the same', async () => {
		const {result, target, calls, failures} = withCalls(
			undefined,
			undefined,
			'for (const _ of [1, 2, 3]) Promise.reject(new Error("astray"));',
		);
		expect(await result(createRequest(target))).toMatchObject({files: 9});
		expect(failures()).toHaveLength(3);
		expect(calls()).toBe('rest on ');
	});

	test('a server that cannot be told to go on: the backup stands, and it is said', async () => {
		const {result, target, events} = withCalls('quiesce: () => () => { throw new Error("deaf"); }');
		expect(await result(createRequest(target))).toMatchObject({files: 9});
		expect(
			events.flatMap(event => (event.type === 'log' && event.level === 'error' ? [event.text] : [])).join(),
		).toMatch(/could not be told to go on: .*deaf/u);
	});
});
