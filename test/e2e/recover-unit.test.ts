/** The line that the unit of systemd runs, as systemd runs it: no home, no settings, nothing in the environment. */
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {killInSwap} from '../helpers/kill-in-swap.js';
import {makeInstance} from '../helpers/make-instance.js';
import {runPrintkeep, runProgram} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

test('ends a restore that was killed, with the store gone', async () => {
	const root = join(temporaryDirectory(), 'with blank');
	mkdirSync(root);
	const {dataFolder} = makeInstance(root);
	const store = join(root, 'store');
	const home = join(root, 'home');
	const target = ['--basedir', dataFolder, '--store', store];
	expect((await runPrintkeep(['backup', '--name', 'good.zip', ...target], {home})).code).toBe(0);
	const config = join(dataFolder, 'config.yaml');
	const good = readFileSync(config, 'utf8');
	writeFileSync(config, 'changed: true\n');
	await killInSwap({dataFolder, store, backup: join(store, 'good.zip'), stateFolder: join(root, 'state')});
	expect(existsSync(config)).toBe(false);

	const {stdout: unit} = await runPrintkeep(['recover', '--systemd-unit', ...target], {home});
	rmSync(home, {recursive: true});
	rmSync(store, {recursive: true});
	const line = /^ExecStart=(.*)$/mu.exec(unit)?.[1] ?? '';
	// The words of the line are quoted as a shell understands them too.
	const run = async () =>
		runProgram('/bin/sh', ['-c', `exec env -i ${line}`], {env: {PATH: process.env.PATH}, cwd: '/'});
	expect(await run()).toMatchObject({code: 0, stdout: expect.stringContaining('was finished'), stderr: ''});
	expect(readFileSync(config, 'utf8')).toBe(good);
	expect(await run()).toMatchObject({code: 0, stdout: expect.stringContaining('No restore was interrupted')});
});
