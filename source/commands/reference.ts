import {exitCodeRows, optionTerm, usageLine} from './help-text.js';
import {sharedOptions} from './shared-options.js';
import type {Command, OptionTable} from './spec.js';

const optionRows = (table: OptionTable): readonly string[] => [
	'| Option | What it does |',
	'|---|---|',
	...Object.entries(table).map(
		([name, {description}]) => `| \`${optionTerm(name, table).replaceAll('|', '\\|')}\` | ${description} |`,
	),
];

const section = (command: Command): readonly string[] => [
	`## ${command.name}`,
	'',
	`${command.summary}.`,
	'',
	'```',
	usageLine(command),
	'```',
	...command.details.flatMap(paragraph => ['', paragraph]),
	...(Object.keys(command.options).length === 0 ? [] : ['', ...optionRows(command.options)]),
	...(command.examples.length === 0
		? []
		: [
				'',
				'```sh',
				...command.examples.flatMap(({command: line, meaning}, index) => [
					...(index === 0 ? [] : ['']),
					`# ${meaning}`,
					line,
				]),
				'```',
			]),
	'',
];

/** The reference of all commands in Markdown; docs/cli.md is this text. */
export const commandReference = (commands: readonly Command[]): string =>
	[
		'# Commands',
		'',
		'`printkeep` alone opens the dashboard on a terminal; in a pipe, in a timer or with `TERM=dumb` it prints the state and the next commands. Everything the dashboard does is a command too.',
		'',
		'A backup is named by its key, the file name that `printkeep list` shows, or by the word `latest` for the newest usable one. Where a file can be given, a key goes before a file of the same name.',
		'',
		'## Options of every command',
		'',
		...optionRows(sharedOptions),
		'',
		'With `--json`, commands that run a job print one JSON object a line: the events of the job (`job-started`, `phase`, `progress`, `file-skipped`, `log`, `job-finished`) and a last one of the type `result` with the exit code. The others print one JSON document. Sizes are bytes, times are milliseconds since 1970. A failure has an `error` with `code`, `message` and `hint`.',
		'',
		'## Environment',
		'',
		'| Variable | What it does |',
		'|---|---|',
		'| `PRINTKEEP_CONFIG_DIR` | Folder for settings, history and log; otherwise the XDG folders |',
		'| `XDG_CONFIG_HOME`, `XDG_DATA_HOME`, `XDG_STATE_HOME` | Where settings, default stores, and history and log go |',
		'| `NO_COLOR` | No colours |',
		'| `PRINTKEEP_RESTORE_UNSUPPORTED`, `OCTOPRINT_BACKUP_RESTORE_UNSUPPORTED` | `true`, `yes`, `y` or `1`: no restore over the data folder |',
		'',
		...commands.flatMap(command => section(command)),
		'## Exit codes',
		'',
		'| Code | Meaning | `error.code` of `--json` |',
		'|---|---|---|',
		...exitCodeRows().map(
			({exit, meaning, codes}) => `| ${exit} | ${meaning} | ${codes.map(code => `\`${code}\``).join(', ')} |`,
		),
		'',
	].join('\n');
