import {Box, Text} from 'ink';
import {useState} from 'react';
import {safeText} from '../../format/safe-text.js';
import {displayWidth} from '../../format/width.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {textOf} from '../text-edit.js';
import {Paint} from './paint.js';
import {TextField} from './text-field.js';

/** Rows it takes: a long name is shown whole, over several lines. */
export const typeNameHeight = (expected: string, width: number): number =>
	3 + Math.max(1, Math.ceil(displayWidth(safeText(expected)) / width));

/**
 * Asks to type a text exactly before something that cannot be taken back. A wrong text says what is expected, and Esc leaves.
 * Modal: nothing below gets a key.
 */
export const TypeName = ({
	expected,
	width,
	onConfirm,
	onCancel,
}: {
	/** Exactly this has to be typed. */
	readonly expected: string;
	readonly width: number;
	readonly onConfirm: () => void;
	readonly onCancel: () => void;
}) => {
	const {symbols, theme} = useDashboard();
	const [state, setState] = useState(() => textOf(''));
	const [isWrong, setIsWrong] = useState(false);
	useLayer({rank: 'overlay', modal: true, actions: {back: onCancel}});
	const shown = safeText(expected);
	return (
		<Box flexDirection="column">
			<Paint>Type this to confirm, or press Esc to leave everything as it is:</Paint>
			<Text wrap="hard" {...theme.style({strong: true})}>
				{shown}
			</Text>
			<Box>
				<Paint tone="accent">{`${symbols.pointer} `}</Paint>
				<TextField
					state={state}
					width={width - 2}
					rank="overlay-field"
					onChange={change => {
						setIsWrong(false);
						setState(change);
					}}
					actions={{
						submit: () => {
							if (state.value === expected || state.value === shown) {
								onConfirm();
							} else {
								setIsWrong(true);
							}
						},
					}}
				/>
			</Box>
			<Paint tone="error">{isWrong ? 'That is not it. It must be exactly the text above.' : ' '}</Paint>
		</Box>
	);
};
