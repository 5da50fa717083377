import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {makeInstance} from '../helpers/make-instance.js';
import {copyExample} from '../helpers/plugins.js';
import {runPrintkeep} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

/** Places for copies, through the built program. */
const makePlace = () => {
	const folder = temporaryDirectory();
	const home = join(folder, 'home');
	const copies = join(folder, 'copies');
	mkdirSync(copies);
	const {dataFolder} = makeInstance(folder);
	const source = copyExample(join(folder, 'plugins'), 'folder-agent');
	const settings = {
		plugins: [{source, enabled: true}],
		pluginSettings: {'folder-agent': {version: null, values: {folder: copies}}},
	};
	mkdirSync(join(home, '.config/printkeep'), {recursive: true, mode: 0o700});
	writeFileSync(join(home, '.config/printkeep/settings.json'), JSON.stringify(settings), {mode: 0o600});
	const run = async (...args: readonly string[]) => runPrintkeep([...args, '--basedir', dataFolder], {home});
	return {copies, run};
};

describe('printkeep agents, send, fetch', () => {
	test('there and back again', async () => {
		const {copies, run} = makePlace();
		expect((await run('backup', '--name', 'first')).code).toBe(0);
		const agents = await run('agents');
		expect(agents).toMatchObject({code: 0, stderr: ''});
		expect(agents.stdout).toMatch(/^folder-agent\.folder +\S+copies +folder-agent$/mu);
		expect((await run('agents', 'folder')).stdout).toContain('There are no backups at folder-agent.folder yet');

		const sent = await run('send', 'latest');
		expect(sent).toMatchObject({code: 0, stderr: ''});
		expect(sent.stdout).toContain('Sent first.zip to folder-agent.folder');
		expect(sent.stdout).toContain('with the same hash');
		expect((await run('send', 'first', '--agent', 'folder')).code).toBe(10);
		expect((await run('send', 'first.zip', '--agent', 'folder-agent.folder')).stdout).toContain('already');
		expect((await run('agents', 'folder-agent.folder')).stdout).toMatch(/first\.zip$/mu);
		expect(JSON.parse((await run('agents', 'folder', '--json')).stdout)).toMatchObject({
			agent: 'folder-agent.folder',
			backups: [{id: 'first.zip', sha256: expect.stringMatching(/^[0-9a-f]{64}$/u)}],
		});

		const fetched = await run('fetch', 'folder', 'first.zip');
		expect(fetched).toMatchObject({code: 0, stderr: ''});
		expect(fetched.stdout).toContain('Fetched as first-2.zip');
		expect((await run('verify', 'first-2.zip')).code).toBe(0);

		expect(await run('agents', 'delete', 'folder', 'first.zip')).toMatchObject({
			code: 5,
			stderr: expect.stringContaining('printkeep agents delete folder first.zip'),
		});
		expect(readFileSync(join(copies, 'first.zip')).length).toBeGreaterThan(0);
		expect(await run('agents', 'delete', 'folder', 'first.zip', '--yes')).toMatchObject({code: 0});
		expect(await run('agents', 'delete', 'folder', 'first.zip', '--yes')).toMatchObject({code: 10});
		expect(await run('fetch', 'folder', 'first.zip')).toMatchObject({code: 10});
	});

	test('mistakes are told, with what to do', async () => {
		const {run} = makePlace();
		expect((await run('backup', '--name', 'first')).code).toBe(0);
		expect(await run('send', 'first.zip', '--agent', 'foldr-agent.folder')).toMatchObject({
			code: 10,
			stderr: expect.stringContaining('Did you mean folder-agent.folder?'),
		});
		expect(await run('agents', 'delete', 'folder')).toMatchObject({code: 2});
		expect(await run('agents', 'folder', 'more')).toMatchObject({code: 2});
		expect(await run('fetch', 'folder')).toMatchObject({code: 2});
	});
});
