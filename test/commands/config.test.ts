import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {openSettings} from '../../source/settings/store.js';
import type {Harness} from './harness.js';
import {createHarness} from './harness.js';

let machine: Harness;

beforeEach(async () => {
	machine = await createHarness();
});

afterEach(() => machine.remove());

test('list shows every setting with its value or default', async () => {
	const {code, stdout} = await machine.run(['config', 'list']);
	expect(code).toBe(0);
	expect(stdout).toContain(`Settings in ${machine.paths.settingsFile}, instance octoprint:`);
	expect(stdout).toMatch(new RegExp(`^store +${machine.store} +`, 'm'));
	expect(stdout).toMatch(/^python +\(looked for\) /m);
	const {values} = JSON.parse((await machine.run(['config', 'list', '--json'])).stdout) as {
		values: Record<string, string>;
	};
	expect(values).toMatchObject({'overdue-after': '7d', 'keep-free': '100 MB', symbols: 'auto', color: 'auto'});
});

test('set, get and unset', async () => {
	expect((await machine.run(['config', 'get', 'store'])).stdout).toBe(`${machine.store}\n`);
	expect((await machine.run(['config', 'set', 'store', 'usb'])).stdout).toBe(
		`store is ${join(machine.folder, 'usb')} now.\n`,
	);
	expect((await machine.run(['config', 'get', 'store'])).stdout).toBe(`${join(machine.folder, 'usb')}\n`);
	expect((await machine.run(['config', 'set', 'overdue-after', '3', 'days'])).stdout).toBe(
		'overdue-after is 3d now.\n',
	);
	expect((await machine.run(['config', 'unset', 'store'])).stdout).toContain('the default');
	expect(openSettings(machine.paths).read().instances.octoprint).toMatchObject({overdueAfterHours: 72});
	expect(openSettings(machine.paths).read().instances.octoprint?.store).toBeUndefined();
});

test('excludes are checked against the parts there are, and hold for every backup', async () => {
	const refused = await machine.run(['config', 'set', 'excludes', 'timelapse,nonsense']);
	expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('uploads')]);
	expect((await machine.run(['config', 'set', 'excludes', 'config'])).code).toBe(2);
	expect((await machine.run(['config', 'set', 'excludes', 'timelapse,uploads'])).code).toBe(0);
	await machine.run(['backup', '--name', 'a.zip', '--include', 'uploads']);
	const {summary} = JSON.parse((await machine.run(['show', 'a.zip', '--json'])).stdout) as {
		summary: {excludes: string[]};
	};
	expect(summary.excludes).toContain('timelapse');
	expect(summary.excludes).not.toContain('uploads');
});

test('setting something of an instance that is not registered registers it', async () => {
	const other = await createHarness({registered: false});
	try {
		const {code} = await other.run(['config', 'set', 'keep-free', '1 GB', '--basedir', other.dataFolder]);
		expect(code).toBe(0);
		expect(Object.values(openSettings(other.paths).read().instances)).toEqual([
			expect.objectContaining({dataFolder: other.dataFolder, keepFreeMegabytes: 1000}),
		]);
		expect((await other.run(['list'])).code).toBe(0);
	} finally {
		other.remove();
	}
});

test('global settings need no instance', async () => {
	const other = await createHarness({registered: false});
	try {
		expect((await other.run(['config', 'set', 'color', 'never'])).code).toBe(0);
		expect((await other.run(['config', 'get', 'color'])).stdout).toBe('never\n');
		expect((await other.run(['config', 'set', 'default-instance', 'nobody'])).code).toBe(2);
	} finally {
		other.remove();
	}
});

test.each([
	[['config'], 'needs'],
	[['config', 'sett', 'color', 'never'], 'Did you mean `printkeep config set`?'],
	[['config', 'get'], 'needs one setting'],
	[['config', 'set', 'color'], 'a setting and a value'],
	[['config', 'get', 'colour'], 'Settings: '],
])('%j is a usage error', async (args, words) => {
	const {code, stderr} = await machine.run(args);
	expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
});

test('a damaged settings file stops every command that needs it, and is left alone', async () => {
	mkdirSync(machine.paths.settingsFolder, {recursive: true});
	writeFileSync(machine.paths.settingsFile, '{"instances":');
	for (const args of [['list'], ['config', 'set', 'color', 'never'], ['status'], []]) {
		const {code, stderr} = await machine.run(args);
		expect([args, code, stderr]).toEqual([args, 2, expect.stringContaining(machine.paths.settingsFile)]);
	}

	const doctor = await machine.run(['doctor']);
	expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringMatching(/^ERROR +Settings: .*damaged/m)]);
	expect(readFileSync(machine.paths.settingsFile, 'utf8')).toBe('{"instances":');
});
