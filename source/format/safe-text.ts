/**
 * Names and notes come from strangers: from file systems, archives, other programs. Shown as they are they could move the cursor, retitle the
 * window, turn the line around or hide half of a name. Everything invisible or active is therefore shown as a visible escape.
 */

/** Control, format, separator and other default-ignorable code points, and surrogates that have lost their partner. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Marks with nothing to stand on, and those piled higher than any script needs. */
const looseMarks = /^\p{M}+|(?<=\p{M}{6})\p{M}+/gu;

const plainText = /^[\x20-\x7e]*$/;

const escapeCodePoint = (character: string): string => {
	const codePoint = character.codePointAt(0) ?? 0;
	const hexadecimal = codePoint.toString(16);
	return codePoint < 0x100 ? `\\x${hexadecimal.padStart(2, '0')}` : `\\u{${hexadecimal}}`;
};

/**
 * Text of any origin in a form that a terminal shows and does not obey: control characters (line breaks and tabs too), bidirectional controls,
 * zero-width and ignorable characters, line and paragraph separators and lone surrogates become `\x1b`, `\u{202e}` and the like.
 * Applying it again changes nothing. The result is one line.
 */
export const safeText = (text: string): string => {
	if (plainText.test(text)) {
		return text;
	}

	return text
		.replaceAll(unsafe, escapeCodePoint)
		.replaceAll(looseMarks, marks => [...marks].map(escapeCodePoint).join(''));
};
