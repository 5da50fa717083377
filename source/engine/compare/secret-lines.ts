/**
 * Finds the values of secrets in any text of settings: YAML, JSON, INI, and the settings a slicer writes into comments. It goes by the names before `:`
 * and `=` alone, so that it works in files that nothing can parse, and takes the rest of the line, and of what belongs to it, rather than a letter too
 * little. One pass; no input makes it slow.
 */
import {isSecretKey} from './secret-keys.js';

/** Part of a text, from the first offset up to the second. */
export type TextRange = readonly [start: number, end: number];

/** A name and the sign that ends it. The lookbehind keeps a long run of letters from being tried at each of them. */
const namePattern =
	/(?:(?<quote>["'])(?<quoted>(?:\\.|(?!\k<quote>)[^\n\\]){1,120})\k<quote>\]?|(?<![\p{L}\p{N}_$.-])(?<plain>[\p{L}\p{N}_$.-]+))[ \t]*[:=]/gu;

const privateKeyPattern = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/g;
const addressPattern = /:\/\/[^\s/:@]{0,200}:(?<password>[^\s/@]{1,200})@/g;

const blanks = /[ \t]*/y;
const spaces = /\s*/y;
/** What may stand between a YAML name and its value: tags, anchors. */
const properties = /(?:[!&][^\s,[\]{}]*[ \t]*)*/y;
const indicators = /(?:[|>][-+0-9]*)?[ \t]*(?:#[^\n]*)?(?=\r?\n|$)/y;

const skip = (text: string, pattern: RegExp, from: number): number => {
	pattern.lastIndex = from;
	pattern.test(text);
	return Math.max(from, pattern.lastIndex);
};

/** Offset behind the quote that ends a quoted text; the end of the text when there is none. */
const quoteEnd = (text: string, start: number): number => {
	const quote = text[start] ?? '';
	const triple = quote.repeat(3);
	if (text.startsWith(triple, start)) {
		const end = text.indexOf(triple, start + 3);
		return end === -1 ? text.length : end + 3;
	}

	for (let index = start + 1; index < text.length; index++) {
		if (text[index] === '\\' && quote === '"') {
			index++;
		} else if (text[index] === quote) {
			if (quote === '"' || text[index + 1] !== quote) {
				return index + 1;
			}

			index++;
		}
	}

	return text.length;
};

/** Offset behind the bracket that ends a list or mapping; the end of the text when there is none. */
const bracketEnd = (text: string, start: number): number => {
	let depth = 0;
	for (let index = start; index < text.length; index++) {
		const character = text[index] ?? '';
		if ((character === '"' || character === "'") && /[\s,:=([{]/.test(text[index - 1] ?? '')) {
			index = quoteEnd(text, index) - 1;
		} else if (character === '[' || character === '{' || character === '(') {
			depth++;
		} else if (character === ']' || character === '}' || character === ')') {
			depth--;
			if (depth === 0) {
				return index + 1;
			}
		}
	}

	return text.length;
};

const valueEnd = (text: string, start: number): number => {
	const first = text[start];
	if (first === '"' || first === "'") {
		return quoteEnd(text, start);
	}

	return first === '[' || first === '{' || first === '(' ? bracketEnd(text, start) : start;
};

/** Remembers where the line at hand begins and ends, so that a very long one is not searched again for each name in it. */
const createLines = (text: string) => {
	let begin = 0;
	let end = -1;
	const find = (offset: number): void => {
		if (offset > end || offset < begin) {
			begin = text.lastIndexOf('\n', offset - 1) + 1;
			const next = text.indexOf('\n', offset);
			end = next === -1 ? text.length : next;
		}
	};

	return {
		beginOf(offset: number): number {
			find(offset);
			return begin;
		},
		endOf(offset: number): number {
			find(offset);
			return end;
		},
	};
};

/** The next line that is not blank: where it begins, its first letter, its end; null when there is none. */
const nextLine = (text: string, lineEnd: number): {readonly indent: number; readonly first: number} | null => {
	const first = skip(text, spaces, lineEnd);
	return first >= text.length ? null : {indent: first - text.lastIndexOf('\n', first) - 1, first};
};

/** Finds the end of the lines that belong to a name since they are further in than it; the end of its own line when none does. */
const createBlocks = (text: string) => {
	// Many names may stand on one line, and much that is blank below it.
	let knownEnd = -1;
	let known: ReturnType<typeof nextLine> = null;
	return (lineEnd: number, column: number, takesItems: boolean): number => {
		let end = lineEnd;
		for (;;) {
			if (end !== knownEnd) {
				knownEnd = end;
				known = nextLine(text, end);
			}

			if (
				known === null ||
				(known.indent <= column && !(takesItems && known.indent === column && text[known.first] === '-'))
			) {
				return end;
			}

			const next = text.indexOf('\n', known.first);
			end = next === -1 ? text.length : next;
		}
	};
};

/** Column in which a name begins that may have several words, of which the last is known; the dash of a list is no part of it. */
const columnOf = (text: string, lastWord: number, lineBegin: number): number => {
	const before = text.slice(Math.max(lineBegin, lastWord - 120), lastWord);
	const words = /[\p{L}\p{N}_$. -]*$/u.exec(before)?.[0].replace(/^[ -]+/, '') ?? '';
	return lastWord - words.length - lineBegin;
};

/** The ranges of a text that hold secrets, in order; they may overlap. */
export const secretLineRanges = (text: string): readonly TextRange[] => {
	const ranges: TextRange[] = [];
	const lines = createLines(text);
	const blockEnd = createBlocks(text);
	namePattern.lastIndex = 0;
	for (let match = namePattern.exec(text); match; match = namePattern.exec(text)) {
		const {quoted, plain = ''} = match.groups ?? {};
		if (!isSecretKey(quoted === undefined ? plain : unescapeName(quoted))) {
			// A quoted text may have a name in it, as `"--password=x"` has.
			namePattern.lastIndex = quoted === undefined ? namePattern.lastIndex : match.index + 1;
			continue;
		}

		const afterSign = namePattern.lastIndex;
		let value = skip(text, properties, skip(text, blanks, afterSign));
		indicators.lastIndex = value;
		const isEmpty = indicators.test(text);
		if (isEmpty && quoted !== undefined) {
			value = skip(text, spaces, value);
		}

		let end = valueEnd(text, value);
		const continueAt = end;
		const column = columnOf(text, match.index, lines.beginOf(match.index));
		let lineEnd = lines.endOf(end);
		while (text[lineEnd - 1] === '\\' && lineEnd < text.length) {
			lineEnd = lines.endOf(lineEnd + 1);
		}

		end = blockEnd(lineEnd, column, isEmpty);
		ranges.push([afterSign, end]);
		// What belongs to the name on other lines is hidden as a whole; on the rest of this line there may be further names.
		namePattern.lastIndex = end > lineEnd ? end : Math.max(continueAt, afterSign);
	}

	privateKeyPattern.lastIndex = 0;
	for (let match = privateKeyPattern.exec(text); match; match = privateKeyPattern.exec(text)) {
		const end = text.indexOf('-----END', privateKeyPattern.lastIndex);
		ranges.push([match.index, end === -1 ? text.length : lines.endOf(end)]);
		privateKeyPattern.lastIndex = end === -1 ? text.length : end;
	}

	for (const {index, 0: found, groups} of text.matchAll(addressPattern)) {
		const end = index + found.length - 1;
		ranges.push([end - (groups?.password?.length ?? 0), end]);
	}

	return ranges;
};

const unescapeName = (quoted: string): string =>
	quoted.replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
