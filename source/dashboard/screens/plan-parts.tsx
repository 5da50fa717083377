import {Box, Text} from 'ink';
import {memo} from 'react';
import type {PlanPart} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {formatCount} from '../../format/count.js';
import {safeText} from '../../format/safe-text.js';
import {padEnd, padStart} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {type LeftOutParts, type PlanFact, planActions, sumOf} from '../plan-facts.js';

/** Widths of the columns: on a narrow terminal the titles of the parts go first. */
const columnsOf = (width: number): {readonly number: number; readonly name: number; readonly title: number} => {
	const number = width < 72 ? 8 : 9;
	const name = Math.min(16, width - 5 - 5 * number);
	return {number, name, title: Math.max(0, width - 5 - name - 5 * number)};
};

type RowProps = {
	readonly box: string;
	readonly name: string;
	readonly title: string;
	/** Counts in the order of `planActions`, then bytes. */
	readonly numbers: string;
	readonly isSelected: boolean;
	readonly isFaint: boolean;
	readonly width: number;
};

const Row = memo(({box, name, title, numbers, isSelected, isFaint, width}: RowProps) => {
	const {theme, symbols} = useDashboard();
	const {name: nameWidth, title: titleWidth} = columnsOf(width);
	return (
		<Text wrap="truncate-end" {...theme.style({tone: isFaint ? 'muted' : 'plain', selected: isSelected})}>
			{`${isSelected ? symbols.pointer : ' '}${box} ${padEnd(name, nameWidth, symbols.ellipsis)}${padEnd(title, titleWidth, symbols.ellipsis)}${numbers}`}
		</Text>
	);
});
Row.displayName = 'Row';

const numbersOf = ({counts, bytes}: Pick<PlanPart, 'counts' | 'bytes'>, numberWidth: number): string =>
	[...planActions.map(action => formatCount(counts[action])), formatBytes(bytes)]
		.map(text => padStart(text, numberWidth))
		.join('');

const partKey = ({name}: PlanPart): string => name;

/** The parts of a plan with what happens to each, and below it what to know before saying yes. */
export const PlanParts = ({
	parts,
	facts: all,
	leftOut,
	width,
	height,
	onToggle,
	noToggle,
	entersOnEnter = false,
	onLook,
}: {
	readonly parts: readonly PlanPart[];
	/** What to know before saying yes, the most pressing first. */
	readonly facts: readonly PlanFact[];
	readonly leftOut: LeftOutParts;
	readonly width: number;
	readonly height: number;
	/** Missing where nothing is chosen. */
	readonly onToggle: ((part: string) => void) | undefined;
	/** Why nothing can be chosen now, where it could be otherwise. */
	readonly noToggle?: string | undefined;
	/** True where Enter has nothing else to do than to show the files of a part. */
	readonly entersOnEnter?: boolean;
	/** Shows the files of a part. */
	readonly onLook: (part: string) => void;
}) => {
	const {symbols} = useDashboard();
	const {number, name, title} = columnsOf(width);
	const factNameWidth = 9;
	const facts = all.flatMap(({name: label, text, tone}) =>
		wrapText(safeText(text), width - factNameWidth).map((line, index) => ({
			text: `${padEnd(index === 0 ? label : '', factNameWidth)}${line}`,
			tone,
		})),
	);
	// Titles and sum take two rows; the facts get what the parts leave, and at least three rows.
	const listHeight = Math.max(1, Math.min(parts.length, height - 2 - Math.min(facts.length, 3)));
	const factRows = Math.max(0, height - 2 - listHeight);
	const list = useList('part', parts, partKey, listHeight);
	const {selected} = list;
	useLayer({
		rank: 'pane',
		actions: {
			...list.actions,
			...(selected ? {look: () => onLook(selected.name)} : {}),
			...(selected && entersOnEnter ? {open: () => onLook(selected.name)} : {}),
			...(selected && (onToggle || noToggle)
				? {mark: {run: () => onToggle?.(selected.name), disabled: onToggle ? undefined : noToggle}}
				: {}),
		},
	});
	const more = `  n: all ${facts.length} lines`;
	const titles = [...planActions.map(action => action.charAt(0).toUpperCase() + action.slice(1)), 'Written'];
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Paint tone="muted">
				{`     ${padEnd('Part', name + title)}${titles.map(text => padStart(text, number)).join('')}`}
			</Paint>
			{list.visible.map(({item, key, isSelected}) => {
				const isIn = !leftOut.has(item.name);
				return (
					<Row
						key={key}
						box={onToggle ? `[${isIn ? symbols.checked : symbols.unchecked}]` : '   '}
						name={safeText(item.name)}
						title={safeText(item.externalTarget === null ? item.title : `to ${item.externalTarget}`)}
						numbers={numbersOf(item, number)}
						isSelected={isSelected}
						isFaint={!isIn}
						width={width}
					/>
				);
			})}
			<Paint
				strong
			>{`     ${padEnd('Together', name + title)}${numbersOf(sumOf(parts.filter(part => !leftOut.has(part.name))), number)}`}</Paint>
			{facts.slice(0, factRows).map(({text, tone}, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
				<Paint key={index} tone={tone}>
					{index === factRows - 1 && facts.length > factRows
						? padEnd(text, width - more.length, symbols.ellipsis) + more
						: text}
				</Paint>
			))}
		</Box>
	);
};
