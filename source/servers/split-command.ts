import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {splitCommandLine} from '../format/split-command.js';

/**
 * Splits a command line into program and arguments, see `splitCommandLine`.
 * @throws PrintkeepError invalid-setting when it is empty, has a quote without its partner, or needs a shell to mean something.
 */
export const splitCommand = (commandLine: string): readonly [string, ...string[]] => {
	const split = splitCommandLine(commandLine);
	if (split.type === 'refused') {
		throw new PrintkeepError(
			'invalid-setting',
			`The command "${safeText(commandLine)}" cannot be used: ${split.why}.`,
			{hint: 'Give a program and its arguments; put what needs a shell into a script of its own.'},
		);
	}

	return split.words;
};
