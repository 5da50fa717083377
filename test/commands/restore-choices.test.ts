import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {digestTree} from '../helpers/digest-tree.js';
import {fakeMachine} from '../helpers/fake-machine.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import type {Harness, Ran} from './harness.js';
import {createHarness, resultOf} from './harness.js';

let machine: Harness;

beforeEach(async () => {
	machine = await createHarness();
	rmSync(at('data/SpoolManager'), {recursive: true});
	expect((await machine.run(['backup', '--name', 'good.zip'])).code).toBe(0);
});

afterEach(() => machine.remove());

const at = (path: string): string => join(machine.dataFolder, path);

const profile = 'printerProfiles/_default.profile';

const data = () =>
	digestTree(machine.dataFolder, {
		skip: path => path.startsWith('.printkeep') || path === 'data/backup',
		folderTimes: false,
	});

/** Adds a file that is in no backup. */
const addFile = (): void => writeFileSync(at('uploads/since.gcode'), 'G28\n');

describe('modes', () => {
	test('merge removes nothing, and needs no typed name for it', async () => {
		addFile();
		rmSync(at(profile));
		const dry = await machine.run(['restore', 'latest', '--mode', 'merge', '--dry-run']);
		expect(dry.stdout).toContain('would add 1, change 0, remove 0');
		expect(dry.stdout).toContain('Nothing is removed: ');
		const {code, questions} = await machine.run(['restore', 'latest', '--mode', 'merge'], {answers: ['y']});
		expect([code, questions[0]]).toEqual([0, expect.stringContaining('Restore? [y/N]')]);
		expect([existsSync(at(profile)), existsSync(at('uploads/since.gcode'))]).toEqual([true, true]);
	});

	test('exact says what stays, and takes the rest away', async () => {
		mkdirSync(at('unknown'));
		writeFileSync(at('unknown/file'), 'x');
		expect((await machine.run(['restore', 'latest', '--dry-run'])).stdout).toContain('Each part becomes exactly');
		const dry = await machine.run(['restore', 'latest', '--mode', 'exact', '--dry-run', '--files']);
		expect(dry.stdout).toContain('The whole data folder becomes as it was backed up; only backups and mounted');
		expect(dry.stdout).toMatch(/^would be removed {2}unknown\/file$/m);
		expect(existsSync(at('unknown/file'))).toBe(true);
		expect((await machine.run(['restore', 'latest', '--mode', 'exact', '--yes'])).code).toBe(0);
		expect(existsSync(at('unknown'))).toBe(false);
	});

	test('another is refused with those there are', async () => {
		const {code, stderr} = await machine.run(['restore', 'latest', '--mode', 'replcae']);
		expect([code, stderr]).toEqual([2, expect.stringContaining('replace, merge, exact')]);
	});
});

describe('single files', () => {
	test('one comes back to its place, and nothing else changes', async () => {
		const good = data();
		addFile();
		rmSync(at(profile));
		const dry = await machine.run(['restore', 'latest', '--file', profile, '--dry-run']);
		expect(dry.stdout).toContain('would add 1, change 0, remove 0');
		expect(dry.stdout).toContain(`Only ${profile}; nothing is removed.`);
		expect((await machine.run(['restore', 'latest', '--file', profile, '--yes'])).code).toBe(0);
		rmSync(at('uploads/since.gcode'));
		expect(data()).toEqual(good);
	});

	test('one goes into a folder or to a path of choice, and never over anything', async () => {
		const content = readFileSync(at(profile), 'utf8');
		mkdirSync(join(machine.folder, 'here'));
		const into = await machine.run(['restore', 'latest', '--file', profile, '--to', 'here']);
		expect([into.code, into.stderr]).toEqual([0, '']);
		expect(readFileSync(join(machine.folder, 'here/_default.profile'), 'utf8')).toBe(content);
		const named = await machine.run(['restore', 'latest', '--file', profile, '--to', 'new/my.profile', '--json']);
		expect(resultOf(named)).toMatchObject({result: {files: 1, inPlace: false}});
		expect(readFileSync(join(machine.folder, 'new/my.profile'), 'utf8')).toBe(content);
		expect((await machine.run(['restore', 'latest', '--file', profile, '--to', 'made/'])).code).toBe(0);
		expect(readFileSync(join(machine.folder, 'made/_default.profile'), 'utf8')).toBe(content);
		writeFileSync(join(machine.folder, 'here/_default.profile'), 'mine');
		expect((await machine.run(['restore', 'latest', '--file', profile, '--to', 'here'])).code).toBe(1);
		expect(readFileSync(join(machine.folder, 'here/_default.profile'), 'utf8')).toBe('mine');
	});

	test('one that is not there is answered with the path that was meant', async () => {
		const {code, stderr} = await machine.run(['restore', 'latest', '--file', '_default.profile', '--yes']);
		expect([code, stderr]).toEqual([10, expect.stringContaining(`Did you mean ${profile}?`)]);
		const second = await machine.run(['restore', 'latest', '--file', profile, '--file', 'gcode/afterPrintCanceled']);
		expect(second.stderr).toContain('Did you mean scripts/gcode/afterPrintCancelled?');
		const folder = await machine.run(['restore', 'latest', '--file', 'printerProfiles', '--file', 'nowhere.at.all']);
		expect([folder.code, folder.stderr]).toEqual([10, expect.not.stringContaining('Did you mean')]);
	});

	test('do not go together with parts', async () => {
		expect((await machine.run(['restore', 'latest', '--file', profile, '--part', 'uploads'])).code).toBe(2);
	});
});

test('the files that would change are named, also before the question', async () => {
	addFile();
	const named = 'would be removed  uploads/since.gcode';
	expect((await machine.run(['restore', 'latest', '--files', '--dry-run'])).stdout).toContain(named);
	const asked = await machine.run(['restore', 'latest', '--files'], {answers: ['']});
	expect([asked.code, asked.stdout]).toEqual([5, expect.stringContaining(named)]);
	rmSync(at('uploads/since.gcode'));
});

test('only what differs is unpacked when that is asked for', async () => {
	addFile();
	const dry = await machine.run(['restore', 'latest', '--low-space', '--dry-run']);
	expect(dry.stdout).toContain('Note: As asked for: only what differs is unpacked and exchanged, file by file.');
	expect((await machine.run(['restore', 'latest', '--low-space', '--yes'])).code).toBe(0);
	expect(existsSync(at('uploads/since.gcode'))).toBe(false);
});

test('settings of this machine are named, and kept when that is asked for', async () => {
	writeFileSync(at('config.yaml'), `${readFileSync(at('config.yaml'), 'utf8')}serial:\n  port: /dev/ttyACM3\n`);
	const dry = await machine.run(['restore', 'latest', '--dry-run']);
	expect(dry.stdout).toMatch(/\/dev\/ttyACM3 +\(not set\) +serial +restored/);
	expect(dry.stdout).toContain('They stay as they are now with --keep serial.');
	const kept = await machine.run(['restore', 'latest', '--keep', 'serial', '--dry-run']);
	expect(kept.stdout).toMatch(/\/dev\/ttyACM3 +\(not set\) +serial +kept/);
	expect((await machine.run(['restore', 'latest', '--keep', 'serial', '--yes'])).code).toBe(0);
	expect(readFileSync(at('config.yaml'), 'utf8')).toContain('/dev/ttyACM3');
	expect((await machine.run(['restore', 'latest', '--keep', 'nothing', '--yes'])).code).toBe(2);
});

describe('a running server', () => {
	const withServer = async (state: 'idle' | 'printing' | 'paused' | 'silent') => {
		const host = await fakeMachine(temporaryDirectory(), {dataFolder: machine.dataFolder});
		host.say(state);
		await host.start();
		return {
			...host,
			run: async (args: readonly string[], options = {}): Promise<Ran> =>
				machine.run(['restore', 'good.zip', ...args], {server: host.ports, ...options}),
		};
	};

	test('is stopped for the exchange and started after it; a dry run only says so', async () => {
		addFile();
		const server = await withServer('idle');
		const before = server.pid();
		const dry = await server.run(['--dry-run']);
		expect(dry.stdout).toContain('The print server runs and does not print.');
		expect(dry.stdout).toContain('octoprint.service would be stopped for the exchange and started after it.');
		expect([server.calls(), server.pid()]).toEqual([[], before]);
		expect((await server.run(['--yes'])).code).toBe(0);
		expect(server.calls()).toEqual([expect.stringContaining('stop'), expect.stringContaining('start')]);
		expect(server.pid()).not.toBe(before);
	});

	test('doctor says whether it can be asked, and stopped', async () => {
		const doctor = async (state: 'idle' | 'silent', ...set: readonly string[]) => {
			const server = await withServer(state);
			if (set.length > 0) {
				await machine.run(['config', 'set', ...set]);
			}

			return machine.run(['doctor'], {server: server.ports});
		};

		const good = await doctor('idle');
		expect(good.stdout).toContain('ok       Asking the server: It runs and does not print.');
		expect(good.stdout).toContain('ok       Stopping the server: A restore stops it with: ');
		const bad = await doctor('silent', 'stop-command', 'rc stop');
		expect(bad.stdout).toMatch(/^warning {2}Asking the server: .* restores are refused while it runs\.$/mu);
		expect(bad.stdout).toMatch(/^warning {2}Stopping the server: .*only its stop command/mu);
		await machine.run(['config', 'unset', 'stop-command']);
	});

	test('commands of one’s own are shown as what stops and starts it', async () => {
		const server = await withServer('idle');
		await machine.run(['config', 'set', 'stop-command', 'rc stop']);
		const half = await server.run(['--dry-run']);
		expect(half.stdout).toContain(
			'It would be left running. Of its commands only its stop command is set, and not the other.',
		);
		await machine.run(['config', 'set', 'start-command', 'rc start']);
		const dry = await server.run(['--dry-run']);
		expect(dry.stdout).toContain(
			'It would be stopped by `rc stop` for the exchange and started by `rc start` after it.',
		);
		await machine.run(['config', 'unset', 'stop-command']);
		await machine.run(['config', 'unset', 'start-command']);
	});

	test('is left running when that is asked for', async () => {
		addFile();
		const server = await withServer('idle');
		const before = server.pid();
		expect((await server.run(['--dry-run', '--no-stop'])).stdout).toContain(
			'octoprint.service would be left running, as asked for',
		);
		expect((await server.run(['--yes', '--no-stop'])).code).toBe(0);
		expect([server.calls(), server.pid()]).toEqual([[], before]);
	});

	test.each([
		['printing', /A print is running \(benchy\.gcode, 43 %\): restore is blocked\./],
		['paused', /A print is paused .*: restore is blocked\./],
		['silent', /counts as printing: restore is blocked\./],
	] as const)('that is %s is never restored over by --yes alone, with or without a terminal', async (state, words) => {
		addFile();
		const server = await withServer(state);
		const before = data();
		for (const [args, options] of [
			[['--yes'], {}],
			[['--yes'], {answers: ['octoprint']}],
			[[], {answers: ['octoprint']}],
			[[], {}],
		] as const) {
			const {code, stderr, questions} = await server.run(args, options);
			expect([code, stderr, questions]).toEqual([5, expect.stringMatching(words), []]);
			expect(stderr).toContain('--even-if-printing');
		}

		const dry = await server.run(['--dry-run']);
		expect([dry.code, dry.stdout]).toEqual([0, expect.stringMatching(words)]);
		const inOctoPrintsWords = await machine.run(['backup:restore', join(machine.store, 'good.zip'), '--yes'], {
			server: server.ports,
		});
		expect(inOctoPrintsWords.code).toBe(5);
		expect(data()).toEqual(before);
	});

	test('that prints is restored over in so many words: the name typed as well, or --yes', async () => {
		const server = await withServer('printing');
		rmSync(at(profile));
		const dry = await server.run(['--even-if-printing', '--dry-run']);
		expect(dry.stdout).toContain('--even-if-printing goes on all the same.');
		const unconfirmed = await server.run(['--even-if-printing']);
		expect(unconfirmed.code).toBe(5);
		// Nothing would be removed, and yet a plain yes is not enough.
		const plain = await server.run(['--even-if-printing'], {answers: ['y', '']});
		expect([plain.code, plain.questions[0]]).toEqual([
			5,
			expect.stringMatching(/A print is running \(benchy\.gcode, 43 %\) and would be ruined\.\nType octoprint/),
		]);
		expect(existsSync(at(profile))).toBe(false);
		expect((await server.run(['--even-if-printing', '--no-stop'], {answers: ['octoprint']})).code).toBe(0);
		rmSync(at(profile));
		expect((await server.run(['--even-if-printing', '--no-stop', '--yes'])).code).toBe(0);
		expect(existsSync(at(profile))).toBe(true);
	});
});
