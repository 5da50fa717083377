import type {CommandContext} from './context.js';

/** One option of a command. Parsing, `--help`, the reference and the messages about mistakes are made from it. */
export type OptionSpec = {
	readonly type: 'boolean' | 'string';
	/** May be given several times. */
	readonly multiple?: true;
	/** Single letter for `-x`. */
	readonly short?: string;
	/** What stands for the value in the help: `DIR`. */
	readonly value?: string;
	readonly description: string;
};

export type OptionTable = Readonly<Record<string, OptionSpec>>;

export type OptionValue<Spec extends OptionSpec> = Spec extends {readonly type: 'boolean'}
	? boolean
	: Spec extends {readonly multiple: true}
		? readonly string[]
		: string | undefined;

export type OptionValues<Table extends OptionTable> = {readonly [Name in keyof Table]: OptionValue<Table[Name]>};

/** What a command leaves behind: its exit code, and what `--json` prints. */
export type CommandResult = {
	readonly exit: number;
	readonly json: Readonly<Record<string, unknown>>;
};

export type Operands = {
	/** As it stands in the usage line: `KEY…`. */
	readonly usage: string;
	readonly minimum: number;
	readonly maximum: number;
};

export type CommandSpec = {
	readonly name: string;
	/** One line, starts with a verb. */
	readonly summary: string;
	/** Paragraphs. */
	readonly details: readonly string[];
	readonly operands: Operands;
	readonly options: OptionTable;
	readonly examples: readonly {readonly command: string; readonly meaning: string}[];
	/** True for commands that do not end an interrupted restore before anything else; see `resolveTarget`. */
	readonly leavesInterrupted?: true;
	/** `events`: with `--json` it prints one event a line and a final `result`; `document`: one JSON document. */
	readonly output: 'events' | 'document' | 'text';
};

export type Command = CommandSpec & {
	readonly run: (
		context: CommandContext,
		input: {readonly options: Readonly<Record<string, unknown>>; readonly operands: readonly string[]},
	) => Promise<CommandResult>;
};

type TypedCommand<Table extends OptionTable> = CommandSpec & {
	readonly options: Table;
	readonly run: (
		context: CommandContext,
		input: {readonly options: OptionValues<Table>; readonly operands: readonly string[]},
	) => Promise<CommandResult>;
};

/** Ties the type of a command's option values to its option table. */
export const defineCommand = <const Table extends OptionTable>(command: TypedCommand<Table>): Command => ({
	...command,
	// The parser makes the values from the same table, so they have its types.
	run: async (context, {options, operands}) =>
		command.run(context, {options: options as OptionValues<Table>, operands}),
});

export const noOperands: Operands = {usage: '', minimum: 0, maximum: 0};
