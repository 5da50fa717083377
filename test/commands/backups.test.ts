import {existsSync, mkdirSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {digestTree} from '../helpers/digest-tree.js';
import type {Harness} from './harness.js';
import {createHarness, resultOf} from './harness.js';

let machine: Harness;

beforeAll(async () => {
	machine = await createHarness();
});

afterAll(() => machine.remove());

/** Keys in the store, newest first. */
const keys = async (): Promise<readonly string[]> => {
	const {stdout} = await machine.run(['list', '--json']);
	return (JSON.parse(stdout) as {backups: {key: string}[]}).backups.map(({key}) => key);
};

describe('making and looking at backups', () => {
	test('before the first one, the list says how to make it', async () => {
		const {code, stdout} = await machine.run(['list']);
		expect([code, stdout]).toEqual([
			0,
			`There are no backups in ${machine.store} yet. Make one with \`printkeep backup\`.\n`,
		]);
		expect((await machine.run(['verify'])).code).toBe(10);
	});

	test('a store that was chosen and is not there, or is no folder, is not taken for an empty one', async () => {
		const lost = join(machine.folder, 'usb-stick');
		expect((await machine.run(['list', '--store', lost])).stdout).toContain(`the folder ${lost} does not exist.\n`);
		expect((await machine.run(['status', '--store', lost])).stdout).toContain('see that it is mounted');
		expect((await machine.run(['status'])).stdout).not.toContain('mounted');
		const file = join(machine.dataFolder, 'config.yaml');
		expect((await machine.run(['list', '--store', file])).stdout).toBe(
			`There are no backups in ${file}: it is not a folder.\n`,
		);
	});

	test('a dry run shows the parts and makes nothing', async () => {
		const {code, stdout} = await machine.run(['backup', '--dry-run', '--exclude', 'timelapse']);
		expect(code).toBe(0);
		expect(stdout).toMatch(/^timelapse +\d+ kB +2 +left out +Timelapse videos \(left out by choice\)$/m);
		expect(stdout).toMatch(/^logs +left out/m);
		expect(stdout).toContain('would take about');
		expect(existsSync(machine.store)).toBe(false);
	});

	test('backup tells what it did, and the archive is there and private', async () => {
		const {code, stdout, stderr} = await machine.run(['backup', '--name', 'first.zip', '--note', 'a note\u001B[2J']);
		expect([code, stderr]).toEqual([0, '']);
		expect(stdout).toMatch(/^Backing up octoprint\n/);
		expect(stdout).toMatch(
			/Backed up octoprint: \d+ files, .* stored as .* and verified, in .*\.\n {2}.*first\.zip\nNote: The server's plugins could not be asked what they want left out, since its Python environment was not found: .*\n$/,
		);
		expect((statSync(join(machine.store, 'first.zip')).mode & 0o777).toString(8)).toBe('600');
		expect((statSync(machine.store).mode & 0o777).toString(8)).toBe('700');
	});

	test('with --json it is one event a line, and a result', async () => {
		const ran = await machine.run(['backup', '--name', 'second.zip', '--exclude', 'timelapse', '--json']);
		const types = ran.stdout
			.trimEnd()
			.split('\n')
			.map(line => (JSON.parse(line) as {type: string}).type);
		expect(types[0]).toBe('job-started');
		expect(types.slice(-2)).toEqual(['job-finished', 'result']);
		expect(resultOf(ran)).toMatchObject({exitCode: 0, outcome: 'done', result: {backup: {key: 'second.zip'}}});
	});

	test('--path writes a file elsewhere, and the store stays as it is', async () => {
		const before = await keys();
		const {code} = await machine.run(['backup', '--path', 'elsewhere.zip']);
		expect([code, existsSync(join(machine.folder, 'elsewhere.zip'))]).toEqual([0, true]);
		expect(await keys()).toEqual(before);
	});

	test('list shows the newest first', async () => {
		const {stdout} = await machine.run(['list']);
		expect(stdout.split('\n')[0]).toMatch(/^MADE +SIZE +STATUS +FROM +PIN +KEY$/);
		expect(await keys()).toEqual(['second.zip', 'first.zip']);
	});

	test('show tells everything, with the note made safe', async () => {
		const {code, stdout} = await machine.run(['show', 'first.zip']);
		expect(code).toBe(0);
		expect(stdout).toContain(String.raw`a note\x1b[2J`);
		expect(stdout).toMatch(/^Server version +1\.11\.8$/m);
		expect(stdout).toMatch(/^data\/SpoolManager\/spoolmanager\.db +\d+ +\d+$/m);
		const details = JSON.parse((await machine.run(['show', 'latest', '--json'])).stdout) as {summary: {key: string}};
		expect(details.summary.key).toBe('second.zip');
	});

	test('show --files names every file', async () => {
		const {stdout} = await machine.run(['show', 'first.zip', '--files']);
		expect(stdout).toMatch(/ config\.yaml$/m);
		expect(stdout).toMatch(/ uploads\/プロジェクト\/歯車 ギア\.gcode$/m);
		const {entries} = JSON.parse((await machine.run(['show', 'first.zip', '--files', '--json'])).stdout) as {
			entries: {path: string}[];
		};
		expect(entries.map(({path}) => path)).toContain('uploads/Kalibrierung');
	});

	test('verify reads all of them', async () => {
		const {code, stdout} = await machine.run(['verify', '--all']);
		expect(code).toBe(0);
		expect(stdout.match(/^intact /gm)).toHaveLength(2);
	});

	test('status and the overview tell the state', async () => {
		const {code, stdout} = await machine.run(['status', '--check']);
		expect(code).toBe(0);
		expect(stdout).toMatch(/^Last good backup +just now/m);
		const overview = await machine.run([]);
		expect([overview.code, overview.dashboard]).toEqual([0, undefined]);
		expect(overview.stdout).toContain('printkeep backup     make a backup now');
		const {total} = JSON.parse((await machine.run(['status', '--json'])).stdout) as {total: number};
		expect(total).toBe(2);
	});
});

describe('export, import, pin, delete', () => {
	test('export copies a backup, or a selection of it', async () => {
		mkdirSync(join(machine.folder, 'usb'));
		expect((await machine.run(['export', 'first.zip', 'usb'])).code).toBe(0);
		const small = await machine.run([
			'export',
			'first.zip',
			'usb/small.zip',
			'--file',
			'printerProfiles',
			'--part',
			'scripts',
		]);
		expect([small.code, small.stdout]).toEqual([0, expect.stringMatching(/Wrote .*small\.zip: 3 entries/)]);
		expect(readdirSync(join(machine.folder, 'usb')).sort()).toEqual(['first.zip', 'small.zip']);
	});

	test('import takes a file in under a unique name', async () => {
		const again = await machine.run(['import', 'usb/first.zip', '--json']);
		const {result} = resultOf(again) as {result: {backup: {key: string}}};
		expect(result.backup.key).not.toBe('first.zip');
		expect((await machine.run(['import', 'usb/first.zip', '--as', 'third.zip'])).code).toBe(0);
		expect(await keys()).toContain('third.zip');
		await machine.run(['delete', result.backup.key, '--yes']);
	});

	test('a pinned backup is not deleted by --yes, only by its name', async () => {
		expect((await machine.run(['pin', 'third.zip'])).stdout).toBe('Pinned third.zip.\n');
		const refused = await machine.run(['delete', 'third.zip', '--yes']);
		expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining('printkeep unpin third.zip')]);
		const wrong = await machine.run(['delete', 'third.zip'], {answers: ['y', 'third', '']});
		expect([wrong.code, wrong.questions.length]).toEqual([5, 3]);
		expect(wrong.stdout).toContain('exactly “third.zip” is expected');
		expect(await keys()).toContain('third.zip');
		const deleted = await machine.run(['delete', 'third.zip'], {answers: ['third.zip']});
		expect(deleted.code).toBe(0);
		expect(await keys()).not.toContain('third.zip');
	});

	test('unpin takes the protection away', async () => {
		await machine.run(['pin', 'second.zip']);
		expect((await machine.run(['unpin', 'second.zip'])).code).toBe(0);
		expect((await machine.run(['delete', 'second.zip'], {answers: ['n']})).code).toBe(5);
	});

	test('without a terminal, delete says the command that would do it and does nothing', async () => {
		const before = digestTree(machine.store);
		const {code, stderr, stdout} = await machine.run(['delete', 'first.zip']);
		expect([code, stderr]).toEqual([5, expect.stringContaining('printkeep delete first.zip --yes')]);
		expect(stdout).toMatch(/To be deleted:\n {2}first\.zip, .*\n1 backup would remain/);
		expect(digestTree(machine.store)).toEqual(before);
	});

	test('Ctrl+C at the question is a cancel', async () => {
		const {code} = await machine.run(['delete', 'first.zip'], {answers: [null]});
		expect(code).toBe(130);
		expect(await keys()).toEqual(['second.zip', 'first.zip']);
	});

	test('several are deleted only when that is typed', async () => {
		const ran = await machine.run(['delete', 'first.zip', 'second.zip'], {answers: ['yes', 'delete 2']});
		expect([ran.code, ran.questions.length]).toEqual([0, 2]);
		expect(await keys()).toEqual([]);
	});
});

describe('OctoPrint’s own spellings', () => {
	test('backup:backup and backup:restore', async () => {
		const made = await machine.run(['backup:backup', '--exclude', 'uploads', '--path', 'native.zip']);
		expect(made.code).toBe(0);
		mkdirSync(join(machine.dataFolder, 'data/backup'), {recursive: true});
		expect((await machine.run(['backup:restore', 'native.zip'])).code).toBe(10);
		const refused = await machine.run(['backup:restore', join(machine.folder, 'native.zip')]);
		expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining('--yes')]);
	});

	test('a relative path is looked for in the server’s folder first', async () => {
		await machine.run(['backup', '--path', 'octoprint/data/backup/own.zip']);
		const listed = await machine.run(['list']);
		expect(listed.stdout).toMatch(/ server +own\.zip$/m);
		expect((await machine.run(['backup:restore', 'own.zip', '--yes'])).code).toBe(0);
		const deleting = await machine.run(['delete', 'own.zip', '--yes']);
		expect([deleting.code, deleting.stderr]).toEqual([10, expect.stringContaining('delete them in the server')]);
		writeFileSync(join(machine.dataFolder, 'uploads/new.gcode'), 'G28\n');
	});
});
