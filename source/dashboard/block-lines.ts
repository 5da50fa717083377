/** Lays out what plugins put on their screens, as lines: pure. Everything in it comes from strangers and is made safe here. */
import {safeText} from '../format/safe-text.js';
import {padEnd, padMiddle, truncateEnd} from '../format/truncate.js';
import {displayWidth} from '../format/width.js';
import {wrapText} from '../format/wrap.js';
import type {ScreenBlock} from '../plugins/api.js';
import {fullCells} from './components/progress-bar.js';
import type {Symbols} from './symbols.js';
import type {Tone} from './theme.js';

type Titled = {readonly title: string};

/** A piece of a screen whose actions may be any: a plugin’s commands, or what the dashboard itself offers. */
export type ViewBlock<Action extends Titled> =
	| Exclude<ScreenBlock, {type: 'actions'}>
	| {readonly type: 'actions'; readonly actions: readonly Action[]};

/** A stretch of a line in one look. */
export type Span = {
	readonly text: string;
	readonly tone?: Tone | undefined;
	readonly strong?: boolean | undefined;
};

export type BlockLine = {
	/** Made when the line is shown: there may be thousands that never are. */
	readonly spans: () => readonly Span[];
	/** Place among the actions; null for a line that does nothing. */
	readonly action: number | null;
};

export type BlockLayout<Action> = {
	readonly lines: readonly BlockLine[];
	readonly actions: readonly Action[];
	/** Numbers of the lines of the actions. */
	readonly actionLines: readonly number[];
};

export type LayoutOptions = {
	/** Columns, at least 20. */
	readonly width: number;
	readonly symbols: Symbols;
};

/** Characters of running text that are laid out; whoever writes more has a log to write. */
const mostText = 30_000;

/** Rows at either end of a table whose cells are measured. Those between are cut to what these need. */
const measuredRows = 200;

/** Cells of a table or a field that can be worth showing. */
const mostCell = 300;

const columnGap = 2;
const narrowestColumn = 3;

const still = (...spans: readonly Span[]): BlockLine => ({spans: () => spans, action: null});

const blank = still({text: ' '});

const textLines = (text: string, width: number): readonly string[] =>
	text.split(/\r\n|\n/u).flatMap(line => wrapText(safeText(line), width));

/** Columns that together fit: those that need little get it, the others share the rest. */
export const columnWidths = (natural: readonly number[], room: number): readonly number[] => {
	const widths = natural.map(() => 0);
	let left = Math.max(natural.length * narrowestColumn, room);
	let open = natural.map((_, column) => column);
	while (open.length > 0) {
		const share = Math.floor(left / open.length);
		const small = open.filter(column => (natural[column] ?? 0) <= share);
		const settled = small.length > 0 ? small : open;
		for (const column of settled) {
			widths[column] = small.length > 0 ? (natural[column] ?? 0) : share;
			left -= widths[column] ?? 0;
		}

		open = open.filter(column => !settled.includes(column));
	}

	return widths;
};

const cellText = (cell: string | undefined): string => safeText((cell ?? '').slice(0, mostCell));

const tableLines = (
	{columns, rows}: Extract<ScreenBlock, {type: 'table'}>,
	{width, symbols}: LayoutOptions,
): readonly BlockLine[] => {
	const measured =
		rows.length <= 2 * measuredRows ? rows : [...rows.slice(0, measuredRows), ...rows.slice(-measuredRows)];
	const natural = columns.map((title, column) =>
		Math.max(displayWidth(cellText(title)), ...measured.map(row => displayWidth(cellText(row[column])))),
	);
	const gap = columns.length * (narrowestColumn + columnGap) > width ? 1 : columnGap;
	const widths = columnWidths(natural, width - gap * Math.max(0, columns.length - 1));
	const line = (cells: readonly string[]): string =>
		widths
			.map((room, column) => {
				const text = cellText(cells[column]);
				// Names end with what matters, sentences begin with it.
				return (text.includes(' ') ? padEnd : padMiddle)(text, room, symbols.ellipsis);
			})
			.join(' '.repeat(gap))
			.trimEnd();
	return [
		still({text: line(columns), tone: 'muted'}),
		...(rows.length === 0 ? [still({text: '(nothing)', tone: 'muted'})] : []),
		...rows.map((row): BlockLine => ({spans: () => [{text: line(row) || ' '}], action: null})),
	];
};

const fieldLines = (
	{fields}: Extract<ScreenBlock, {type: 'fields'}>,
	{width, symbols}: LayoutOptions,
	take: (text: string) => string,
): readonly BlockLine[] => {
	const longest = Math.max(0, ...fields.map(({label}) => displayWidth(cellText(label))));
	const labelWidth = Math.min(longest, Math.floor(width / 3));
	const room = width - labelWidth - columnGap;
	return fields.flatMap(({label, value, tone}) =>
		textLines(take(value), room).map((text, index) =>
			still(
				{
					text: `${padEnd(index === 0 ? cellText(label) : '', labelWidth, symbols.ellipsis)}${' '.repeat(columnGap)}`,
					tone: 'muted',
				},
				{text, tone},
			),
		),
	);
};

const progressLine = (
	{label, percent}: Extract<ScreenBlock, {type: 'progress'}>,
	{width, symbols}: LayoutOptions,
): BlockLine => {
	const bar = Math.max(10, Math.min(30, Math.floor(width / 3)));
	const full = fullCells(percent, bar);
	const room = width - bar - 2 * columnGap - 4;
	return still(
		{text: `${truncateEnd(cellText(label), room, symbols.ellipsis)}${' '.repeat(columnGap)}`},
		{text: symbols.barFull.repeat(full), tone: 'accent'},
		{text: symbols.barEmpty.repeat(bar - full), tone: 'muted'},
		{text: `${' '.repeat(columnGap)}${Math.floor(percent)}%`},
	);
};

type AnyBlock = {readonly type: string; readonly text?: string; readonly strong?: boolean | undefined};

const isHeading = ({type, strong}: AnyBlock): boolean => type === 'text' && strong === true;

/** A blank line of the plugin’s own. */
const isGap = ({type, text}: AnyBlock): boolean => type === 'text' && text === '';

const isParted = (before: AnyBlock, block: AnyBlock): boolean =>
	!isHeading(before) &&
	!isGap(before) &&
	!isGap(block) &&
	(before.type !== block.type || block.type === 'table' || isHeading(block));

/** The lines of a screen. A blank line parts pieces of different kinds, and stands before what is strong, which is a heading. */
export const layOutBlocks = <Action extends Titled>(
	blocks: readonly ViewBlock<Action>[],
	options: LayoutOptions,
): BlockLayout<Action> => {
	const lines: BlockLine[] = [];
	const actions: Action[] = [];
	const actionLines: number[] = [];
	let textRoom = mostText;
	const take = (text: string): string => {
		const taken = text.slice(0, Math.max(0, textRoom));
		textRoom -= text.length;
		return taken;
	};
	for (const [place, block] of blocks.entries()) {
		const before = blocks[place - 1];
		if (before && isParted(before, block)) {
			lines.push(blank);
		}

		switch (block.type) {
			case 'text': {
				const {tone, strong} = block;
				const text = take(block.text);
				if (text !== '' || block.text === '') {
					lines.push(
						...textLines(text, options.width).map(line => still({text: line === '' ? ' ' : line, tone, strong})),
					);
				}

				break;
			}

			case 'table':
				lines.push(...tableLines(block, options));
				break;
			case 'fields':
				lines.push(...fieldLines(block, options, take));
				break;
			case 'progress':
				lines.push(progressLine(block, options));
				break;
			case 'actions':
				for (const action of block.actions) {
					const title = truncateEnd(cellText(action.title), options.width - 2, options.symbols.ellipsis);
					actionLines.push(lines.length);
					lines.push({spans: () => [{text: title}], action: actions.length});
					actions.push(action);
				}

				break;
		}
	}

	if (textRoom < 0) {
		lines.push(blank, still({text: 'There is more text than can be shown; the rest of it is missing.', tone: 'muted'}));
	}

	return {lines, actions, actionLines};
};
