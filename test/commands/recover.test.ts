/** Interrupted restores as a person meets them: at the next command, by name, and before the print server starts. */
import {spawnSync} from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {recoverUnit} from '../../source/commands/recover-unit.js';
import {lockMark} from '../../source/engine/lock-mark.js';
import {type LockRecord, ownIdentity} from '../../source/engine/lock-record.js';
import {toBytePath} from '../../source/engine/restore/byte-path.js';
import {journalPath} from '../../source/engine/restore/journal.js';
import {workFolderCandidates} from '../../source/engine/restore/work-folder.js';
import {digestTree} from '../helpers/digest-tree.js';
import {killInSwap} from '../helpers/kill-in-swap.js';
import type {Harness} from './harness.js';
import {createHarness, resultOf} from './harness.js';

let machine: Harness;

beforeEach(async () => {
	machine = await createHarness();
});

afterEach(() => machine.remove());

const data = () =>
	digestTree(machine.dataFolder, {
		skip: path => /\.db(-\w+)?$/.test(path) || path.startsWith('.printkeep') || path === 'data/backup',
		folderTimes: false,
	});

const privateFolder = () => join(machine.folder, `.printkeep-${machine.dataFolder.split('/').at(-1)}`);
const journal = () => join(privateFolder(), 'journal.json');

/** Backs up, changes things, and restores until a kill in the middle of the exchange. What is right is what the backup holds. */
const interrupt = async () => {
	expect((await machine.run(['backup', '--name', 'good.zip'])).code).toBe(0);
	const good = data();
	writeFileSync(join(machine.dataFolder, 'config.yaml'), 'server: {}\n');
	rmSync(join(machine.dataFolder, 'uploads/empty.gcode'));
	writeFileSync(join(machine.dataFolder, 'uploads/since.gcode'), 'G28\n');
	const backup = join(machine.store, 'good.zip');
	await killInSwap({
		dataFolder: machine.dataFolder,
		store: machine.store,
		backup,
		stateFolder: machine.paths.stateFolder,
	});
	expect(existsSync(journal())).toBe(true);
	expect(existsSync(join(machine.dataFolder, 'config.yaml'))).toBe(false);
	return good;
};

test.each([['list'], ['status'], ['show', 'good.zip'], ['backup', '--name', 'next.zip'], ['doctor']])(
	'%s ends it first, and says so on standard error',
	async (...args) => {
		const good = await interrupt();
		const {stdout, stderr, code} = await machine.run([...args, '--json']);
		expect(stderr).toMatch(/^The interrupted restore was finished: .*\(good\.zip\)/);
		expect(stdout.startsWith('{')).toBe(true);
		expect([0, 3, 15]).toContain(code);
		expect(data()).toEqual(good);
		expect((await machine.run([...args.slice(0, 1), '--help'])).stderr).toBe('');
	},
);

test('an instance that is named by its folder alone is found when its configuration is on its way', async () => {
	const good = await interrupt();
	rmSync(machine.paths.settingsFolder, {recursive: true});
	const {stderr, code} = await machine.run(['list', '--basedir', machine.dataFolder]);
	expect([code, stderr]).toEqual([0, expect.stringContaining('was finished')]);
	expect(data()).toEqual(good);
});

test.each([['help'], ['config', 'list'], ['recover', '--dry-run'], ['recover', '--systemd-unit'], ['--version']])(
	'%s %s leaves it alone',
	async (...args) => {
		await interrupt();
		const before = data();
		await machine.run(args);
		expect(existsSync(journal())).toBe(true);
		expect(data()).toEqual(before);
	},
);

describe('recover --interrupted', () => {
	test('needs no settings, no store and no state, and does nothing the second time', async () => {
		const good = await interrupt();
		rmSync(machine.paths.settingsFolder, {recursive: true});
		rmSync(machine.store, {recursive: true});
		const args = ['recover', '--interrupted', '--yes', '--basedir', machine.dataFolder];
		const first = await machine.run(args);
		expect([first.code, first.stderr]).toEqual([0, '']);
		expect(first.stdout).toContain('The interrupted restore was finished');
		expect(data()).toEqual(good);
		const second = await machine.run(args);
		expect([second.code, second.stdout]).toEqual([0, expect.stringContaining('No restore was interrupted.')]);
		expect(existsSync(machine.store)).toBe(false);
	});

	test('goes on with a settings file that is damaged', async () => {
		const good = await interrupt();
		writeFileSync(machine.paths.settingsFile, '{');
		expect((await machine.run(['recover', '--interrupted', '--basedir', machine.dataFolder])).code).toBe(0);
		expect(data()).toEqual(good);
	});

	test('deletes nothing else', async () => {
		await interrupt();
		const partial = join(machine.store, '.printkeep-part-0123456789abcdef.zip');
		writeFileSync(partial, 'half');
		expect((await machine.run(['recover', '--interrupted'])).code).toBe(0);
		expect(existsSync(partial)).toBe(true);
	});

	test('fails when it cannot, and says what to do', async () => {
		await interrupt();
		writeFileSync(journal(), '{"format": 99}');
		const {code, stderr} = await machine.run(['recover', '--interrupted', '--basedir', machine.dataFolder]);
		expect([code, stderr]).toEqual([1, expect.stringMatching(/cannot be understood[\s\S]*newer printkeep/)]);
	});

	test('a folder that is not there is told', async () => {
		const {code, stderr} = await machine.run(['recover', '--interrupted', '--basedir', '/no/such/folder']);
		expect([code, stderr]).toEqual([10, expect.stringContaining('/no/such/folder')]);
	});

	test('takes no ids', async () => {
		expect((await machine.run(['recover', '--interrupted', 'abc'])).code).toBe(2);
		expect((await machine.run(['recover', '--before', 'x.service'])).code).toBe(2);
	});
});

test('recover without options lists, asks and ends it', async () => {
	const good = await interrupt();
	const {code, stdout, questions} = await machine.run(['recover'], {answers: ['y']});
	expect([code, questions.length]).toEqual([0, 1]);
	expect(stdout).toContain('would be finished or rolled back');
	expect(data()).toEqual(good);
	expect(readdirSync(privateFolder()).filter(name => !name.startsWith('rollback'))).toEqual([]);
});

/** Splits a line of a unit into words, by the rules of systemd.syntax(7) that the unit makes use of. */
const words = (line: string): readonly string[] =>
	[...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/gu)].map(([, double, single, bare]) =>
		(double ?? single ?? bare ?? '').replaceAll(/\\(.)/gu, '$1').replaceAll('%%', '%'),
	);

const settingOf = (unit: string, name: string): string => new RegExp(`^${name}=(.*)$`, 'mu').exec(unit)?.[1] ?? '';

describe('the systemd unit', () => {
	const strange = ['plain', 'with blank', '100% "quoted"', "it's", 'dollar $HOME $x', 'semi;colon#hash', 'ünïcödé'];

	test.each(strange)('for a folder called %s: its command line ends an interrupted restore', async name => {
		const unit = recoverUnit({
			name: 'octoprint',
			dataFolder: `/srv/${name}/data`,
			before: 'octoprint.service',
			program: ['/usr/bin/node', `/opt/${name}/cli.js`],
		});
		const line = settingOf(unit, 'ExecStart');
		expect(line.startsWith(':')).toBe(name.includes('$'));
		expect(words(line.replace(/^:/u, ''))).toEqual([
			'/usr/bin/node',
			`/opt/${name}/cli.js`,
			'recover',
			'--interrupted',
			'--yes',
			'--basedir',
			`/srv/${name}/data`,
		]);
		expect(words(settingOf(unit, 'RequiresMountsFor'))).toEqual([`/srv/${name}`, `/srv/${name}/data`]);
		const conditions = [...unit.matchAll(/^ConditionPathExists=\|(.*)$/gmu)].map(([, path]) =>
			path?.replaceAll('%%', '%'),
		);
		expect(conditions.map(path => String(toBytePath(path ?? '')))).toEqual(
			workFolderCandidates(toBytePath(`/srv/${name}/data`)).map(journalPath),
		);
	});

	test('systemd accepts it', async context => {
		if (spawnSync('systemd-analyze', ['--version']).status !== 0) {
			context.skip('systemd-analyze is not installed: nothing has verified the unit');
		}

		const folder = join(machine.folder, 'units');
		mkdirSync(folder);
		for (const [index, name] of strange.entries()) {
			const dataFolder = join(machine.folder, name, 'data');
			mkdirSync(dataFolder, {recursive: true});
			const file = join(folder, `printkeep-recover-${index}.service`);
			writeFileSync(
				file,
				recoverUnit({
					name: 'octoprint',
					dataFolder,
					before: 'octoprint.service',
					program: [process.execPath, '/x/cli.js'],
				}),
			);
			const {status, stderr, stdout} = spawnSync('systemd-analyze', ['verify', '--man=no', file], {encoding: 'utf8'});
			const own = `${stdout}${stderr}`.split('\n').filter(text => text.includes('printkeep-recover'));
			expect([name, own, status]).toEqual([name, [], 0]);
		}
	}, 60_000);

	test('names that a unit cannot have are refused', () => {
		const unit =
			(dataFolder: string, before = 'octoprint.service') =>
			() =>
				recoverUnit({name: 'octoprint', dataFolder, before, program: ['/usr/bin/node', '/cli.js']});
		expect(unit('/srv/a\nExecStart=/bin/false')).toThrow(/cannot be written/);
		expect(unit(`/srv/'"`)).toThrow(/cannot be written/);
		expect(unit('/srv/a', 'octoprint.service\nUser=x')).toThrow(/no name of a unit/);
		expect(unit('/srv/a', 'octoprint')).toThrow(/no name of a unit/);
	});

	test('is printed as it is, for the instance that is meant, and changes nothing', async () => {
		const {code, stdout} = await machine.run(['recover', '--systemd-unit', '--before', 'klipper.service'], {
			terminal: true,
		});
		expect(code).toBe(0);
		expect(stdout).toContain(`--basedir ${machine.dataFolder}\n`);
		expect(stdout).toContain('\nBefore=klipper.service\n');
		expect(stdout).toContain('\nRequiredBy=klipper.service\n');
		const json = await machine.run(['recover', '--systemd-unit', '--before', 'klipper.service', '--json']);
		expect(resultOf(json)).toMatchObject({unit: stdout});
	});

	test('its command line, as printed, ends a restore that was killed', async () => {
		const good = await interrupt();
		const moved = join(machine.folder, 'with blank');
		mkdirSync(moved);
		const {stdout} = await machine.run(['recover', '--systemd-unit']);
		const [, , ...args] = words(settingOf(stdout, 'ExecStart'));
		renameSync(machine.paths.settingsFolder, join(moved, 'settings'));
		expect((await machine.run(args)).code).toBe(0);
		expect(data()).toEqual(good);
	});
});

describe('locks', () => {
	const lockPathsHere = () => [
		join(machine.store, '.printkeep.lock'),
		join(machine.folder, `.printkeep-${machine.dataFolder.split('/').at(-1)}.lock`),
		join(machine.dataFolder, '.printkeep.lock'),
	];
	const recordOf = (changes: Partial<LockRecord> = {}): LockRecord => ({
		...ownIdentity({hostName: hostname(), processFolder: join(machine.folder, 'proc')}),
		job: 'restore',
		since: 1_700_000_000_000,
		nonce: 'abcdef0123456789',
		...changes,
	});
	const dead = () => recordOf({pid: 4_000_000, startTicks: '1'});

	test('of dead processes are listed, and removed with nothing else to do', async () => {
		expect((await machine.run(['backup'])).code).toBe(0);
		const [ofStore = '', beside = '', inside = ''] = lockPathsHere();
		writeFileSync(ofStore, JSON.stringify(dead()));
		symlinkSync(lockMark(dead()), beside);
		writeFileSync(inside, JSON.stringify(dead()));
		// What was on its way to be a lock when its process was killed.
		writeFileSync(`${inside}.0123456789abcdef`, JSON.stringify(dead()));
		const listed = await machine.run(['recover', '--dry-run', '--json']);
		expect(resultOf(listed)).toMatchObject({
			leftovers: [ofStore, beside, inside].map(path => ({type: 'stale-lock', path, remedy: 'clean'})),
		});
		const before = data();
		const {code, stdout} = await machine.run(['recover', '--yes']);
		expect([code, stdout]).toEqual([0, expect.stringContaining('Cleaned up 3 leftovers')]);
		expect(readdirSync(machine.folder).filter(name => name.includes('.lock'))).toEqual([]);
		expect(readdirSync(machine.dataFolder).filter(name => name.includes('.lock'))).toEqual([]);
		expect(readdirSync(machine.store).filter(name => name.includes('.lock'))).toEqual([]);
		expect(data()).toEqual(before);
		expect((await machine.run(['recover', '--yes'])).stdout).toContain('There is nothing to clean up.');
	});

	test('of which nobody knows whether their process lives are never removed', async () => {
		expect((await machine.run(['backup'])).code).toBe(0);
		const [ofStore = ''] = lockPathsHere();
		for (const holder of [recordOf({host: 'elsewhere'}), recordOf({pidNamespace: 'pid:[1]'}), recordOf()]) {
			const text = JSON.stringify(holder);
			writeFileSync(ofStore, text);
			await machine.run(['recover', '--yes']);
			expect(readFileSync(ofStore, 'utf8')).toBe(text);
		}
	});
});
