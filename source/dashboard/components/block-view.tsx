import {Box, Text} from 'ink';
import {memo} from 'react';
import type {BlockLayout, BlockLine} from '../block-lines.js';
import {useDashboard} from '../dashboard-context.js';

const Line = memo(({line, isSelected}: {readonly line: BlockLine; readonly isSelected: boolean}) => {
	const {theme, symbols} = useDashboard();
	const mark = line.action === null ? '' : `${isSelected ? symbols.pointer : ' '} `;
	return (
		<Text wrap="truncate-end" {...theme.style({selected: isSelected})}>
			{mark}
			{line.spans().map(({text, tone, strong}, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line have no identity but their place.
				<Text key={index} {...(isSelected ? {} : theme.style({tone, strong}))}>
					{text}
				</Text>
			))}
		</Text>
	);
});
Line.displayName = 'Line';

/** As many lines of a laid out screen as there is room for; the rest is not drawn. */
export const BlockView = <Action,>({
	layout: {lines},
	offset,
	selected,
	height,
}: {
	readonly layout: BlockLayout<Action>;
	readonly offset: number;
	/** Place among the actions; null when none is chosen. */
	readonly selected: number | null;
	readonly height: number;
}) => (
	<Box flexDirection="column" height={height} overflow="hidden">
		{lines.slice(offset, offset + height).map((line, row) => (
			// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
			<Line key={offset + row} line={line} isSelected={line.action !== null && line.action === selected} />
		))}
	</Box>
);
