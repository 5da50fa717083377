import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {demoStates} from '../../source/commands/demo/states.js';
import type {Harness} from './harness.js';
import {createHarness} from './harness.js';

let machine: Harness;

beforeEach(async () => {
	machine = await createHarness({registered: false});
});

afterEach(() => machine.remove());

test('the dashboard opens on a folder of its own, which is gone afterwards', async () => {
	const {code, dashboard} = await machine.run(['demo', 'empty'], {terminal: true});
	expect(code).toBe(0);
	expect(dashboard?.paths.settingsFolder).toContain('printkeep-demo-');
	expect(dashboard?.environment.HOME).toContain('printkeep-demo-');
	expect(existsSync(dashboard?.paths.settingsFolder ?? '/')).toBe(false);
	expect(existsSync(machine.paths.settingsFolder)).toBe(false);
});

test.each(demoStates.filter(({name}) => name !== 'many'))('the state $name is what it says', async ({name, ages}) => {
	const made = await machine.run(['demo', name, '--path-only', '--json']);
	const {folder} = JSON.parse(made.stdout) as {folder: string};
	const dataFolder = join(folder, 'home/.octoprint');
	const store = join(folder, 'data/printkeep/backups/demo-printer');
	const listed = JSON.parse(
		(await machine.run(['list', '--basedir', dataFolder, '--store', store, '--json'])).stdout,
	) as {
		backups: {health: {type: string}; createdAt: number}[];
	};
	const bad = listed.backups.filter(({health}) => health.type === 'bad').length;
	expect(bad).toBe(name === 'damaged' ? 3 : 0);
	expect(listed.backups.length).toBeGreaterThanOrEqual(ages.length);
	const {code} = await machine.run(['status', '--check', '--basedir', dataFolder, '--store', store]);
	expect(code).toBe(['overdue', 'empty', 'damaged'].includes(name) ? 15 : 0);
});

test('an unknown state is refused with the one that was probably meant', async () => {
	const {code, stderr} = await machine.run(['demo', 'overdu']);
	expect([code, stderr]).toEqual([2, expect.stringContaining('printkeep demo overdue')]);
});
