import stringWidth from 'string-width';

const ascii = /^[\x20-\x7e]*$/;

/** Cells a text takes on a terminal. Most names are plain ASCII, and are not measured grapheme by grapheme. */
export const displayWidth = (text: string): number => (ascii.test(text) ? text.length : stringWidth(text));

let segmenter: Intl.Segmenter | undefined;

/** Made when there is something to take apart: it brings some megabytes of tables of Unicode's. */
const graphemesOf = (text: string): Intl.Segments => {
	segmenter ??= new Intl.Segmenter('en', {granularity: 'grapheme'});
	return segmenter.segment(text);
};

/** The longest start of a text that fits into so many cells; never cuts a character in two. */
export const takeWidth = (text: string, width: number): string => {
	if (ascii.test(text)) {
		return text.slice(0, Math.max(0, width));
	}

	let taken = '';
	let cells = 0;
	for (const {segment} of graphemesOf(text)) {
		cells += stringWidth(segment);
		if (cells > width) {
			break;
		}

		taken += segment;
	}

	return taken;
};

/** The longest end of a text that fits into so many cells. */
export const takeEndWidth = (text: string, width: number): string => {
	if (ascii.test(text)) {
		return width <= 0 ? '' : text.slice(-width);
	}

	let taken = '';
	let cells = 0;
	for (const {segment} of [...graphemesOf(text)].toReversed()) {
		cells += stringWidth(segment);
		if (cells > width) {
			break;
		}

		taken = segment + taken;
	}

	return taken;
};
