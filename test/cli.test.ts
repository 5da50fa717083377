import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {cliPath, isolatedEnvironment, runPrintkeep, runProgram} from './helpers/run-printkeep.js';
import {inTemporaryDirectory} from './helpers/temporary.js';

const {version} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {version: string};

test('the version is that of the package', async () => {
	await inTemporaryDirectory(async home => {
		expect(await runPrintkeep(['--version'], {home})).toEqual({code: 0, stdout: `${version}\n`, stderr: ''});
	});
});

test('where there is no print server, a pipe gets the next commands and exit 0', async () => {
	await inTemporaryDirectory(async home => {
		const {code, stdout, stderr} = await runPrintkeep(['--instance', 'nobody'], {home});
		expect([code, stderr]).toEqual([0, '']);
		expect(stdout).toContain('printkeep demo');
	});
});

test('a reader that goes early is no failure', async () => {
	await inTemporaryDirectory(async home => {
		const script = `"$0" "$1" help | head -n 1; echo "\${PIPESTATUS[0]}"`;
		const env = isolatedEnvironment(home);
		const {stdout, stderr} = await runProgram('bash', ['-c', script, process.execPath, cliPath], {env});
		expect([stdout, stderr]).toEqual(['Back up and restore 3D-print servers.\n0\n', '']);
	});
});

test('a full disk behind a redirection is a failure in words', async () => {
	await inTemporaryDirectory(async home => {
		const env = isolatedEnvironment(home);
		const script = '"$0" "$1" help > /dev/full';
		const {code, stderr} = await runProgram('bash', ['-c', script, process.execPath, cliPath], {env});
		expect([code, stderr]).toEqual([
			13,
			expect.stringMatching(/^printkeep: The output could not be written: the disk is full\.\n/),
		]);
	});
});

/** A Node that is too old for printkeep, if this machine has one. */
const oldNode = (): string | undefined => {
	for (const folder of ['/usr/local/bin', '/usr/bin', '/opt/node20/bin']) {
		try {
			const found = execFileSync(`${folder}/node`, ['--version'], {encoding: 'utf8'});
			if (Number(/^v(\d+)/.exec(found)?.[1]) < 22) {
				return `${folder}/node`;
			}
		} catch {
			// Not there; the next one.
		}
	}

	return undefined;
};

test('a Node that is too old is told in one sentence', async context => {
	const node = oldNode();
	if (node === undefined) {
		context.skip();
		return;
	}

	await inTemporaryDirectory(async home => {
		const {code, stdout, stderr} = await runPrintkeep(['list'], {home, node});
		expect([code, stdout]).toEqual([1, '']);
		expect(stderr).toMatch(/^printkeep needs Node 22\.22 or newer, and this is Node \d+\.\d+\.\d+: .+\.\n$/);
	});
});
