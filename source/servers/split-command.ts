import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';

/**
 * Splits a command line into program and arguments as a shell would, without any of a shell's other powers: quotes of both kinds and backslashes
 * keep blanks together, and everything else stands for itself.
 * @throws PrintkeepError invalid-setting when it is empty, has a quote without its partner, or needs a shell to mean something.
 */
export const splitCommand = (commandLine: string): readonly [string, ...string[]] => {
	const invalid = (why: string): PrintkeepError =>
		new PrintkeepError('invalid-setting', `The command "${safeText(commandLine)}" cannot be used: ${why}.`, {
			hint: 'Give a program and its arguments; put what needs a shell into a script of its own.',
		});
	if (/[\0\n\r]/u.test(commandLine)) {
		throw invalid('it is more than one line');
	}

	const words: string[] = [];
	let word: string | null = null;
	let quote: '"' | "'" | null = null;
	for (let index = 0; index < commandLine.length; index++) {
		const character = commandLine.charAt(index);
		if (character === quote) {
			quote = null;
		} else if (quote !== "'" && character === '\\') {
			index++;
			if (index === commandLine.length) {
				throw invalid('it ends with a backslash');
			}

			word = `${word ?? ''}${commandLine.charAt(index)}`;
		} else if (quote !== null) {
			word = `${word ?? ''}${character}`;
		} else if (character === '"' || character === "'") {
			quote = character;
			word ??= '';
		} else if (character === ' ' || character === '\t') {
			if (word !== null) {
				words.push(word);
				word = null;
			}
		} else if ('|&;<>`$()'.includes(character)) {
			throw invalid(`${character} means something only to a shell`);
		} else {
			word = `${word ?? ''}${character}`;
		}
	}

	if (quote !== null) {
		throw invalid('a quote has no partner');
	}

	if (word !== null) {
		words.push(word);
	}

	const [program = '', ...rest] = words;
	if (program === '') {
		throw invalid('it names no program');
	}

	if (program.includes('/') && !program.startsWith('/')) {
		throw invalid('the path of its program does not start with /');
	}

	return [program, ...rest];
};
