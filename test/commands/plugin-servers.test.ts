import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {copyExample} from '../helpers/plugins.js';
import {runPrintkeep} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

/** A kind of server that only a plugin knows, through the built program. */
const makePlace = () => {
	const folder = temporaryDirectory();
	const home = join(folder, 'home');
	const dataFolder = join(folder, 'server');
	mkdirSync(join(dataFolder, 'files'), {recursive: true});
	writeFileSync(join(dataFolder, 'config.json'), '{"server": "file-server", "version": "2.1", "name": "Attic"}');
	writeFileSync(join(dataFolder, 'files/a.txt'), 'a');
	const source = copyExample(join(folder, 'plugins'), 'file-server');
	const file = join(home, '.config/printkeep/settings.json');
	mkdirSync(join(home, '.config/printkeep'), {recursive: true, mode: 0o700});
	const configure = (enabled: boolean, instances: object = {}): void =>
		writeFileSync(
			file,
			JSON.stringify({
				instances,
				plugins: [{source, enabled}],
				pluginSettings: {'file-server': {version: null, values: {folders: [dataFolder]}}},
			}),
			{mode: 0o600},
		);
	configure(true);
	return {folder, dataFolder, configure, run: async (...args: readonly string[]) => runPrintkeep(args, {home})};
};

test('a data folder is named, backed up, looked at, restored and taken back', async () => {
	const {dataFolder, run} = makePlace();
	const on = (...args: readonly string[]) => run(...args, '--basedir', dataFolder);
	expect((await run('instances')).stdout).toMatch(/^attic +File server 2\.1 .* the plugin file-server$/mu);
	expect(await on('backup', '--name', 'first')).toMatchObject({code: 0, stderr: ''});
	expect((await on('list')).stdout).toMatch(/verified .* first\.zip$/mu);
	expect((await on('show', 'first.zip')).stdout).toMatch(/^files .* Files$/mu);
	expect((await on('verify', '--all')).code).toBe(0);
	writeFileSync(join(dataFolder, 'files/a.txt'), 'changed');
	expect((await on('compare', 'first.zip', 'live')).stdout).toMatch(/^changed .* files\/a\.txt$/mu);
	expect(await on('restore', 'first.zip', '--yes')).toMatchObject({code: 0, stderr: ''});
	expect(readFileSync(join(dataFolder, 'files/a.txt'), 'utf8')).toBe('a');
	// What the restore has kept beside the data makes it no other kind of server.
	expect((await on('status')).stdout).toMatch(/^Instance +attic, File server 2\.1/mu);
	expect(await on('undo', '--yes')).toMatchObject({code: 0});
	expect(readFileSync(join(dataFolder, 'files/a.txt'), 'utf8')).toBe('changed');
	const doctor = await on('doctor');
	expect(doctor.stdout).toContain('File server 2.1 in');
	expect(doctor.stdout).not.toContain('Python');
});

test('registered, it needs no folder; with its plugin switched off, its backups are still there', async () => {
	const {folder, dataFolder, configure, run} = makePlace();
	const instances = {attic: {kind: 'plugin-file-server', dataFolder}};
	configure(true, instances);
	expect(await run('backup', '--name', 'first')).toMatchObject({code: 0, stderr: ''});
	configure(false, instances);
	expect((await run('list')).stdout).toMatch(/verified .* first\.zip$/mu);
	expect((await run('verify', 'first.zip')).code).toBe(0);
	expect((await run('show', 'first.zip', '--files')).stdout).toContain('files/a.txt');
	expect(await run('restore', 'first.zip', '--to', join(folder, 'out'))).toMatchObject({code: 0, stderr: ''});
	expect(readFileSync(join(folder, 'out/files/a.txt'), 'utf8')).toBe('a');
	for (const args of [['backup'], ['restore', 'first.zip', '--yes']]) {
		const refused = await run(...args);
		expect(refused.code).toBe(10);
		expect(refused.stderr).toContain('No plugin here knows servers of the kind file-server');
		expect(refused.stderr).toContain('--to');
	}

	expect(existsSync(join(dataFolder, 'files/a.txt'))).toBe(true);
	// From a host that knows nothing of it, by the file alone.
	configure(false);
	const archive = (await run('list', '--store', join(folder, 'home/.local/share/printkeep/backups/attic'), '--json'))
		.stdout;
	const [{path}] = JSON.parse(archive).backups;
	expect(await run('restore', path, '--to', join(folder, 'out-2'))).toMatchObject({code: 0, stderr: ''});
	expect(readFileSync(join(folder, 'out-2/files/a.txt'), 'utf8')).toBe('a');
});

test('a settings file may name any kind a plugin may have, and no other', async () => {
	const {dataFolder, configure, run} = makePlace();
	configure(true, {attic: {kind: 'plugin-../x', dataFolder}});
	expect(await run('list')).toMatchObject({code: 2, stderr: expect.stringContaining('instances.attic.kind')});
});
