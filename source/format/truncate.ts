import {displayWidth, takeEndWidth, takeWidth} from './width.js';

/** Cuts the end off a text that is wider than `width` cells; the ellipsis (one cell) says so. */
export const truncateEnd = (text: string, width: number, ellipsis = '…'): string =>
	displayWidth(text) <= width
		? text
		: width <= 0
			? ''
			: takeWidth(text, width - displayWidth(ellipsis)) + takeWidth(ellipsis, width);

/** Cuts the middle out of a text that is wider than `width` cells, so that the end (a file name's extension) stays. */
export const truncateMiddle = (text: string, width: number, ellipsis = '…'): string => {
	if (displayWidth(text) <= width) {
		return text;
	}

	const room = width - displayWidth(ellipsis);
	if (room <= 0) {
		return takeWidth(ellipsis, Math.max(0, width));
	}

	const end = takeEndWidth(text, Math.floor(room / 2));
	return takeWidth(text, room - displayWidth(end)) + ellipsis + end;
};

/** Fills a text with blanks to exactly `width` cells, cutting its end where it is wider. */
export const padEnd = (text: string, width: number, ellipsis = '…'): string => {
	const cut = truncateEnd(text, width, ellipsis);
	return cut + ' '.repeat(Math.max(0, width - displayWidth(cut)));
};

/** Fills a text with blanks on the left to exactly `width` cells. */
export const padStart = (text: string, width: number, ellipsis = '…'): string => {
	const cut = truncateEnd(text, width, ellipsis);
	return ' '.repeat(Math.max(0, width - displayWidth(cut))) + cut;
};
