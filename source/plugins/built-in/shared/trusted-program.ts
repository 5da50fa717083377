import {accessSync, constants, realpathSync, statSync} from 'node:fs';
import {splitCommandLine} from '../../../format/split-command.js';
import {whyUntrusted} from '../../trusted-path.js';

export type TrustedProgram =
	| {
			readonly type: 'program';
			/** As it was named. */
			readonly name: string;
			/** Where it really is. */
			readonly file: string;
			readonly args: readonly string[];
	  }
	| {readonly type: 'refused'; readonly why: string};

/**
 * The program of a command line. Its path must be absolute, and nobody but this person and root may be able to put another one in its place.
 * @returns the program, or why it is not run, as the end of a sentence.
 */
export const readProgram = (commandLine: string): TrustedProgram => {
	const split = splitCommandLine(commandLine);
	if (split.type === 'refused') {
		return split;
	}

	const [name, ...args] = split.words;
	if (!name.startsWith('/')) {
		return {type: 'refused', why: `${name} is no absolute path`};
	}

	const untrusted = whyUntrusted(name, process.getuid?.() ?? 0);
	if (untrusted !== '') {
		return {type: 'refused', why: untrusted};
	}

	try {
		const file = realpathSync(name);
		if (!statSync(file).isFile()) {
			return {type: 'refused', why: `${name} is no file`};
		}

		accessSync(file, constants.X_OK);
		return {type: 'program', name, file, args};
	} catch {
		return {type: 'refused', why: `${name} may not be run: it is not executable`};
	}
};
