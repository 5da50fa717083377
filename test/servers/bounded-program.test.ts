import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {type BoundedProgram, runBounded} from '../../source/servers/bounded-program.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {waitFor} from '../helpers/wait-for.js';

const shell = (script: string, more: Partial<BoundedProgram> = {}): BoundedProgram => ({
	file: '/bin/sh',
	args: ['-c', script],
	workingFolder: temporaryDirectory(),
	environment: {PATH: process.env.PATH},
	timeoutMilliseconds: 20_000,
	keptBytes: 10_000,
	signal: new AbortController().signal,
	...more,
});

const isAlive = (pid: number): boolean => {
	try {
		// One that has ended and is not yet waited for is none.
		return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
};

const numberIn = async (file: string): Promise<number> =>
	waitFor(
		'the process id',
		() => existsSync(file) && /^\d+\n$/u.test(readFileSync(file, 'utf8')) && Number(readFileSync(file, 'utf8')),
	);

describe('a program', () => {
	test('tells how it ended and what it said', async () => {
		expect(await runBounded(shell('echo out; echo err >&2; exit 3'))).toEqual({
			ended: 'exit',
			exitCode: 3,
			output: 'out\n',
			errors: 'err\n',
		});
	});

	test('has the folder and the environment it was given, and no input', async () => {
		const folder = temporaryDirectory();
		const {output} = await runBounded(
			shell('pwd; cat; env | grep -v -e ^PWD= -e ^_= -e ^OLDPWD= -e ^SHLVL=', {
				workingFolder: folder,
				environment: {PATH: '/usr/bin:/bin', A: 'b c'},
			}),
		);
		expect(output.trim().split('\n').sort()).toEqual([folder, 'A=b c', 'PATH=/usr/bin:/bin'].sort());
	});

	test('that is not there is told', async () => {
		expect(await runBounded(shell('', {file: '/nowhere/program'}))).toMatchObject({
			ended: 'not-started',
			exitCode: null,
			errors: expect.stringContaining('ENOENT'),
		});
	});

	test('that says too much is kept by its end', async () => {
		const {output} = await runBounded(
			shell('i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done', {keptBytes: 1000}),
		);
		expect(output).toHaveLength(1000);
		expect(output.endsWith('line 19999\n')).toBe(true);
	});

	test('that leaves somebody running who holds its output open is not waited for, and leaves nobody', async () => {
		const folder = temporaryDirectory();
		const result = await runBounded(shell(`sleep 600 & echo $! > ${folder}/pid; echo done`));
		expect(result).toMatchObject({ended: 'exit', exitCode: 0, output: 'done\n'});
		const pid = await numberIn(join(folder, 'pid'));
		await waitFor('its end', () => !isAlive(pid));
	});

	test('that takes too long is stopped with all it has started', async () => {
		const folder = temporaryDirectory();
		const result = await runBounded(
			shell(`sleep 600 & echo $! > ${folder}/pid; wait; echo never`, {timeoutMilliseconds: 300}),
		);
		expect(result).toMatchObject({ended: 'timeout', exitCode: null, output: ''});
		const pid = await numberIn(join(folder, 'pid'));
		await waitFor('its end', () => !isAlive(pid));
	});

	test('that is cancelled may clean up first', async () => {
		const folder = temporaryDirectory();
		const controller = new AbortController();
		const running = runBounded(
			shell(
				`trap 'echo cleaned > ${folder}/cleaned; exit 0' INT; echo $$ > ${folder}/pid; while :; do sleep 0.05; done`,
				{
					signal: controller.signal,
				},
			),
		);
		await numberIn(join(folder, 'pid'));
		controller.abort();
		expect(await running).toMatchObject({ended: 'cancelled', exitCode: null});
		expect(readFileSync(join(folder, 'cleaned'), 'utf8')).toBe('cleaned\n');
		expect(await runBounded(shell('echo never', {signal: controller.signal}))).toMatchObject({
			ended: 'cancelled',
			output: '',
		});
	});

	test('that does not let itself be interrupted is killed', async () => {
		const folder = temporaryDirectory();
		const controller = new AbortController();
		const running = runBounded(
			shell(`trap '' INT; echo $$ > ${folder}/pid; while :; do sleep 0.05; done`, {signal: controller.signal}),
		);
		const pid = await numberIn(join(folder, 'pid'));
		controller.abort();
		expect(await running).toMatchObject({ended: 'cancelled'});
		expect(isAlive(pid)).toBe(false);
	});

	test.runIf(process.getuid?.() === 0)('runs as somebody else when root says so, without root’s groups', async () => {
		const {output} = await runBounded(shell('id -u; id -g; id -G', {user: {uid: 4242, gid: 4343}, workingFolder: '/'}));
		expect(output).toBe('4242\n4343\n4343\n');
	});

	test('that cannot be run is told', async () => {
		const file = join(temporaryDirectory(), 'text');
		writeFileSync(file, 'no program', {mode: 0o600});
		expect(await runBounded(shell('', {file}))).toMatchObject({ended: 'not-started'});
	});
});
