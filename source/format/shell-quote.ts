import {safeText} from './safe-text.js';

const needsNoQuotes = /^[\w@%+=:,./-]+$/;

const ansiEscape = (character: string): string => {
	const codePoint = character.codePointAt(0) ?? 0;
	return codePoint < 0x80
		? `\\x${codePoint.toString(16).padStart(2, '0')}`
		: `\\U${codePoint.toString(16).padStart(8, '0')}`;
};

/** One argument as it is typed in a POSIX shell. Characters that a terminal must not get are written as `$'…'`, which bash, zsh and ksh read. */
export const shellQuote = (argument: string): string => {
	if (needsNoQuotes.test(argument)) {
		return argument;
	}

	if (safeText(argument) === argument) {
		return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
	}

	const escaped = [...argument].map(character =>
		character === "'" || character === '\\'
			? `\\${character}`
			: safeText(character) === character
				? character
				: ansiEscape(character),
	);
	return `$'${escaped.join('')}'`;
};

/** A whole command as it is typed in a shell. */
export const shellCommand = (words: readonly string[]): string => words.map(shellQuote).join(' ');
