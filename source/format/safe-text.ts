// Controls, formats (bidirectional marks, joiners, tags), halves of surrogate pairs, line and paragraph separators, and everything else that is drawn as
// nothing.
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const escapeCharacter = (character: string): string => {
	const code = character.codePointAt(0) ?? 0;
	return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
};

/**
 * Makes text of strangers (file names, notes, members of archives) safe to print: everything that could act on the terminal or hide itself is shown as a
 * visible escape such as `\x1b` or `\u{202e}`. Pure; safe text stays as it is.
 */
export const safeText = (text: string): string => text.replace(unsafe, escapeCharacter);
