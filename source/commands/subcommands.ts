import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {CommandContext} from './context.js';
import type {Command, CommandResult, CommandSpec, Operands, OptionTable, OptionValues} from './spec.js';
import {suggest} from './suggest.js';

/** One of the things a command can do, named by its first operand: `printkeep plugins reinstall`. */
export type Subcommand = Pick<CommandSpec, 'name' | 'details' | 'options' | 'examples'> & {
	/** What comes after its name. */
	readonly operands: Operands;
	readonly run: Command['run'];
};

/** Ties the type of the option values to the option table, as `defineCommand` does. */
export const defineSubcommand = <const Table extends OptionTable>(
	subcommand: Omit<Subcommand, 'options' | 'run'> & {
		readonly options: Table;
		readonly run: (
			context: CommandContext,
			input: {readonly options: OptionValues<Table>; readonly operands: readonly string[]},
		) => Promise<CommandResult>;
	},
): Subcommand => ({
	...subcommand,
	// The parser makes the values from a table that has this one in it.
	run: async (context, {options, operands}) =>
		subcommand.run(context, {options: options as OptionValues<Table>, operands}),
});

const wasGiven = (value: unknown): boolean =>
	value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);

const usage = (message: string, hint: string): PrintkeepError => new PrintkeepError('usage', message, {hint});

/**
 * A command whose first operand says what it does. Its options are those of all its subcommands, of which each takes only its own; an option that two of
 * them have is to be the same in both.
 * @param usual name of the one that is meant when none is named; without it, one has to be named.
 */
export const composeCommand = (
	spec: Pick<CommandSpec, 'name' | 'summary' | 'details' | 'output'>,
	subcommands: readonly Subcommand[],
	usual?: string,
): Command => {
	const names = subcommands.map(({name}) => name);
	const hint = `See \`printkeep help ${spec.name}\`.`;
	return {
		...spec,
		details: [...spec.details, ...subcommands.flatMap(({details}) => details)],
		operands: {
			usage: subcommands.map(({name, operands}) => [name, operands.usage].filter(Boolean).join(' ')).join(' | '),
			minimum: usual === undefined ? 1 : 0,
			maximum: 1 + Math.max(0, ...subcommands.map(({operands}) => operands.maximum)),
		},
		options: Object.assign({}, ...subcommands.map(({options}) => options)) as OptionTable,
		examples: subcommands.flatMap(({examples}) => examples),
		async run(context, {options, operands: [action = usual ?? '', ...operands]}) {
			const chosen = subcommands.find(({name}) => name === action);
			if (!chosen) {
				const meant = suggest(action, names);
				throw usage(
					`\`printkeep ${spec.name}\` cannot ${safeText(action)}.`,
					meant === undefined ? hint : `Did you mean \`printkeep ${spec.name} ${meant}\`?`,
				);
			}

			const call = `printkeep ${spec.name} ${chosen.name}`;
			const foreign = Object.keys(options).find(
				name => wasGiven(options[name]) && !Object.hasOwn(chosen.options, name),
			);
			if (foreign !== undefined) {
				throw usage(`There is no option --${foreign} for \`${call}\`.`, hint);
			}

			if (operands.length < chosen.operands.minimum) {
				throw usage(`\`${call}\` needs ${chosen.operands.usage}.`, hint);
			}

			if (operands.length > chosen.operands.maximum) {
				throw usage(`\`${call}\` was given too much: ${safeText(operands[chosen.operands.maximum] ?? '')}.`, hint);
			}

			return chosen.run(context, {
				options: Object.fromEntries(Object.keys(chosen.options).map(name => [name, options[name]])),
				operands,
			});
		},
	};
};
