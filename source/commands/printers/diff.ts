import type {DiffLine, TextComparison} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';

const signs = {same: ' ', added: '+', removed: '-'} as const;

/** Tabs are what people indent with; shown as escapes they would make a text hard to read. */
const shownText = (text: string): string => safeText(text.replaceAll('\t', '    '));

const lineText = (line: DiffLine): string =>
	line.type === 'gap' ? `@@ ${plural(line.lines, 'line')} the same @@` : `${signs[line.type]} ${shownText(line.text)}`;

const sizeText = (bytes: number | null): string => (bytes === null ? 'not there' : formatBytes(bytes));

/** How one file differs, line by line, or in words. Every line is safe on a terminal. */
export const diffLines = (
	text: TextComparison,
	{left, right}: {readonly left: string; readonly right: string},
): readonly string[] => {
	if (text.type === 'other') {
		const sizes =
			text.leftBytes === null && text.rightBytes === null
				? []
				: [`In ${left}: ${sizeText(text.leftBytes)}; in ${right}: ${sizeText(text.rightBytes)}.`];
		return [safeText(text.reason), ...sizes];
	}

	if (text.added === 0 && text.removed === 0) {
		return ['No difference.'];
	}

	return [
		`--- ${right}`,
		`+++ ${left}`,
		...text.lines.map(lineText),
		...(text.hidden === 0 ? [] : [`Values of secrets are hidden in ${plural(text.hidden, 'line')}.`]),
	];
};
