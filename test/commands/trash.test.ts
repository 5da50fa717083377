import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Harness} from './harness.js';
import {createHarness, resultOf} from './harness.js';

let machine: Harness;

beforeAll(async () => {
	machine = await createHarness();
	for (const name of ['first', 'second', 'third']) {
		await machine.run(['backup', '--name', name]);
	}
});

afterAll(() => machine.remove());

const inStore = (): readonly string[] =>
	readdirSync(machine.store)
		.filter(name => name.endsWith('.zip'))
		.sort();

type Item = {readonly id: string; readonly key: string};

const items = async (): Promise<readonly Item[]> =>
	resultOf(await machine.run(['trash', '--json'])).items as readonly Item[];

test('an empty trash says so, and bringing back names what is missing', async () => {
	expect((await machine.run(['trash'])).stdout).toBe('The trash is empty.\n');
	expect((await machine.run(['trash', 'empty', '--yes'])).stdout).toBe('The trash is empty.\n');
	expect((await machine.run(['status'])).stdout).not.toMatch(/^Trash/m);
	expect((await machine.run(['doctor'])).stdout).not.toContain('Trash:');
	const missing = await machine.run(['trash', 'restore', 'first.zip']);
	expect([missing.code, missing.stderr]).toEqual([
		10,
		expect.stringContaining('nothing called first.zip in the trash'),
	]);
});

test('delete moves to the trash and says how to bring it back, and that way works', async () => {
	const deleted = await machine.run(['delete', 'first.zip'], {answers: ['y']});
	expect(deleted.questions[0]).toContain('Move it to the trash? For 7 days it can be brought back.');
	expect(deleted.stdout).toContain('Moved 1 backup to the trash, for 7 days; 2 remain.');
	expect(inStore()).toEqual(['second.zip', 'third.zip']);
	const [, command = ''] = /Back with: printkeep (.*)\n/u.exec(deleted.stdout) ?? [];
	const listed = await machine.run(['trash', 'list']);
	expect(listed.stdout).toMatch(/^ID +DELETED +GOES +SIZE +KEY\n[0-9a-f]{12} +\d{4}-.* in (6|7) d .* first\.zip$/m);
	expect((await machine.run(['status'])).stdout).toMatch(/^Trash +1 deleted backup, .*B: see `printkeep trash`$/m);
	expect((await machine.run(['doctor'])).stdout).toMatch(/^ok +Trash: Deleted backups take .*B/m);
	const back = await machine.run(command.split(' '));
	expect([back.code, back.stdout]).toEqual([0, expect.stringContaining(`first.zip is back in ${machine.store}.`)]);
	expect(inStore()).toEqual(['first.zip', 'second.zip', 'third.zip']);
	expect(await items()).toEqual([]);
});

test('a dry run changes nothing', async () => {
	await machine.run(['delete', 'first.zip', 'second.zip', '--yes']);
	const restore = await machine.run(['trash', 'restore', 'first', '--dry-run']);
	expect(restore.stdout).toMatch(/^Would be brought back:\n {2}first\.zip, deleted /);
	const empty = await machine.run(['trash', 'empty', '--dry-run']);
	expect(empty.stdout).toMatch(/^Would be deleted for good:\n(?: {2}(?:first|second)\.zip.*\n){2}$/);
	expect((await items()).map(({key}) => key)).toEqual(['second.zip', 'first.zip']);
});

test('a name that is taken is refused, and one deleted twice needs its id', async () => {
	await machine.run(['backup', '--name', 'first']);
	const clash = await machine.run(['trash', 'restore', 'first.zip']);
	expect([clash.code, clash.stderr]).toEqual([
		1,
		expect.stringContaining('a backup called first.zip in the store now'),
	]);
	await machine.run(['delete', 'first.zip', '--yes']);
	const twice = await machine.run(['trash', 'restore', 'first.zip']);
	const [latest, , earlier] = await items();
	expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining(`${latest?.id}, ${earlier?.id}`)]);
	expect((await machine.run(['trash', 'restore', earlier?.id ?? ''])).code).toBe(0);
	expect(inStore()).toEqual(['first.zip', 'third.zip']);
});

test('emptying asks, and without a terminal says the command that would do it', async () => {
	const refused = await machine.run(['trash', 'empty']);
	expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining('printkeep trash empty --yes')]);
	const no = await machine.run(['trash', 'empty', 'second.zip'], {answers: ['n']});
	expect(no.code).toBe(5);
	expect(await items()).toHaveLength(2);
	const one = await machine.run(['trash', 'empty', 'second.zip'], {answers: ['y']});
	expect([one.code, one.stdout]).toEqual([0, expect.stringMatching(/Deleted 1 backup for good, .* freed\./)]);
	const all = resultOf(await machine.run(['trash', 'empty', '--yes', '--json']));
	expect(all).toMatchObject({exitCode: 0, outcome: 'done', result: {deleted: ['first.zip']}});
	expect(existsSync(join(machine.store, '.printkeep-trash'))).toBe(false);
});

test('delete --permanently, and a trash that keeps nothing', async () => {
	const unasked = await machine.run(['delete', 'first.zip', '--permanently']);
	expect(unasked.stdout).toContain('To be deleted for good:');
	expect(unasked.stderr).toContain('Deleting 1 backup for good needs your confirmation');
	const gone = await machine.run(['delete', 'first.zip', '--permanently'], {answers: ['y']});
	expect(gone.questions[0]).toContain('Delete it for good and free');
	expect(gone.stdout).toMatch(/Deleted 1 backup for good, .* freed; 1 remain\./);
	expect(await items()).toEqual([]);
	await machine.run(['config', 'set', 'trash-days', '0']);
	const ran = await machine.run(['delete', 'third.zip'], {answers: ['y']});
	expect(ran.questions[0]).toContain('for good');
	expect([inStore(), await items()]).toEqual([[], []]);
	await machine.run(['config', 'unset', 'trash-days']);
});

test('a wrong word is answered with the right ones', async () => {
	const wrong = await machine.run(['trash', 'emtpy']);
	expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('printkeep trash empty')]);
	expect((await machine.run(['trash', 'restore'])).code).toBe(2);
	expect((await machine.run(['trash', 'list', 'x'])).code).toBe(2);
});
