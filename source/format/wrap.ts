import {displayWidth, takeWidth} from './width.js';

/**
 * Text in lines of at most `width` columns, broken between words, and inside a word only when it alone is longer than a line.
 * Give it safe text: it knows no line breaks. Empty text is one empty line.
 * @param width columns, at least 1; characters that are wider than that stand alone on their line.
 */
export const wrapText = (text: string, width: number): readonly string[] => {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		const next = line === '' ? word : `${line} ${word}`;
		if (displayWidth(next) <= width) {
			line = next;
			continue;
		}

		if (line !== '') {
			lines.push(line);
		}

		let rest = word;
		while (displayWidth(rest) > width) {
			const head = takeWidth(rest, width) || ([...rest][0] ?? '');
			lines.push(head);
			rest = rest.slice(head.length);
		}

		line = rest;
	}

	return line === '' && lines.length > 0 ? lines : [...lines, line];
};
