import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Target} from '../../source/client/protocol.js';
import {createRequest, makeTarget} from '../helpers/engine-client.js';
import {makeInstance} from '../helpers/make-instance.js';
import {copyExample, makePluginClient, writePlugin} from '../helpers/plugins.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {waitFor} from '../helpers/wait-for.js';
import {agentContract} from './agent-contract.js';

const withFolder = (root: string) => ({
	sources: [copyExample(join(root, 'plugins'), 'folder-agent')],
	settings: {'folder-agent': {folder: join(root, 'copies')}},
	agent: 'folder-agent.folder',
});

agentContract('of the example', root => {
	mkdirSync(join(root, 'copies'));
	return withFolder(root);
});

/** Three methods over whole files, and a list that is read from names and sizes alone. */
const olderAgent = (folder: string): string => `
	import {copyFileSync, existsSync, readdirSync, rmSync, statSync} from 'node:fs';
	import {join} from 'node:path';
	const folder = ${JSON.stringify(folder)};
	const older = {
		id: 'older',
		name: 'Older',
		listBackups: () => readdirSync(folder).map(id => ({id, name: id, bytes: statSync(join(folder, id)).size, createdAt: ${Date.UTC(2026, 1, 3)}})),
		uploadBackup(path, {id}) { copyFileSync(path, join(folder, id)); },
		downloadBackup(id, path) { copyFileSync(join(folder, id), path); },
		deleteBackup(id) { rmSync(join(folder, id)); },
	};`;

agentContract('of the older kind', root => {
	const folder = join(root, 'older');
	mkdirSync(folder);
	return {
		sources: [
			writePlugin(
				join(root, 'plugins'),
				'older',
				`id: 'old', name: 'Old', agents: {agents: () => [fromSyncAgent(older)]}`,
				olderAgent(folder),
			),
		],
		agent: 'old.older',
	};
});

/** Keeps everything in memory, and reads what it is given twice: the first time it stops half-way, as after a lost connection. */
agentContract('that tries again', root => ({
	sources: [
		writePlugin(
			join(root, 'plugins'),
			'again',
			`id: 'again', name: 'Again', agents: {agents: () => [agent]}`,
			`const kept = new Map();
			const find = id => { const found = kept.get(id); if (!found) throw notFound(id); return found; };
			const agent = {
				id: 'memory', name: 'Memory',
				list: () => [...kept.values()].map(({backup}) => backup),
				get: id => find(id).backup,
				async upload({backup, openStream, onProgress}) {
					for await (const piece of openStream()) { onProgress(piece.length); break; }
					const pieces = [];
					let bytes = 0;
					for await (const piece of openStream()) { pieces.push(piece); onProgress(bytes += piece.length); }
					kept.set(backup.id, {backup, pieces});
				},
				async *download(id) { yield* find(id).pieces; },
				delete: id => { find(id); kept.delete(id); },
			};
			agent.download = (download => async id => { find(id); return download(id); })(agent.download);`,
		),
	],
	agent: 'again.memory',
}));

const makeScene = (
	root = temporaryDirectory(),
	place: {
		readonly sources: readonly string[];
		readonly settings?: Readonly<Record<string, {readonly folder: string}>>;
	} = withFolder(root),
) => {
	const instance = makeInstance(root);
	const target: Target = makeTarget(instance.dataFolder, join(root, 'store'));
	return {root, target, copies: join(root, 'copies'), ...makePluginClient(root, place)};
};

/** What lies in the store and could be taken for a backup, and what is left of unfinished ones. */
const namesIn = (folder: string): readonly string[] =>
	existsSync(folder) ? readdirSync(folder).filter(name => /zip/u.test(name)) : [];

describe('send and fetch', () => {
	test('a backup goes to a folder and comes back, verified; nothing is sent twice', async () => {
		const {target, copies, client, result, run, events, failures} = makeScene();
		mkdirSync(copies);
		const {backup} = await result(createRequest(target, {note: 'before the move'}));
		const source = {type: 'backup', key: backup.key} as const;
		const agent = 'folder-agent.folder';
		const sent = await result({type: 'send', target, source, agent});
		expect(sent).toMatchObject({agent, id: backup.key, bytes: backup.bytes, comparedBy: 'sha256', wasThere: false});
		expect(readFileSync(join(copies, backup.key)).equals(readFileSync(backup.path))).toBe(true);
		expect(await client.request('agent.backups', {agent, target})).toMatchObject([
			{id: backup.key, name: 'before the move', bytes: backup.bytes, sha256: sent.sha256, instance: 'octoprint'},
		]);
		expect(await result({type: 'send', target, source, agent})).toMatchObject({wasThere: true});

		await result({type: 'delete', target, keys: [backup.key], allowPinned: false, permanently: true});
		const fetched = await result({type: 'fetch', target, agent, id: backup.key});
		expect(fetched.backup).toMatchObject({key: backup.key, origin: 'store', health: {type: 'verified'}});
		expect(readFileSync(fetched.backup.path).equals(readFileSync(join(copies, backup.key)))).toBe(true);
		expect(statSync(fetched.backup.path).mode & 0o777).toBe(0o600);
		expect(await result({type: 'verify', target, sources: 'all'})).toMatchObject({results: [{ok: true}]});

		await client.request('agent.delete', {agent, id: backup.key, target});
		expect(await client.request('agent.backups', {agent, target})).toEqual([]);
		expect(await run({type: 'fetch', target, agent, id: backup.key})).toMatchObject({error: {code: 'not-found'}});
		expect(failures()).toEqual([]);
		const phases = events.flatMap(event => (event.type === 'phase' ? [event.phase] : []));
		expect(phases).toEqual(expect.arrayContaining(['sending', 'receiving']));
	});

	test('another backup of the same name there is not overwritten', async () => {
		const {target, copies, result, run} = makeScene();
		mkdirSync(copies);
		const {backup} = await result(createRequest(target));
		const other = {id: backup.key, name: '', bytes: 5, createdAt: 0};
		writeFileSync(join(copies, backup.key), 'other');
		writeFileSync(join(copies, `${backup.key}.json`), JSON.stringify(other));
		const ended = await run({
			type: 'send',
			target,
			source: {type: 'backup', key: backup.key},
			agent: 'folder-agent.folder',
		});
		expect(ended.error).toMatchObject({code: 'name-clash'});
		expect(readFileSync(join(copies, backup.key), 'utf8')).toBe('other');
	});

	test('a damaged backup is not sent', async () => {
		const {target, copies, result, run} = makeScene();
		mkdirSync(copies);
		const {backup} = await result(createRequest(target));
		const bytes = readFileSync(backup.path);
		bytes[200] = (bytes[200] ?? 0) ^ 1;
		writeFileSync(backup.path, bytes);
		const ended = await run({
			type: 'send',
			target,
			source: {type: 'backup', key: backup.key},
			agent: 'folder-agent.folder',
		});
		expect(ended.error?.message).toContain('It was not sent');
		expect(readdirSync(copies)).toEqual([]);
	});

	test('a place that says no, and an agent there is not, are told as such and not put down to the plugin', async () => {
		const {target, result, run, failures} = makeScene();
		const {backup} = await result(createRequest(target));
		const source = {type: 'backup', key: backup.key} as const;
		const ended = await run({type: 'send', target, source, agent: 'folder-agent.folder'});
		expect(ended.error).toMatchObject({code: 'remote-failed', message: expect.stringContaining('is not there')});
		for (const agent of ['folder-agent.other', 'nobody.folder', 'folder']) {
			expect(await run({type: 'send', target, source, agent})).toMatchObject({error: {code: 'no-agent'}});
		}

		expect(failures()).toEqual([]);
	});

	test('where the folder changes, the list of agents is asked for again', async () => {
		const {root, client, events} = makeScene();
		const idsOf = async () => (await client.request('agents.list', {target: null})).agents.map(({name}) => name);
		expect(await idsOf()).toEqual([join(root, 'copies')]);
		await client.request('plugins.change', {
			plugin: 'folder-agent',
			changes: [{path: ['folder'], value: '/mnt/usb'}],
		});
		await waitFor('the change to be told', () => events.find(({type}) => type === 'agents-changed'));
		expect(await idsOf()).toEqual(['/mnt/usb']);
	});
});

describe('an agent that is wrong', () => {
	const agentOf = (methods: string, more = ''): string =>
		`id: 'bad', name: 'Bad', ${more} agents: {agents: () => [{
			id: 'agent', name: 'Agent',
			list: () => [], get: id => { throw notFound(id); }, upload() {}, download: async id => { throw notFound(id); }, delete() {},
			${methods}
		}]}`;
	const backupOf = (bytes: number, more = ''): string =>
		`({id: 'a.zip', name: 'a', bytes: ${bytes}, createdAt: 1 ${more}})`;

	const hostile = async (methods: string, more = '') => {
		const root = temporaryDirectory();
		const scene = makeScene(root, {sources: [writePlugin(join(root, 'plugins'), 'bad', agentOf(methods, more))]});
		const {target, result, run} = scene;
		const {backup} = await result(createRequest(target));
		return {
			...scene,
			backup,
			send: async (onStart?: (jobId: string) => void) =>
				run({type: 'send', target, source: {type: 'backup', key: backup.key}, agent: 'bad.agent'}, onStart),
			fetch: async (onStart?: (jobId: string) => void) =>
				run({type: 'fetch', target, agent: 'bad.agent', id: 'a.zip'}, onStart),
		};
	};

	test.each([
		['throws', 'upload() { throw new Error("out of order"); }', 'out of order'],
		['rejects with nothing', 'upload: async () => { throw undefined; }', 'undefined'],
		['lists something else', 'list: () => "nothing"', 'agentBackups'],
		['lists what is no backup', 'list: () => [{id: 5}]', 'agentBackups'],
		['lists negative sizes', 'list: () => [{id: "a", name: "a", bytes: -1, createdAt: 1}]', '0.bytes'],
		['lists names with escape codes', 'list: () => [{id: "\\u001b[2J", name: "a", bytes: 1, createdAt: 1}]', '0.id'],
	])('%s: the job fails, and the plugin is named', async (_what, methods, words) => {
		const {send, failures, store} = await hostile(methods).then(scene => ({...scene, store: scene.target.store}));
		const {error} = await send();
		expect(error).toMatchObject({code: 'plugin-failed', message: expect.stringContaining('bad')});
		expect(failures().join()).toContain(words);
		expect(namesIn(store)).toHaveLength(1);
	});

	test.each([
		[
			'never gets on',
			'upload: () => new Promise(() => {})',
			'timeLimits: {agentUpload: 0.3},',
			'did not get on for 0.3 seconds',
		],
		[
			'does not end',
			'list: () => new Promise(() => {})',
			'timeLimits: {agentBackups: 0.3},',
			'did not answer within 0.3 seconds',
		],
	])('%s: it is waited for a while only', async (_what, methods, more, words) => {
		const {send, failures} = await hostile(methods, more);
		expect(await send()).toMatchObject({outcome: 'failed', error: {code: 'plugin-failed'}});
		expect(failures().join()).toContain(words);
	});

	test('uploads nothing and says that all is well: the copy is looked for, and not found', async () => {
		const {send, failures} = await hostile('');
		expect(await send()).toMatchObject({
			error: {code: 'remote-failed', message: expect.stringContaining('does not list it')},
		});
		expect(failures()).toEqual([]);
	});

	test('lists another size or hash than was sent: the copy does not count', async () => {
		const size = await hostile(
			'upload({backup}) { this.kept = [{...backup, bytes: backup.bytes - 1}]; }, list() { return this.kept ?? []; }',
		);
		expect((await size.send()).error?.message).toMatch(/with \d+ bytes instead of \d+/u);
		const hash = await hostile(
			`upload({backup}) { this.kept = [{...backup, sha256: '0'.repeat(64)}]; }, list() { return this.kept ?? []; }`,
		);
		expect((await hash.send()).error?.message).toContain('with another hash');
	});

	test.each([
		[
			'other bytes',
			`async *stream() { yield Buffer.from('twelve bytes'); }`,
			backupOf(12, `, sha256: '${'1'.repeat(64)}'`),
			'its hash is another one',
		],
		['fewer bytes', `async *stream() { yield Buffer.from('few'); }`, backupOf(12), '3 bytes instead of 12'],
		[
			'bytes that are no archive',
			`async *stream() { yield Buffer.from('twelve bytes'); }`,
			backupOf(12),
			'not a ZIP archive',
		],
		[
			'more bytes than it says, without end',
			`async *stream() { for (;;) yield Buffer.alloc(1000); }`,
			backupOf(5000),
			'more than the 5000 bytes',
		],
		['texts instead of bytes', `async *stream() { yield 'text'; }`, backupOf(12), 'no bytes'],
		['no stream', `stream: () => 12`, backupOf(12), 'did not answer with a stream of bytes'],
		['another backup', `stream: () => 12`, `({id: 'b.zip', name: 'b', bytes: 1, createdAt: 1})`, 'another backup'],
		[
			'bytes, and then an error',
			`async *stream() { yield Buffer.from('some'); throw new Error('gone'); }`,
			backupOf(12),
			'gone',
		],
	])('gives %s: nothing of it is left in the store', async (_what, stream, backup, words) => {
		const {
			fetch,
			target,
			backup: own,
		} = await hostile(`get: () => ${backup}, ${stream}, async download() { return this.stream(); }`);
		const {outcome, error} = await fetch();
		expect(outcome).toBe('failed');
		expect(error?.message).toContain(words);
		expect(namesIn(target.store)).toEqual([own.key]);
	});

	test('a transfer that is cancelled ends at once, both ways, and leaves nothing in the store', async () => {
		const {send, fetch, client, target, backup} = await hostile(
			`upload: () => new Promise(() => {}), get: () => ${backupOf(12)}, async download() { return {[Symbol.asyncIterator]: () => ({next: () => new Promise(() => {})})}; }`,
		);
		for (const [start, phase] of [
			[send, 'sending'],
			[fetch, 'receiving'],
		] as const) {
			const unsubscribe: (() => void)[] = [];
			const ended = start(jobId => {
				unsubscribe.push(
					client.subscribe(event => {
						if (event.type === 'phase' && event.jobId === jobId && event.phase === phase) {
							void client.request('job.cancel', {jobId});
						}
					}),
				);
			});
			expect(await ended).toMatchObject({outcome: 'cancelled', error: {code: 'cancelled'}});
			unsubscribe[0]?.();
		}

		expect(namesIn(target.store)).toEqual([backup.key]);
	});

	test('one that loops is ended, and another agent still works', async () => {
		const root = temporaryDirectory();
		mkdirSync(join(root, 'copies'));
		const good = withFolder(root);
		const {target, result, run, client} = makeScene(root, {
			...good,
			sources: [writePlugin(join(root, 'plugins'), 'bad', agentOf('upload() { for (;;); }')), ...good.sources],
		});
		const {backup} = await result(createRequest(target));
		const source = {type: 'backup', key: backup.key} as const;
		expect(await run({type: 'send', target, source, agent: 'bad.agent'})).toMatchObject({
			error: {code: 'plugin-failed', message: expect.stringContaining('bad')},
		});
		expect(await result({type: 'send', target, source, agent: good.agent})).toMatchObject({comparedBy: 'sha256'});
		const {agents} = await client.request('agents.list', {target});
		expect(agents.map(({id}) => id)).toEqual([good.agent]);
	});
});
