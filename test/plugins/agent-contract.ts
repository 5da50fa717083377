/** What every agent must do, whatever place it stands for: one suite, run on each of them through the real plugin thread. */
import {createHash} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import type {AgentBackup} from '../../source/plugins/api.js';
import type {PluginService} from '../../source/plugins/service-types.js';
import {type PluginPlace, startPluginsIn} from '../helpers/plugins.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

export type AgentUnderTest = PluginPlace & {
	/** `<plugin>.<agent>` */
	readonly agent: string;
};

const about = {instance: null};

const startService = (
	root: string,
	place: PluginPlace,
): {readonly service: PluginService; readonly failures: string[]} => {
	const failures: string[] = [];
	const never = async (): Promise<never> => {
		throw new Error('Nothing of the kind is asked for here.');
	};
	const service = startPluginsIn(
		root,
		place,
	)({
		requests: {serverActivity: never, createBackup: never, deleteBackup: never},
		onLog: () => undefined,
		onFailure: (plugin, reason) => failures.push(`${plugin}: ${reason}`),
		onAgentsChanged: () => undefined,
	});
	onTestFinished(async () => service.close());
	return {service, failures};
};

/** Bytes that no part of which is like another, and a backup of that name. */
const makeArchive = (
	root: string,
	id: string,
	bytes: number,
): {readonly path: string; readonly backup: AgentBackup} => {
	const content = Buffer.alloc(bytes);
	for (let at = 0, block = createHash('sha256').update(id).digest(); at < bytes; at += block.length) {
		block.copy(content, at);
		block = createHash('sha256').update(block).digest();
	}

	const path = join(root, id);
	writeFileSync(path, content);
	return {
		path,
		backup: {
			id,
			name: `A backup called ${id}`,
			bytes,
			createdAt: Date.UTC(2026, 1, 3),
			instance: 'octoprint',
			sha256: createHash('sha256').update(content).digest('hex'),
			extra: {sequence: 7},
		},
	};
};

/** Runs the contract on an agent that is set up anew for each test, with nothing in it. */
export const agentContract = (name: string, setUp: (root: string) => AgentUnderTest): void => {
	describe(`the agent ${name}`, () => {
		const scene = () => {
			const root = temporaryDirectory();
			const place = setUp(root);
			const {service, failures} = startService(root, place);
			const {agent} = place;
			const upload = async (id: string, bytes: number) => {
				const {path, backup} = makeArchive(root, id, bytes);
				const progress: number[] = [];
				await service.agentUpload(agent, backup, path, {...about, onProgress: done => progress.push(done)});
				return {path, backup, progress};
			};
			const download = async (backup: AgentBackup) => {
				const path = join(root, `received-${backup.id}`);
				writeFileSync(path, '', {mode: 0o600});
				const progress: number[] = [];
				const {bytes} = await service.agentDownload(agent, backup, path, {
					...about,
					onProgress: done => progress.push(done),
				});
				return {path, bytes, progress};
			};
			return {root, agent, service, failures, upload, download};
		};

		test('is listed, and has nothing at first', async () => {
			const {agent, service, failures} = scene();
			const {agents, problems} = await service.agents(null);
			expect(problems).toEqual([]);
			expect(agents.map(({id}) => id)).toContain(agent);
			expect(await service.agentBackups(agent, about)).toEqual([]);
			expect(failures).toEqual([]);
		});

		test('what is uploaded is listed, told, and comes back byte for byte; progress only grows', async () => {
			const {agent, service, failures, upload, download} = scene();
			const large = await upload('large.zip', 3_000_001);
			await upload('empty.zip', 0);
			const listed = await service.agentBackups(agent, about);
			expect(listed.map(({id, bytes}) => [id, bytes]).sort()).toEqual([
				['empty.zip', 0],
				['large.zip', 3_000_001],
			]);
			expect(await service.agentBackup(agent, 'large.zip', about)).toMatchObject({
				id: 'large.zip',
				bytes: 3_000_001,
				createdAt: large.backup.createdAt,
			});
			for (const {sha256} of listed.filter(({id}) => id === 'large.zip')) {
				expect([undefined, large.backup.sha256]).toContain(sha256);
			}

			const back = await download(large.backup);
			expect(back.bytes).toBe(3_000_001);
			expect(readFileSync(back.path).equals(readFileSync(large.path))).toBe(true);
			for (const progress of [large.progress, back.progress]) {
				expect(progress).toEqual([...progress].sort((a, b) => a - b));
				expect(Math.max(0, ...progress)).toBeLessThanOrEqual(3_000_001);
			}

			expect(failures).toEqual([]);
		});

		test('what is deleted is gone, and only that', async () => {
			const {agent, service, failures, upload} = scene();
			await upload('one.zip', 1000);
			await upload('two.zip', 2000);
			await service.agentDelete(agent, 'one.zip', about);
			expect((await service.agentBackups(agent, about)).map(({id}) => id)).toEqual(['two.zip']);
			expect(failures).toEqual([]);
		});

		test.each(['nothing.zip', '../outside.zip', '.hidden', 'a/b.zip'])(
			'what is not there is not found, and that is no fault of the plugin: %s',
			async id => {
				const {agent, service, failures, download} = scene();
				const missing = {code: 'not-found'};
				await expect(service.agentBackup(agent, id, about)).rejects.toMatchObject(missing);
				await expect(service.agentDelete(agent, id, about)).rejects.toMatchObject(missing);
				await expect(download({id: id.replaceAll('/', '-'), name: '', bytes: 10, createdAt: 0})).rejects.toMatchObject(
					missing,
				);
				expect(failures).toEqual([]);
			},
		);
	});
};
