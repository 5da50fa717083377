import {existsSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {digestTree} from '../helpers/digest-tree.js';
import {makeInstance} from '../helpers/make-instance.js';
import type {Harness, RunOptions} from './harness.js';
import {createHarness, resultOf} from './harness.js';

let machine: Harness;

beforeEach(async () => {
	machine = await createHarness();
});

afterEach(() => machine.remove());

test('on a terminal `printkeep` opens the dashboard, with what was asked for', async () => {
	const {code, dashboard, stdout} = await machine.run(
		['--basedir', 'octoprint', '--store', '~/backups', '--no-color'],
		{
			terminal: true,
		},
	);
	expect([code, stdout]).toEqual([0, '']);
	expect(dashboard).toMatchObject({
		target: {basedir: machine.dataFolder, store: join(machine.home, 'backups')},
		color: false,
	});
});

test.each([
	['TERM=dumb', {terminal: true, environment: {TERM: 'dumb'}}],
	['a pipe', {terminal: false}],
])('with %s it is a summary with the next commands, exit 0', async (_, options) => {
	const {code, dashboard, stdout, stderr} = await machine.run([], options);
	expect([code, dashboard, stderr]).toEqual([0, undefined, '']);
	expect(stdout).toContain('printkeep backup     make a backup now');
	expect(stdout).toMatch(/^Last good backup +none yet/m);
});

test('help works for every command, in every way it is asked for', async () => {
	const {stdout} = await machine.run(['help', 'restore']);
	expect((await machine.run(['restore', '--help'])).stdout).toBe(stdout);
	expect((await machine.run(['restore', '-h', '--json'])).stdout).toBe(stdout);
	expect((await machine.run(['--help'])).stdout).toBe((await machine.run(['help'])).stdout);
	expect((await machine.run(['help', 'exit-codes'])).stdout).toMatch(/^ {2}130 {2}Interrupted/m);
	expect((await machine.run(['help', 'resotre'])).stderr).toContain('`printkeep restore`');
});

test('without UTF-8 sentences are ASCII and names stay as they are', async () => {
	const {stdout} = await machine.run(['backup', '--help'], {onlyAscii: true});
	expect(stdout).not.toMatch(/[^\n\u0020-\u007E]/);
	await machine.run(['backup', '--name', 'a.zip']);
	expect((await machine.run(['show', 'a.zip', '--files'], {onlyAscii: true})).stdout).toContain('歯車');
});

test.each([
	['SIGINT', 130],
	['SIGTERM', 143],
] as const)('%s cancels the job, exits with %i and leaves nothing behind', async (name, expected) => {
	rmSync(machine.dataFolder, {recursive: true});
	makeInstance(machine.folder, {extraBytes: 30_000_000});
	const ran = await machine.run(['backup', '--json'], {
		onOutput(text, signal) {
			if (text.startsWith('{"type":"phase"') && text.includes('writing')) {
				signal(name);
			}
		},
	});
	expect(ran.code).toBe(expected);
	const left = existsSync(machine.store)
		? Object.keys(digestTree(machine.store)).filter(path => path.includes('.zip'))
		: [];
	expect(left).toEqual([]);
	expect((await machine.run(['backup'])).code).toBe(0);
});

test('SIGHUP lets the job finish and exits with 129', async () => {
	const {code} = await machine.run(['backup', '--name', 'kept.zip', '--plain'], {
		terminal: true,
		onOutput(text, signal) {
			if (text.startsWith('Writing…')) {
				signal('SIGHUP');
			}
		},
	});
	expect(code).toBe(129);
	expect((await machine.run(['verify', 'kept.zip'])).code).toBe(0);
});

/** Sends SIGHUP with the first output of a job. */
const hangUpAtFirst = (): RunOptions => {
	let isOver = false;
	return {
		onOutput(_, signal) {
			if (!isOver) {
				isOver = true;
				signal('SIGHUP');
			}
		},
	};
};

test('SIGHUP while a restore is planned: one that is confirmed is done to its end, any other is not begun', async () => {
	await machine.run(['backup', '--name', 'old.zip']);
	const added = join(machine.dataFolder, 'data/since.txt');
	writeFileSync(added, 'new');
	const asked = await machine.run(['restore', 'old.zip'], {...hangUpAtFirst(), answers: ['octoprint']});
	expect([asked.code, asked.questions, existsSync(added)]).toEqual([129, [], true]);
	const {code} = await machine.run(['restore', 'old.zip', '--yes', '--json'], hangUpAtFirst());
	expect([code, existsSync(added)]).toEqual([129, false]);
});

test('a backup with a file that is not as it should be is partial: exit 3, the file listed', async () => {
	writeFileSync(join(machine.dataFolder, 'data/broken.db'), `SQLite format 3\0${'garbage'.repeat(1000)}`);
	const ran = await machine.run(['backup', '--name', 'partial.zip']);
	expect([ran.code, ran.stdout]).toEqual([3, expect.stringMatching(/^ {2}data\/broken\.db: .+/m)]);
	expect((await machine.run(['list'])).stdout).toMatch(/ partial .*partial\.zip$/m);
	const asJson = await machine.run(['backup', '--json']);
	expect(resultOf(asJson)).toMatchObject({
		exitCode: 3,
		outcome: 'partial',
		result: {skipped: [{path: 'data/broken.db'}]},
	});
});

test('status --check tells an overdue backup by its exit code', async () => {
	expect((await machine.run(['status', '--check'])).code).toBe(15);
	expect((await machine.run(['status'])).code).toBe(0);
	await machine.run(['backup']);
	expect((await machine.run(['status', '--check'])).code).toBe(0);
});

test('doctor checks everything and says what it found', async () => {
	const {code, stdout} = await machine.run(['doctor']);
	expect(stdout).toMatch(/^ok +Settings: /m);
	expect(stdout).toMatch(/^ok +Print server: OctoPrint 1\.11\.8/m);
	const {checks} = JSON.parse((await machine.run(['doctor', '--json'])).stdout) as {checks: {state: string}[]};
	expect(code).toBe(checks.some(({state}) => state === 'error') ? 1 : 0);
	const lost = await machine.run(['doctor', '--instance', 'prusa']);
	expect([lost.code, lost.stdout]).toEqual([1, expect.stringContaining('prusa')]);
});

test('recover lists leftovers, asks, and cleans', async () => {
	expect((await machine.run(['recover'])).stdout).toBe('There is nothing to clean up.\n');
	await machine.run(['backup', '--name', 'good.zip']);
	const partial = '.printkeep-part-0123456789abcdef.zip';
	writeFileSync(join(machine.store, partial), 'half');
	const dry = await machine.run(['recover', '--dry-run']);
	expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining(partial)]);
	expect((await machine.run(['recover'])).code).toBe(5);
	expect((await machine.run(['recover', 'ffffff', '--yes'])).code).toBe(10);
	const cleaned = await machine.run(['recover', '--yes', '--json']);
	expect([cleaned.code, resultOf(cleaned)]).toMatchObject([0, {outcome: 'done'}]);
	expect(readdirSync(machine.store)).not.toContain(partial);
	expect(readdirSync(machine.store)).toContain('good.zip');
});

test('the log keeps what failed, and is named', async () => {
	mkdirSync(join(machine.folder, 'usb'));
	writeFileSync(join(machine.folder, 'usb/bad.zip'), 'no archive');
	const {stderr} = await machine.run(['import', 'usb/bad.zip']);
	expect(stderr).toContain(`Log: ${machine.paths.logFile}`);
	expect(existsSync(machine.paths.logFile)).toBe(true);
});

test('instances shows what is registered, with sizes', async () => {
	const {code, stdout} = await machine.run(['instances', '--instance', 'octoprint']);
	expect([code, stdout]).toEqual([0, expect.stringMatching(/^octoprint +OctoPrint 1\.11\.8 +\d+ kB +/m)]);
});

test('without a print server archives can still be looked at, checked and unpacked', async () => {
	await machine.run(['backup', '--name', 'a.zip', '--store', 'usb']);
	const bare = await createHarness({registered: false});
	try {
		const store = join(machine.folder, 'usb');
		expect((await bare.run(['list', '--store', store])).stdout).toContain('a.zip');
		expect((await bare.run(['verify', '--all', '--store', store])).code).toBe(0);
		expect((await bare.run(['restore', join(store, 'a.zip'), '--to', 'out'])).code).toBe(0);
		expect(existsSync(join(bare.folder, 'out/config.yaml'))).toBe(true);
		for (const args of [['restore', 'a.zip', '--yes'], ['backup'], ['undo', '--yes'], ['recover']]) {
			const {code, stderr} = await bare.run([...args, '--store', store]);
			expect([args, code, stderr]).toEqual([args, 10, expect.stringContaining('No print server')]);
		}
	} finally {
		bare.remove();
	}
	// Looking for print servers goes through the whole host, which takes its time on a busy one.
}, 30_000);
