import {parseArgs} from 'node:util';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {SharedValues} from './shared-options.js';
import {sharedOptions} from './shared-options.js';
import type {CommandSpec, OptionSpec, OptionTable} from './spec.js';
import {suggest} from './suggest.js';

export type ParsedOptions = {
	readonly shared: SharedValues;
	/** The command's own options: booleans, strings or undefined, and lists for those that may repeat. */
	readonly options: Readonly<Record<string, unknown>>;
	readonly operands: readonly string[];
};

const usage = (message: string, hint: string): PrintkeepError => new PrintkeepError('usage', message, {hint});

const initialValue = (option: OptionSpec): unknown => {
	if (option.type === 'boolean') {
		return false;
	}

	return option.multiple ? [] : undefined;
};

/** Splits the command's name from the rest: the first word that is no option and no option's value. */
export const splitVerb = (
	argv: readonly string[],
): {readonly verb: string | undefined; readonly rest: readonly string[]} => {
	const table: OptionTable = sharedOptions;
	for (let index = 0; index < argv.length; index++) {
		const argument = argv[index] ?? '';
		if (argument === '--') {
			break;
		}

		if (!argument.startsWith('-') || argument === '-') {
			return {verb: argument, rest: argv.toSpliced(index, 1)};
		}

		if (table[argument.slice(2)]?.type === 'string') {
			index++;
		}
	}

	return {verb: undefined, rest: argv};
};

/**
 * Reads the arguments of a command (without its name). Error: `usage`, saying what is wrong and what was probably meant.
 * @param spec undefined when no command was named: then only the shared options are allowed.
 */
export const parseArguments = (spec: CommandSpec | undefined, argv: readonly string[]): ParsedOptions => {
	const table: OptionTable = {...sharedOptions, ...spec?.options};
	const helpHint = spec ? `See \`printkeep help ${spec.name}\`.` : 'See `printkeep help`.';
	const {tokens} = parseArgs({
		args: [...argv],
		options: Object.fromEntries(
			Object.entries(table).map(([name, {type, short}]) => [name, {type, ...(short === undefined ? {} : {short})}]),
		),
		strict: false,
		allowPositionals: true,
		tokens: true,
	});

	const values: Record<string, unknown> = Object.fromEntries(
		Object.entries(table).map(([name, option]) => [name, initialValue(option)]),
	);
	const operands: string[] = [];
	for (const token of tokens) {
		if (token.kind === 'positional') {
			operands.push(token.value);
			continue;
		}

		if (token.kind === 'option-terminator') {
			continue;
		}

		const option = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
		if (!option) {
			const meant = suggest(token.name, Object.keys(table));
			throw usage(
				`There is no option ${safeText(token.rawName)}${spec ? ` for \`printkeep ${spec.name}\`` : ''}.`,
				meant === undefined ? helpHint : `Did you mean --${meant}? ${helpHint}`,
			);
		}

		if (option.type === 'boolean') {
			if (token.value !== undefined) {
				throw usage(`The option --${token.name} takes no value.`, helpHint);
			}

			values[token.name] = true;
			continue;
		}

		const value = token.value;
		if (value === undefined || (!token.inlineValue && value.startsWith('-') && value.length > 1)) {
			throw usage(
				`The option --${token.name} needs a value (${option.value ?? 'VALUE'}).`,
				value === undefined
					? helpHint
					: `If ${safeText(value)} is meant as the value, write --${token.name}=${safeText(value)}.`,
			);
		}

		if (value === '' && token.name !== 'note') {
			throw usage(`The option --${token.name} needs a value that is not empty.`, helpHint);
		}

		if (option.multiple) {
			(values[token.name] as string[]).push(value);
		} else if (values[token.name] === undefined) {
			values[token.name] = value;
		} else {
			throw usage(`The option --${token.name} was given twice.`, helpHint);
		}
	}

	return {
		shared: Object.fromEntries(Object.keys(sharedOptions).map(name => [name, values[name]])) as SharedValues,
		options: Object.fromEntries(Object.keys(spec?.options ?? {}).map(name => [name, values[name]])),
		operands,
	};
};

/** Checks the number of operands. Error: `usage`. */
export const checkOperands = (
	{name, operands: {usage: words, minimum, maximum}}: CommandSpec,
	operands: readonly string[],
): void => {
	const hint = `See \`printkeep help ${name}\`.`;
	if (operands.length < minimum) {
		throw usage(`\`printkeep ${name}\` needs ${words}.`, hint);
	}

	if (operands.length > maximum) {
		throw usage(`\`printkeep ${name}\` was given too much: ${safeText(operands[maximum] ?? '')}.`, hint);
	}
};
