import {Box} from 'ink';
import {useState} from 'react';
import {useLayer} from '../hooks/use-layer.js';
import {useSymbols} from '../hooks/use-symbols.js';
import type {ActionHandlers} from '../keys/layers.js';
import {Paint} from './paint.js';

export type Choice = {readonly label: string; readonly run: () => void};

/**
 * The buttons of a dialog, side by side; Enter takes the focused one. Esc takes `cancel`.
 * The layer is modal: nothing below gets a key.
 */
export const Choices = ({
	choices,
	focused: start = 0,
	onCancel,
	actions = {},
	confirms = true,
}: {
	readonly choices: readonly Choice[];
	/** Place of the button that has the focus first. */
	readonly focused?: number;
	readonly onCancel: () => void;
	/** Further keys of the dialog. */
	readonly actions?: ActionHandlers;
	/** False while a field of the dialog takes Enter. */
	readonly confirms?: boolean;
}) => {
	const {pointer} = useSymbols();
	const [focused, setFocused] = useState(start);
	const move = (step: number) => () => setFocused(previous => (previous + step + choices.length) % choices.length);
	useLayer({
		rank: 'overlay',
		modal: true,
		actions: {
			back: onCancel,
			...(confirms ? {'previous-choice': move(-1), 'next-choice': move(1), submit: () => choices[focused]?.run()} : {}),
			...actions,
		},
	});
	return (
		<Box gap={2}>
			{choices.map(({label}, index) => (
				<Paint key={label} strong={index === focused} selected={index === focused && confirms}>
					{`${index === focused && confirms ? pointer : ' '} ${label} `}
				</Paint>
			))}
		</Box>
	);
};
