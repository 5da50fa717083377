import {expect, test} from 'vitest';
import {commandHelp, exitCodeHelp, exitCodeRows, overview, wrap} from '../../source/commands/help-text.js';
import {commandReference} from '../../source/commands/reference.js';
import {commands, findCommand} from '../../source/commands/registry.js';
import {errorTable} from '../../source/errors.js';

test('the overview', async () => {
	await expect(overview(commands)).toMatchFileSnapshot('help/overview.txt');
});

test('the help of a command with everything a help can have', async () => {
	await expect(commandHelp(findCommand('restore'))).toMatchFileSnapshot('help/restore.txt');
});

test('the exit codes', async () => {
	await expect(exitCodeHelp()).toMatchFileSnapshot('help/exit-codes.txt');
});

test('docs/cli.md is what the commands say of themselves', async () => {
	await expect(commandReference(commands)).toMatchFileSnapshot('../../docs/cli.md');
});

test('no help is wider than a terminal', () => {
	for (const text of [overview(commands), exitCodeHelp(), ...commands.map(command => commandHelp(command))]) {
		for (const line of text.split('\n')) {
			// Words that cannot be broken, like a long example, are let pass.
			expect(line.length <= 80 || !line.trim().includes('  ')).toBe(true);
		}
	}
});

test('every error code has its exit code in the table, and every exit code a meaning', () => {
	const rows = exitCodeRows();
	for (const [code, {exit}] of Object.entries(errorTable)) {
		expect([code, rows.find(row => row.codes.includes(code))?.exit]).toEqual([code, exit]);
	}
});

test('paragraphs are broken between words', () => {
	expect(wrap('aa bb', 2)).toEqual(['  aa bb']);
	expect(wrap(`${'x'.repeat(79)} y`, 0)).toEqual(['x'.repeat(79), 'y']);
});
