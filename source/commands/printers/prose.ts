import {asciiText} from '../../format/ascii-text.js';
import {displayWidth} from '../../format/width.js';
import type {Output} from '../system.js';

/** Breaks a sentence between words where the terminal would break it anywhere. Tables, which have wider gaps, stay as they are. */
export const wrapLine = (line: string, columns: number): string => {
	const indent = /^ */.exec(line)?.[0] ?? '';
	const text = line.slice(indent.length);
	if (displayWidth(line) <= columns || text.includes('  ')) {
		return line;
	}

	const lines: string[] = [];
	let current = '';
	for (const word of text.split(' ')) {
		if (current !== '' && displayWidth(indent) + displayWidth(current) + 1 + displayWidth(word) > columns) {
			lines.push(indent + current);
			current = word;
		} else {
			current = current === '' ? word : `${current} ${word}`;
		}
	}

	return [...lines, indent + current].join('\n');
};

/** The same output for sentences: broken between words on a terminal, and in ASCII where the reader needs that. */
export const proseOutput = (output: Output): Output => ({
	...output,
	write(text) {
		const wrapped =
			output.isTerminal && text.includes('\n')
				? text
						.split('\n')
						.map(line => (line.startsWith('\r') ? line : wrapLine(line, output.columns())))
						.join('\n')
				: text;
		output.write(output.onlyAscii ? asciiText(wrapped) : wrapped);
	},
});
