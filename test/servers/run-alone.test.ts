import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {LoneProgram, LoneResult} from '../../source/servers/adapter.js';
import {runAlone} from '../../source/servers/run-alone.js';
import {makeScratchFolder} from '../../source/servers/scratch-folder.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {waitFor} from '../helpers/wait-for.js';

const run = async (script: string, changes: Partial<LoneProgram> = {}): Promise<LoneResult> =>
	runAlone({
		file: '/bin/sh',
		args: ['-c', script],
		input: '',
		environment: {PATH: '/usr/bin:/bin'},
		workingFolder: '/',
		timeoutMilliseconds: 20_000,
		maximumBytes: 1000,
		signal: new AbortController().signal,
		...changes,
	});

const isAlive = (pid: number): boolean => {
	try {
		process.kill(pid, 0);
		return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
	} catch {
		return false;
	}
};

describe('a program on its own', () => {
	test('answers on descriptor 3; what it prints is nothing to anybody, and of its errors the end is kept', async () => {
		const result = await run('cat >&3; echo noise; head -c 10000 /dev/zero | tr "\\0" x >&2; echo end >&2; exit 7', {
			input: 'question',
		});
		expect(result).toMatchObject({type: 'ended', exitCode: 7, answer: 'question'});
		expect(result.type === 'ended' && result.errors).toMatch(/^x{4092}end\n$/);
	});

	test('has no environment but its own', async () => {
		expect(await run('env >&3', {environment: {A: 'b'}})).toMatchObject({answer: expect.stringMatching(/^A=b$/m)});
		expect(await run('env >&3')).not.toMatchObject({answer: expect.stringContaining('HOME=')});
	});

	test('that cannot be started says so', async () => {
		expect(await run('', {file: '/nonexistent/python'})).toMatchObject({type: 'failure', reason: 'not-started'});
		expect(await run('', {workingFolder: '/nonexistent'})).toMatchObject({type: 'failure', reason: 'not-started'});
	});

	test('that says too much is ended', async () => {
		expect(await run('yes >&3')).toMatchObject({type: 'failure', reason: 'too-large'});
		expect(await run('head -c 1000 /dev/zero >&3')).toMatchObject({type: 'ended', exitCode: 0});
	});

	test('that takes too long is ended with all that it started, even what does not want to', async () => {
		const folder = temporaryDirectory();
		const pids = join(folder, 'pids');
		const result = await run(`trap '' TERM; (trap '' TERM; sleep 600) & echo $! > ${pids}; echo why >&2; wait`, {
			timeoutMilliseconds: 700,
		});
		expect(result).toEqual({type: 'failure', reason: 'timeout', detail: 'why\n'});
		const pid = Number(readFileSync(pids, 'utf8'));
		expect(pid).toBeGreaterThan(1);
		await waitFor('the end of the process', () => !isAlive(pid));
	});

	test('that is not wanted any more is ended, or not begun', async () => {
		const controller = new AbortController();
		const folder = temporaryDirectory();
		const running = run(`echo $$ > ${folder}/pid; exec sleep 600`, {signal: controller.signal});
		await waitFor(
			'its start',
			() => existsSync(`${folder}/pid`) && readFileSync(`${folder}/pid`, 'utf8').endsWith('\n'),
		);
		controller.abort();
		expect(await running).toMatchObject({type: 'failure', reason: 'cancelled'});
		const pid = Number(readFileSync(`${folder}/pid`, 'utf8'));
		await waitFor('the end of the process', () => !isAlive(pid));
		expect(await run(`touch ${folder}/began`, {signal: controller.signal})).toMatchObject({reason: 'cancelled'});
		expect(existsSync(`${folder}/began`)).toBe(false);
	});

	test('that leaves somebody behind who holds the descriptor is not waited for', async () => {
		const left = join(temporaryDirectory(), 'left');
		const started = performance.now();
		const result = await run(
			`setsid sh -c 'echo $$ > ${left}; exec sleep 30' & until [ -s ${left} ]; do :; done; echo done >&3`,
		);
		expect(result).toMatchObject({type: 'ended', exitCode: 0, answer: 'done\n'});
		expect(performance.now() - started).toBeLessThan(15_000);
		process.kill(Number(readFileSync(left, 'utf8')), 'SIGKILL');
	});

	test.runIf(process.geteuid?.() === 0)('runs as somebody else, without the groups of who starts it', async () => {
		expect(await run('id -u >&3; id -g >&3; id -G >&3', {user: {uid: 4242, gid: 4343}})).toMatchObject({
			answer: '4242\n4343\n4343\n',
		});
	});
});

describe('a scratch folder', () => {
	test('is private and empty, and gone with everything in it', async () => {
		const parent = temporaryDirectory();
		const scratch = await makeScratchFolder({runAlone}, {parent, user: undefined});
		expect(await run('stat -c %a . .. >&3; ls -A >&3', {workingFolder: scratch.path})).toMatchObject({
			answer: '700\n700\n',
		});
		mkdirSync(join(scratch.path, '.a/b'), {recursive: true});
		writeFileSync(join(scratch.path, '.a/b/c'), '');
		await scratch.remove();
		expect(await run('ls -A >&3', {workingFolder: parent})).toMatchObject({answer: ''});
	});

	test.runIf(process.geteuid?.() === 0)(
		'of somebody else is theirs, cannot be exchanged, and is emptied in their name',
		async () => {
			const parent = temporaryDirectory();
			await run(`chmod 1777 ${parent}`);
			const user = {uid: 4242, gid: 4343};
			const kept = join(parent, 'kept');
			writeFileSync(kept, 'of root');
			const scratch = await makeScratchFolder({runAlone}, {parent, user});
			const workingFolder = scratch.path;
			expect(
				await run(
					`stat -c "%u %a" . >&3; mkdir -p .a/b; touch x ..y .a/z; ln -s ${parent} link; mv ../work ../other || echo no >&3`,
					{
						workingFolder,
						user,
					},
				),
			).toMatchObject({answer: '4242 700\nno\n'});
			await scratch.remove();
			expect(existsSync(join(scratch.path, '..'))).toBe(false);
			expect(readFileSync(kept, 'utf8')).toBe('of root');
		},
	);

	test('that a killed printkeep left behind goes when the next one is made, and others stay', async () => {
		const parent = temporaryDirectory();
		const old = await makeScratchFolder({runAlone}, {parent, user: undefined});
		writeFileSync(join(old.path, 'config.yaml'), 'secret');
		const young = await makeScratchFolder({runAlone}, {parent, user: undefined});
		await run(
			`touch -d "2 hours ago" ${join(old.path, '..')}; mkdir ${parent}/other; touch -d "2 days ago" ${parent}/other`,
		);
		await makeScratchFolder({runAlone}, {parent, user: undefined});
		expect([old, young].map(({path}) => existsSync(path))).toEqual([false, true]);
		expect(existsSync(join(parent, 'other'))).toBe(true);
	});
});
