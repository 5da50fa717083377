import {commandHelp, exitCodeHelp, exitCodeRows, overview} from '../help-text.js';
import type {Command} from '../spec.js';
import {defineCommand} from '../spec.js';

/** The help command; it is given the table it belongs to. */
export const createHelpCommand = (all: () => readonly Command[], find: (name: string) => Command): Command =>
	defineCommand({
		name: 'help',
		summary: 'Show help for a command, or what the exit codes mean',
		details: [],
		operands: {usage: '[COMMAND|exit-codes]', minimum: 0, maximum: 1},
		options: {},
		examples: [],
		output: 'text',
		async run(context, {operands: [topic]}) {
			if (topic === 'exit-codes') {
				context.print(exitCodeHelp().trimEnd());
				return {exit: 0, json: {exitCodes: exitCodeRows()}};
			}

			const commands = topic === undefined ? all() : [find(topic)];
			const [only] = commands;
			context.print((topic !== undefined && only ? commandHelp(only) : overview(commands)).trimEnd());
			return {
				exit: 0,
				json: {
					commands: commands.map(({name, summary, operands, options}) => ({
						name,
						summary,
						operands: operands.usage,
						options,
					})),
				},
			};
		},
	});
