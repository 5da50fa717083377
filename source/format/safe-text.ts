// Everything that acts on a terminal or deceives a reader: C0 and C1 controls, DEL, bidirectional controls, zero-width and invisible characters, line and
// paragraph separators, tags, interlinear marks, and halves of surrogate pairs.
const unsafe =
	/[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\u{e0000}-\u{e0fff}]|\p{Cs}/gu;

const escapeCharacter = (character: string): string => {
	const code = character.codePointAt(0) ?? 0;
	return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
};

/**
 * Makes text of strangers (file names, notes, members of archives) safe to print: everything that could act on the terminal or hide itself is shown as a
 * visible escape such as `\x1b` or `\u{202e}`. Pure; safe text stays as it is.
 */
export const safeText = (text: string): string => text.replace(unsafe, escapeCharacter);
