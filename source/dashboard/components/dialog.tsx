import {Box, Text} from 'ink';
import type {ReactNode} from 'react';
import {useDashboard} from '../dashboard-context.js';
import {useTerminalSize} from '../hooks/use-size.js';
import type {Tone} from '../theme.js';
import {Paint} from './paint.js';

/** Columns inside a dialog, for texts that must be fitted: border and a space on both sides are taken off. */
export const dialogInnerWidth = (terminalColumns: number, width = 64): number =>
	Math.min(width, terminalColumns - 4) - 4;

/** The only boxed thing: a window over the screen, in its middle. */
export const Dialog = ({
	title,
	tone = 'accent',
	height,
	width = 64,
	children,
}: {
	readonly title: string;
	readonly tone?: Tone;
	/** Rows inside, below the title. What does not fit the terminal is cut off at the end. */
	readonly height: number;
	/** Columns of the whole box, cut to the terminal. */
	readonly width?: number;
	readonly children: ReactNode;
}) => {
	const {theme, symbols} = useDashboard();
	const {columns, rows} = useTerminalSize();
	const outerWidth = Math.min(width, columns - 4);
	const outerHeight = Math.min(height + 3, rows - 1);
	const top = Math.max(0, Math.floor((rows - outerHeight) / 2));
	const left = Math.max(0, Math.floor((columns - outerWidth) / 2));
	const {color} = theme.style({tone});
	return (
		<>
			<Box position="absolute" top={top} left={left} width={outerWidth} height={outerHeight}>
				<Text>{`${' '.repeat(outerWidth)}\n`.repeat(outerHeight).slice(0, -1)}</Text>
			</Box>
			<Box
				position="absolute"
				top={top}
				left={left}
				width={outerWidth}
				height={outerHeight}
				borderStyle={symbols.border}
				{...(color === undefined ? {} : {borderColor: color})}
				flexDirection="column"
				paddingX={1}
				overflow="hidden"
			>
				<Paint strong tone={tone}>
					{title}
				</Paint>
				{children}
			</Box>
		</>
	);
};
