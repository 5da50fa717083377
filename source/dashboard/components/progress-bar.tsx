import {memo} from 'react';
import {useSymbols} from '../hooks/use-symbols.js';
import {Paint} from './paint.js';

/** The cells of a bar: how many are full. Only a finished job fills the last one. */
export const fullCells = (percent: number, width: number): number =>
	percent >= 100 ? width : Math.max(0, Math.min(width - 1, Math.floor((percent / 100) * width)));

/** A bar of `width` cells. */
export const ProgressBar = memo(({percent, width}: {readonly percent: number; readonly width: number}) => {
	const {barFull, barEmpty} = useSymbols();
	const full = fullCells(percent, width);
	return (
		<>
			<Paint tone="accent">{barFull.repeat(full)}</Paint>
			<Paint tone="muted">{barEmpty.repeat(width - full)}</Paint>
		</>
	);
});
ProgressBar.displayName = 'ProgressBar';
