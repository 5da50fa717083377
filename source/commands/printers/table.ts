import {displayWidth} from '../../format/width.js';

export type Column = {readonly title: string; readonly align?: 'left' | 'right'};

/**
 * Lines of a table, columns two blanks apart, without blanks at the end of lines. Widths are those of a terminal, so that wide
 * characters keep the columns aligned. Cells have to be safe to print already.
 */
export const tableLines = (columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] => {
	const widths = columns.map(({title}, index) =>
		Math.max(displayWidth(title), ...rows.map(row => displayWidth(row[index] ?? ''))),
	);
	const line = (cells: readonly string[]): string =>
		columns
			.map(({align}, index) => {
				const cell = cells[index] ?? '';
				const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(cell)));
				return align === 'right' ? padding + cell : cell + padding;
			})
			.join('  ')
			.trimEnd();
	return [line(columns.map(({title}) => title)), ...rows.map(row => line(row))];
};

/** Lines of "name: value" pairs with the values under each other; pairs with an empty value are left out. */
export const pairLines = (pairs: readonly (readonly [string, string])[]): readonly string[] => {
	const filled = pairs.filter(([, value]) => value !== '');
	const width = Math.max(0, ...filled.map(([name]) => displayWidth(name)));
	return filled.map(([name, value]) => `${name}${' '.repeat(width - displayWidth(name))}  ${value}`);
};
