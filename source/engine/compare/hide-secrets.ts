import {secretLineRanges, type TextRange} from './secret-lines.js';
import {secretValues} from './secret-values.js';

/** What is shown in place of the value of a secret. */
export const hiddenText = '‹hidden›';

/** A line as it may be shown, without its line end. */
export type ShownLine = {readonly text: string; readonly isHidden: boolean};

/** Work that looking for repeated values may cause, in characters searched. */
const maximumSearched = 50_000_000;
const maximumValues = 2000;

/**
 * True for a value that is a secret wherever it stands. Plain words and short values are not looked for elsewhere: `key: default` would blank out every
 * `default` of the file.
 */
const isTelling = (value: string): boolean =>
	value.length >= 8 && !/^[\p{L} _-]*$/u.test(value) && !/^\d{1,9}$/.test(value);

const valueRanges = (text: string, values: ReadonlySet<string>): readonly TextRange[] => {
	const ranges: TextRange[] = [];
	let searched = 0;
	for (const value of values) {
		searched += text.length;
		if (searched > maximumSearched) {
			break;
		}

		for (let start = text.indexOf(value); start !== -1; start = text.indexOf(value, start + value.length)) {
			ranges.push([start, start + value.length]);
		}
	}

	return ranges;
};

/** The same ranges in order and without overlaps. */
const merge = (ranges: readonly TextRange[]): readonly TextRange[] => {
	const merged: [number, number][] = [];
	for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
		const last = merged.at(-1);
		if (last && start <= last[1]) {
			last[1] = Math.max(last[1], end);
		} else {
			merged.push([start, end]);
		}
	}

	return merged;
};

/** Nothing that could be a secret: an empty value, or one that a program reads as no text. */
const isHarmless = (value: string): boolean =>
	/^(?:|true|false|yes|no|on|off|null|none|~|''|""|\{\}|\[\])[,;]?$/i.test(value);

/** Hides a part of a line, blanks around it apart. */
const hidePart = (part: string): string => {
	const start = part.length - part.trimStart().length;
	return part.slice(0, start) + hiddenText + part.slice(part.trimEnd().length);
};

const hideIn = (text: string, ranges: readonly TextRange[]): readonly ShownLine[] => {
	const lines: ShownLine[] = [];
	let next = 0;
	for (let begin = 0; begin < text.length; ) {
		const found = text.indexOf('\n', begin);
		const end = found === -1 ? text.length : found;
		let shown = '';
		let isHidden = false;
		let from = begin;
		for (let range = ranges[next]; range && range[0] < end; range = ranges[next]) {
			const [start, stop] = range;
			const first = Math.max(start, begin);
			const part = text.slice(first, Math.min(stop, end));
			const isShown = part.trim() === '' || (start >= begin && stop <= end && isHarmless(part.trim()));
			shown += text.slice(from, first) + (isShown ? part : hidePart(part));
			isHidden ||= !isShown;
			from = Math.max(from, Math.min(stop, end));
			if (stop > end) {
				break;
			}

			next++;
		}

		lines.push({text: shown + text.slice(from, end), isHidden});
		begin = end + 1;
	}

	return lines;
};

/**
 * Splits texts that belong together into lines with the values of secrets hidden. What is a secret in one of them is hidden in the others too.
 * @returns for each text its lines, as many as the text has.
 */
export const hideSecrets = (texts: readonly string[]): readonly (readonly ShownLine[])[] => {
	const found = texts.map(text => ({text, lines: secretLineRanges(text), ...secretValues(text)}));
	const values = new Set(found.flatMap(each => each.values.filter(isTelling)));
	for (const {text, lines} of found) {
		for (const [start, end] of lines.slice(0, maximumValues)) {
			const [, quoted, plain] =
				/^\s*(?:"([^"\n]*)"|([^\s,;"]+))/.exec(text.slice(start, Math.min(end, start + 200))) ?? [];
			const value = quoted ?? plain ?? '';
			if (isTelling(value)) {
				values.add(value);
			}
		}
	}

	return found.map(({text, lines, ranges}) => hideIn(text, merge([...lines, ...ranges, ...valueRanges(text, values)])));
};
