/** Cutting and padding by columns of the terminal, not by characters. Give these safe text. */
import {displayWidth, takeEndWidth, takeWidth} from './width.js';

/**
 * The text in at most `width` columns, cut at its end.
 * @param ellipsis what shows the cut; pass `...` or `~` where only ASCII is possible.
 */
export const truncateEnd = (text: string, width: number, ellipsis = '…'): string => {
	if (width <= 0) {
		return '';
	}

	if (displayWidth(text) <= width) {
		return text;
	}

	const mark = takeWidth(ellipsis, width);
	return takeWidth(text, width - displayWidth(mark)) + mark;
};

/** The suffix that says what a file is, with its dot; empty for names without one. */
const extensionOf = (name: string): string => /[^/.]((?:\.tar)?\.[a-z0-9]{1,8})$/i.exec(name)?.[1] ?? '';

/**
 * The text in at most `width` columns, cut in the middle: the beginning, the end and above all the extension stay.
 * @param ellipsis what shows the cut; pass `...` or `~` where only ASCII is possible.
 */
export const truncateMiddle = (text: string, width: number, ellipsis = '…'): string => {
	if (width <= 0) {
		return '';
	}

	if (displayWidth(text) <= width) {
		return text;
	}

	const mark = takeWidth(ellipsis, width);
	const room = width - displayWidth(mark);
	const extension = extensionOf(text);
	// Half for the end: the names of backups differ there, by time. The extension comes first of all.
	const endWidth = Math.min(Math.max(Math.floor(room / 2), displayWidth(extension)), Math.max(0, room - 1));
	const end = takeEndWidth(text, endWidth);
	return takeWidth(text, room - displayWidth(end)) + mark + end;
};

const blanks = (text: string, width: number): string => ' '.repeat(Math.max(0, width - displayWidth(text)));

/** The text in exactly `width` columns: cut at its end, or followed by blanks. */
export const padEnd = (text: string, width: number, ellipsis = '…'): string => {
	const fitting = truncateEnd(text, width, ellipsis);
	return fitting + blanks(fitting, width);
};

/** The text in exactly `width` columns: cut at its end, or behind blanks. */
export const padStart = (text: string, width: number, ellipsis = '…'): string => {
	const fitting = truncateEnd(text, width, ellipsis);
	return blanks(fitting, width) + fitting;
};

/** The text in exactly `width` columns: cut in its middle, or followed by blanks. */
export const padMiddle = (text: string, width: number, ellipsis = '…'): string => {
	const fitting = truncateMiddle(text, width, ellipsis);
	return fitting + blanks(fitting, width);
};
