import {errorTable} from '../errors.js';
import {sharedOptions} from './shared-options.js';
import type {Command, OptionTable} from './spec.js';

const helpWidth = 80;

/** Breaks a paragraph into lines of at most so many columns, all behind the same indent. */
export const wrap = (text: string, indent: number, width = helpWidth): readonly string[] => {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		if (line !== '' && indent + line.length + 1 + word.length > width) {
			lines.push(line);
			line = word;
		} else {
			line = line === '' ? word : `${line} ${word}`;
		}
	}

	return [...lines, line].map(each => ' '.repeat(indent) + each);
};

/** Two columns: a term, and what it means, wrapped. */
const definitions = (pairs: readonly (readonly [string, string])[], column: number): readonly string[] =>
	pairs.flatMap(([term, meaning]) => {
		const lines = wrap(meaning, column);
		const head = `  ${term}`;
		const [first = '', ...rest] = lines;
		return head.length + 2 > column ? [head, ...lines] : [head + first.slice(head.length), ...rest];
	});

/** An option as the help writes it: `-y, --yes`, `--exclude PART…`. */
export const optionTerm = (name: string, table: OptionTable): string => {
	const option = table[name];
	const short = option?.short === undefined ? '' : `-${option.short}, `;
	const value = option?.type === 'string' ? ` ${option.value ?? 'VALUE'}` : '';
	return `${short}--${name}${value}${option?.multiple ? ' …' : ''}`;
};

const optionLines = (table: OptionTable): readonly string[] =>
	definitions(
		Object.entries(table).map(([name, {description}]) => [optionTerm(name, table), description] as const),
		26,
	);

/** The usage line of a command. */
export const usageLine = ({name, operands, options}: Command): string =>
	['printkeep', name, operands.usage, Object.keys(options).length > 0 ? '[options]' : ''].filter(Boolean).join(' ');

/** The help of one command. */
export const commandHelp = (command: Command): string =>
	[
		command.summary,
		'',
		`Usage: ${usageLine(command)}`,
		...command.details.flatMap(paragraph => ['', ...wrap(paragraph, 0)]),
		...(Object.keys(command.options).length === 0 ? [] : ['', 'Options:', ...optionLines(command.options)]),
		'',
		'Options of every command:',
		...optionLines(sharedOptions),
		...(command.examples.length === 0
			? []
			: [
					'',
					'Examples:',
					...command.examples.flatMap(example => [`  ${example.command}`, ...wrap(example.meaning, 6)]),
				]),
		'',
	].join('\n');

/** The help without a command: what there is. */
export const overview = (commands: readonly Command[]): string =>
	[
		'Back up and restore 3D-print servers.',
		'',
		'Usage: printkeep                      open the dashboard',
		'       printkeep COMMAND [options]    do one thing, from a script or by hand',
		'',
		'Commands:',
		...definitions(
			commands.map(({name, summary}) => [name, summary] as const),
			20,
		),
		'',
		'Options of every command:',
		...optionLines(sharedOptions),
		'',
		'`printkeep help COMMAND` tells more, `printkeep help exit-codes` what the exit codes mean.',
		'',
	].join('\n');

const signalCodes = [
	[129, 'The terminal was closed (HUP); a running job was finished first'],
	[130, 'Interrupted (Ctrl+C, INT) or cancelled'],
	[143, 'Terminated (TERM)'],
] as const;

const exitMeanings: Readonly<Record<number, string>> = {
	0: 'Done',
	1: 'Failed',
	2: 'The command was not understood',
	3: 'Done, but not everything; what is missing is listed',
	4: 'The archive is damaged or refused',
	5: 'Refused for safety, or it needs your confirmation',
	10: 'Not found',
	11: 'Busy: another job is running, and it is named',
	12: 'The password or key is wrong',
	13: 'There is not enough space',
	14: 'The remote place failed',
	15: 'Backups are overdue or suspect (`status --check`)',
};

/** Every exit code with what it means and the error codes of `--json` that lead to it. */
export const exitCodeRows = (): readonly {
	readonly exit: number;
	readonly meaning: string;
	readonly codes: readonly string[];
}[] => [
	...Object.entries(exitMeanings).map(([exit, meaning]) => ({
		exit: Number(exit),
		meaning,
		codes: Object.entries(errorTable)
			.filter(([, entry]) => entry.exit === Number(exit))
			.map(([code]) => code),
	})),
	...signalCodes.map(([exit, meaning]) => ({exit, meaning, codes: exit === 130 ? ['cancelled'] : []})),
];

/** The text of `printkeep help exit-codes`. */
export const exitCodeHelp = (): string =>
	[
		'Exit codes:',
		...exitCodeRows().flatMap(({exit, meaning, codes}) => [
			...wrap(meaning, 7).map((line, index) => (index === 0 ? String(exit).padStart(5) + line.slice(5) : line)),
			...(codes.length === 0 ? [] : wrap(codes.join(', '), 9)),
		]),
		'',
		'The names below a code are the `error.code` of `--json`.',
		'',
	].join('\n');
