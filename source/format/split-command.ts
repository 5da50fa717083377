/** A command line in words, or why it cannot be run. */
export type SplitCommand =
	| {readonly type: 'words'; readonly words: readonly [string, ...string[]]}
	| {readonly type: 'refused'; readonly why: string};

/**
 * Splits a command line into program and arguments as a shell would, without any of a shell's other powers: quotes of both kinds and backslashes
 * keep blanks together, and everything else stands for itself. What is empty, has a quote without its partner, or needs a shell to mean something is refused.
 */
export const splitCommandLine = (commandLine: string): SplitCommand => {
	const refused = (why: string): SplitCommand => ({type: 'refused', why});
	if (/[\0\n\r]/u.test(commandLine)) {
		return refused('it is more than one line');
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
				return refused('it ends with a backslash');
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
			return refused(`${character} means something only to a shell`);
		} else {
			word = `${word ?? ''}${character}`;
		}
	}

	if (quote !== null) {
		return refused('a quote has no partner');
	}

	if (word !== null) {
		words.push(word);
	}

	const [program = '', ...rest] = words;
	if (program === '') {
		return refused('it names no program');
	}

	return program.includes('/') && !program.startsWith('/')
		? refused('the path of its program does not start with /')
		: {type: 'words', words: [program, ...rest]};
};
