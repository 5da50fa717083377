import {readdirSync} from 'node:fs';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {createHarness, type Harness} from './harness.js';

let machine: Harness;

beforeEach(async () => {
	machine = await createHarness();
});

afterEach(() => machine.remove());

const stored = (): readonly string[] => readdirSync(machine.store).filter(name => name.endsWith('.zip'));

test('--plain is numbered menus on lines, without any escape sequence', async () => {
	const {code, stdout, questions, dashboard} = await machine.run(['--plain'], {answers: ['10']});
	expect([code, dashboard]).toEqual([0, undefined]);
	expect(stdout).toMatch(/^1 {2}Back up now$/mu);
	expect(stdout).toMatch(/^10 {2}Quit$/mu);
	expect(questions).toEqual(['Number, 1 to 10: ']);
	expect(stdout).not.toContain('\u{1B}');
});

test('a screen reader that is announced gets the lines too', async () => {
	const {stdout, dashboard} = await machine.run([], {answers: [], environment: {ACCESSIBLE: '1'}});
	expect(dashboard).toBeUndefined();
	expect(stdout).toContain('1  Back up now');
});

test('backs up, verifies, pins and deletes from the menus', async () => {
	const backedUp = await machine.run(['--plain'], {answers: ['1', '2', '1', '2', '6', '8', '10']});
	expect(backedUp.code).toBe(0);
	expect(stored()).toHaveLength(1);
	const [key = ''] = stored();
	expect(backedUp.stdout).toContain(`As a command: printkeep verify --origin store -- ${key}`);

	// Pinned: a plain yes does not delete it.
	await machine.run(['--plain'], {answers: ['2', '1', '7', 'y', '', '10']});
	expect(stored()).toHaveLength(1);
	await machine.run(['--plain'], {answers: ['2', '1', '6', '7', 'y', '10']});
	expect(stored()).toHaveLength(0);
});

test('only a process that ends with its command may give way for good', async () => {
	const alone = await machine.run(['list']);
	expect(alone.clients).toMatchObject([{isForOneJob: true}]);
	const {clients} = await machine.run(['--plain'], {answers: ['9', '10']});
	expect(clients.length).toBeGreaterThan(0);
	expect(clients.filter(({isForOneJob}) => isForOneJob)).toEqual([]);
});

test('says what is wrong with an answer, and ends with the input', async () => {
	const {code, stdout} = await machine.run(['--plain'], {answers: ['77', '', '2', null]});
	expect(code).toBe(0);
	expect(stdout).toContain('There is no line 77.');
	expect(stdout).toContain('Type the number of a line above.');
	expect(stdout).toContain('There is no backup yet: choose Back up.');
});
