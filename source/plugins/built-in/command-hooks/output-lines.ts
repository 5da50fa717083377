import {safeText} from '../../../format/safe-text.js';

/** So many lines are a line of the log each; more are packed together, since a log that gets too many at once takes none any more. */
const singleLines = 50;

/** What a line of the log holds. */
const maximumLength = 1900;

const pieceOfLine = /.{1,900}/gsu;

/** What a program wrote as lines for the log, safe to be shown, without empty ones. */
export const outputLines = (output: string): readonly string[] => {
	const lines = output
		.split(/\r\n|\n|\r/u)
		.map(line => safeText(line.replaceAll('\t', '    ').trimEnd()))
		.filter(line => line !== '');
	// Cut at characters; a mark that has lost its letter by that is made safe again.
	const pieces = lines.flatMap(line => (line.match(pieceOfLine) ?? []).map(safeText));
	if (pieces.length <= singleLines) {
		return pieces;
	}

	const packed: string[] = [];
	for (const piece of pieces) {
		const last = packed.at(-1);
		const joined = `${last} ⏎ ${piece}`;
		if (last !== undefined && joined.length <= maximumLength) {
			packed[packed.length - 1] = joined;
		} else {
			packed.push(piece);
		}
	}

	return packed;
};

/** The last line of it, cut to what fits into a message. */
export const lastLine = (output: string): string => {
	const line = outputLines(output).at(-1)?.split(' ⏎ ').at(-1) ?? '';
	return line.length > 200 ? `${line.slice(0, 199)}…` : line;
};
