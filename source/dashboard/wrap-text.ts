import {displayWidth, takeWidth} from '../format/width.js';

/** Breaks a text into lines of at most `width` cells, between words where it can. An empty text is one empty line. */
export const wrapText = (text: string, width: number): readonly string[] => {
	const room = Math.max(1, width);
	const lines: string[] = [];
	let line = '';
	const push = (): void => {
		lines.push(line);
		line = '';
	};

	for (const word of text.split(' ')) {
		const joined = line === '' ? word : `${line} ${word}`;
		if (displayWidth(joined) <= room) {
			line = joined;
			continue;
		}

		if (line !== '') {
			push();
		}

		let rest = word;
		while (displayWidth(rest) > room) {
			// A character wider than the room is taken whole, so that this ends.
			const part = takeWidth(rest, room) || [...rest][0] || '';
			lines.push(part);
			rest = rest.slice(part.length);
		}

		line = rest;
	}

	push();
	return lines;
};
