import {Box, Text} from 'ink';
import SelectInput from 'ink-select-input';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd} from '../../format/truncate.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {minimumSize, useTerminalSize} from '../hooks/use-size.js';
import type {ActionHandlers, Rank} from '../keys/layers.js';

export type MenuItem<Value extends string> = {readonly value: Value; readonly label: string};

const MenuPointer = ({isSelected = false}: {readonly isSelected?: boolean}) => {
	const {symbols, theme} = useDashboard();
	return <Text {...theme.style({tone: 'accent'})}>{isSelected ? `${symbols.pointer} ` : '  '}</Text>;
};

const MenuLabel = ({isSelected = false, label}: {readonly isSelected?: boolean; readonly label: string}) => {
	const {theme} = useDashboard();
	return (
		<Text wrap="truncate-end" {...theme.style({tone: isSelected ? 'accent' : 'plain', strong: isSelected})}>
			{label}
		</Text>
	);
};

/** A few fixed choices, numbered: digits choose at once, Enter takes the marked one, Esc takes `onCancel`. */
export const SmallMenu = <Value extends string>({
	items,
	width,
	rank = 'pane',
	onSelect,
	onCancel,
	actions = {},
}: {
	/** At most nine. */
	readonly items: readonly MenuItem<Value>[];
	/** Columns it may fill. */
	readonly width: number;
	/** `overlay` inside a dialog. */
	readonly rank?: Extract<Rank, 'pane' | 'overlay'>;
	readonly onSelect: (value: Value) => void;
	readonly onCancel: () => void;
	/** Further keys, besides those the menu reads itself. */
	readonly actions?: ActionHandlers;
}) => {
	const {symbols} = useDashboard();
	const {columns, rows} = useTerminalSize();
	useLayer({rank, ownKeys: true, actions: {back: onCancel, ...actions}});
	return (
		<Box width={width}>
			<SelectInput
				items={items.map(({value, label}, index) => ({
					key: value,
					label: truncateEnd(`${index + 1}  ${safeText(label)}`, width - 2, symbols.ellipsis),
					value,
				}))}
				isFocused={columns >= minimumSize.columns && rows >= minimumSize.rows}
				indicatorComponent={MenuPointer}
				itemComponent={MenuLabel}
				onSelect={({value}) => onSelect(value)}
			/>
		</Box>
	);
};
