import * as path from 'node:path';

/** What a command line says about the OctoPrint it starts. */
export type ServerCommand = {
	/** Value of `-b` or `--basedir`, as written. */
	readonly dataFolder: string | null;
	/** Value of `-c` or `--config`, as written. */
	readonly configFile: string | null;
	/** Values of `--host` and `--port`, as written. */
	readonly host: string | null;
	readonly port: string | null;
	/** The interpreter or the environment's folder it runs from, when the command tells; absolute. */
	readonly python: string | null;
};

/** Names of OctoPrint's commands that run no server. */
const otherCommands = new Set([
	'plugins',
	'config',
	'client',
	'user',
	'dev',
	'analysis',
	'systeminfo',
	'timelapse',
	'safemode',
]);

const optionValue = (arguments_: readonly string[], short: string | null, long: string): string | null => {
	let found: string | null = null;
	for (const [index, argument] of arguments_.entries()) {
		if (argument === short || argument === long) {
			found = arguments_[index + 1] ?? found;
		} else if (argument.startsWith(`${long}=`)) {
			found = argument.slice(long.length + 1);
		} else if (short !== null && argument.startsWith(short) && !argument.startsWith('--') && argument.length > 2) {
			found = argument.slice(2).replace(/^=/u, '');
		}
	}

	return found;
};

/**
 * Recognises the command line of an OctoPrint server: its script by itself or run by an interpreter, or the module. Undefined for everything else,
 * also for OctoPrint's other commands.
 * @param arguments_ program and arguments.
 */
export const parseServerCommand = (arguments_: readonly string[]): ServerCommand | undefined => {
	const [program = ''] = arguments_;
	const isInterpreter = /^(?:python|pypy)[\d.]*$/u.test(path.basename(program));
	let index = 0;
	if (isInterpreter) {
		index = arguments_.findIndex(
			(argument, position) => position > 0 && (argument === '-m' || !argument.startsWith('-')),
		);
		index = arguments_[index] === '-m' ? index + 1 : index;
	}

	const script = index < 0 ? undefined : arguments_[index];
	if (script === undefined || path.basename(script) !== 'octoprint') {
		return undefined;
	}

	const rest = arguments_.slice(index + 1);
	const takesValue = new Set([
		'-b',
		'--basedir',
		'-c',
		'--config',
		'--overlay',
		'--host',
		'--port',
		'--logging',
		'--pid',
	]);
	const command = rest.find(
		(argument, position) => !argument.startsWith('-') && !takesValue.has(rest[position - 1] ?? ''),
	);
	if (command !== undefined && otherCommands.has(command)) {
		return undefined;
	}

	const python =
		isInterpreter && path.isAbsolute(program)
			? program
			: path.isAbsolute(script) && path.basename(path.dirname(script)) === 'bin'
				? path.dirname(path.dirname(script))
				: null;
	return {
		dataFolder: optionValue(rest, '-b', '--basedir'),
		configFile: optionValue(rest, '-c', '--config'),
		host: optionValue(rest, null, '--host'),
		port: optionValue(rest, null, '--port'),
		python,
	};
};
