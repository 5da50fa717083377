import {describe, expect, test} from 'vitest';
import type {CommandContext} from '../../source/commands/context.js';
import {parseArguments} from '../../source/commands/parse.js';
import type {Command} from '../../source/commands/spec.js';
import {composeCommand, defineSubcommand} from '../../source/commands/subcommands.js';

const look = defineSubcommand({
	name: 'look',
	operands: {usage: '', minimum: 0, maximum: 0},
	details: ['Looks.'],
	options: {all: {type: 'boolean', description: 'At everything.'}},
	examples: [{command: 'printkeep things look', meaning: 'Look.'}],
	run: async (_context, {options}) => ({exit: options.all ? 3 : 0, json: {ran: 'look', options}}),
});

const take = defineSubcommand({
	name: 'take',
	operands: {usage: 'NAME…', minimum: 1, maximum: 2},
	details: ['Takes.'],
	options: {to: {type: 'string', value: 'DIR', description: 'Where to.'}},
	examples: [],
	run: async (_context, {options, operands}) => ({exit: 0, json: {ran: 'take', options, operands}}),
});

const spec = {name: 'things', summary: 'Do things', details: ['All about things.'], output: 'events'} as const;
const things = composeCommand(spec, [look, take], 'look');

const run = async (command: Command, ...argv: readonly string[]) =>
	command.run({} as CommandContext, parseArguments(command, argv));

describe('a command of subcommands', () => {
	test('has the words, options and examples of all of them', () => {
		expect(things.details).toEqual(['All about things.', 'Looks.', 'Takes.']);
		expect(things.operands).toEqual({usage: 'look | take NAME…', minimum: 0, maximum: 3});
		expect(Object.keys(things.options)).toEqual(['all', 'to']);
		expect(things.examples).toHaveLength(1);
		expect(composeCommand(spec, [look]).operands.minimum).toBe(1);
	});

	test('does what its first operand says, with that one’s own options and operands', async () => {
		expect(await run(things)).toEqual({exit: 0, json: {ran: 'look', options: {all: false}}});
		expect(await run(things, 'look', '--all')).toMatchObject({exit: 3});
		expect(await run(things, 'take', 'a', 'b', '--to', 'x')).toEqual({
			exit: 0,
			json: {ran: 'take', options: {to: 'x'}, operands: ['a', 'b']},
		});
	});

	for (const [argv, message] of [
		[['tak'], /cannot tak/],
		[['look', '--to', 'x'], /There is no option --to for `printkeep things look`/],
		[['take', 'a', '--all'], /There is no option --all for `printkeep things take`/],
		[['take'], /`printkeep things take` needs NAME…/],
		[['look', 'a'], /`printkeep things look` was given too much: a/],
		[['take', 'a', 'b', 'c'], /was given too much: c/],
	] as const) {
		test(`refuses ${argv.join(' ')}`, async () => {
			await expect(run(things, ...argv)).rejects.toMatchObject({
				code: 'usage',
				message: expect.stringMatching(message),
			});
		});
	}

	test('tells which one was probably meant', async () => {
		await expect(run(things, 'lok')).rejects.toMatchObject({hint: 'Did you mean `printkeep things look`?'});
	});
});
