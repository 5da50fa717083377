/** The lines of a text comparison as rows of the screen: pure. */
import type {DiffLine} from '../client/protocol.js';
import {plural} from '../format/plural.js';
import {safeText} from '../format/safe-text.js';
import {padStart} from '../format/truncate.js';
import {takeWidth} from '../format/width.js';
import type {Tone} from './theme.js';

export type DiffRow = {readonly text: string; readonly tone: Tone};

const numberWidth = 5;

const looks = {
	same: {sign: ' ', tone: 'plain'},
	added: {sign: '+', tone: 'ok'},
	removed: {sign: '-', tone: 'error'},
} as const satisfies Record<Exclude<DiffLine['type'], 'gap'>, {readonly sign: string; readonly tone: Tone}>;

/**
 * What is not plain is shown escaped. In lines that differ that goes for tabs and for blanks at the end as well: two lines may differ in nothing else.
 */
const shownText = ({type, text}: Exclude<DiffLine, {type: 'gap'}>): string =>
	type === 'same'
		? safeText(text.replaceAll('\t', '    '))
		: safeText(text.replaceAll('\t', String.raw`\t`)).replace(/ +$/u, blanks => String.raw`\x20`.repeat(blanks.length));

/** A text cut into pieces of at most `width` cells; an empty one is one empty piece. */
const pieces = (text: string, width: number): readonly string[] => {
	const found: string[] = [];
	let rest = text;
	do {
		// A character wider than the room is taken whole, so that this ends.
		const piece = takeWidth(rest, width) || ([...rest][0] ?? '');
		found.push(piece);
		rest = rest.slice(piece.length);
	} while (rest !== '');
	return found;
};

/** Rows of at most `width` cells. Long lines go on in the next row: what differs may be at their end. */
export const diffRows = (lines: readonly DiffLine[], width: number): readonly DiffRow[] =>
	lines.flatMap((line): readonly DiffRow[] => {
		if (line.type === 'gap') {
			return [{text: `${' '.repeat(numberWidth)}   ${plural(line.lines, 'line')} the same`, tone: 'muted'}];
		}

		const {sign, tone} = looks[line.type];
		const number = padStart(String(line.left ?? line.right ?? ''), numberWidth);
		return pieces(shownText(line), Math.max(1, width - numberWidth - 3)).map((piece, index) => ({
			text: `${index === 0 ? number : ' '.repeat(numberWidth)} ${sign} ${piece}`,
			tone,
		}));
	});
