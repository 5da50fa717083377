import {useState} from 'react';
import type {ActionHandlers} from '../keys/layers.js';
import type {Scroll} from './use-scroll.js';

/**
 * Moves through text that is longer than the dialog that shows it. A dialog starts at the top each time it is opened.
 * @param count all lines.
 * @param height lines that are shown.
 */
export const useOverlayScroll = (count: number, height: number): Scroll => {
	const [offset, setOffset] = useState(0);
	const last = Math.max(0, count - height);
	const move = (step: number) => () => setOffset(previous => Math.max(0, Math.min(previous + step, last)));
	const actions = {
		'move-up': move(-1),
		'move-down': move(1),
		'page-up': move(-height),
		'page-down': move(height),
		first: move(-count),
		last: move(count),
	} satisfies ActionHandlers;
	return {offset, actions};
};
