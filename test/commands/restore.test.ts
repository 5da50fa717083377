import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {digestTree} from '../helpers/digest-tree.js';
import type {Harness} from './harness.js';
import {createHarness, resultOf} from './harness.js';

let machine: Harness;

beforeEach(async () => {
	machine = await createHarness();
	expect((await machine.run(['backup', '--name', 'good.zip'])).code).toBe(0);
});

afterEach(() => machine.remove());

const uploads = () => join(machine.dataFolder, 'uploads');

/** Changes one file, removes one, adds one. */
const damage = (): void => {
	writeFileSync(join(machine.dataFolder, 'config.yaml'), 'server: {}\n');
	rmSync(join(uploads(), 'empty.gcode'));
	writeFileSync(join(uploads(), 'since.gcode'), 'G28\n');
};

/** The data a restore is about; databases are compared by other tests, since a copy of one differs in its header. */
const data = () =>
	digestTree(machine.dataFolder, {
		skip: path => /\.db(-\w+)?$/.test(path) || path.startsWith('.printkeep') || path === 'data/backup',
		folderTimes: false,
	});

test('a dry run says what would be done and does nothing', async () => {
	damage();
	const before = data();
	const {code, stdout} = await machine.run(['restore', 'good.zip', '--dry-run', '--files']);
	expect(code).toBe(0);
	expect(stdout).toContain(`over ${machine.dataFolder} would add 1, change 2, remove 2 and keep`);
	expect(stdout).toMatch(/^would be added {4}uploads\/empty\.gcode$/m);
	expect(stdout).toMatch(/^would be changed {2}config\.yaml$/m);
	expect(stdout).toMatch(/^would be removed {2}uploads\/since\.gcode$/m);
	expect(data()).toEqual(before);
});

test('without a terminal it needs --yes, prints the plan and changes nothing', async () => {
	damage();
	const before = data();
	const {code, stdout, stderr} = await machine.run(['restore', 'good.zip', '--part', 'uploads']);
	expect([code, stderr]).toEqual([5, expect.stringContaining('printkeep restore good.zip --part uploads --yes')]);
	expect(stdout).toContain('would add 1, change 0, remove 1');
	expect(data()).toEqual(before);
});

test('on a terminal the instance’s name has to be typed when something would be removed', async () => {
	const good = data();
	damage();
	const damaged = data();
	const refused = await machine.run(['restore', 'good.zip'], {answers: ['yes', '']});
	expect([refused.code, refused.questions[0]]).toEqual([
		5,
		expect.stringMatching(/removes 2 files .*\nType octoprint/),
	]);
	expect(data()).toEqual(damaged);
	const restored = await machine.run(['restore', 'latest'], {answers: ['octoprint']});
	expect([restored.code, restored.stderr]).toEqual([0, '']);
	expect(data()).toEqual(good);
});

test('undo brings back what was there, after a question', async () => {
	const good = data();
	damage();
	const damaged = data();
	const restored = await machine.run(['restore', 'good.zip', '--yes', '--json']);
	expect(resultOf(restored)).toMatchObject({exitCode: 0, outcome: 'done', result: {inPlace: true}});
	expect((await machine.run(['undo'])).code).toBe(5);
	expect((await machine.run(['undo'], {answers: ['no']})).code).toBe(5);
	const undone = await machine.run(['undo'], {answers: ['y']});
	expect([undone.code, undone.stdout]).toEqual([0, expect.stringContaining('is as it was before the restore of')]);
	expect(data()).toEqual(damaged);
	// An undo is undone by the next one.
	expect((await machine.run(['status'])).stdout).toContain('`printkeep undo` takes back the undo of');
	const again = await machine.run(['undo', '--yes']);
	expect([again.code, again.stdout]).toEqual([
		0,
		expect.stringMatching(/^This would take back the undo of .*good\.zip/),
	]);
	expect(again.stdout).toContain('is as it was before the undo of');
	expect(data()).toEqual(good);
});

test('--to needs no question and touches nothing else', async () => {
	damage();
	const before = data();
	const {code} = await machine.run(['restore', 'good.zip', '--to', 'copy']);
	expect(code).toBe(0);
	expect(readFileSync(join(machine.folder, 'copy', 'config.yaml'), 'utf8')).toContain('salt');
	expect(data()).toEqual(before);
	const again = await machine.run(['restore', 'good.zip', '--to', 'copy']);
	expect(again.code).not.toBe(0);
});

test('a file anywhere is restored by its path', async () => {
	await machine.run(['export', 'good.zip', 'away.zip']);
	const {code, stdout} = await machine.run(['restore', 'away.zip', '--to', 'copy']);
	expect([code, stdout]).toEqual([0, expect.stringContaining('Restored')]);
});

test('switched off, it is refused with the way round', async () => {
	expect((await machine.run(['config', 'set', 'restore-unsupported', 'yes'])).code).toBe(0);
	const before = data();
	const refused = await machine.run(['restore', 'good.zip', '--yes']);
	expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining('--to')]);
	expect(data()).toEqual(before);
	expect((await machine.run(['restore', 'good.zip', '--to', 'copy'])).code).toBe(0);
	const byEnvironment = await machine.run(['restore', 'good.zip', '--yes'], {
		environment: {PRINTKEEP_RESTORE_UNSUPPORTED: 'true'},
	});
	expect(byEnvironment.code).toBe(5);
});
