import {useMemo} from 'react';
import type {ActionHandlers} from '../keys/layers.js';
import {useMemory} from './use-memory.js';

export type Scroll = {
	/** The first line that is shown. */
	readonly offset: number;
	/** The keys that move it; none while everything fits. */
	readonly actions: ActionHandlers;
};

/**
 * Moves through text that is longer than the screen.
 * @param name the place is remembered under, unique in the screen.
 * @param count all lines.
 * @param height lines on the screen.
 */
export const useScroll = (name: string, count: number, height: number): Scroll => {
	const [stored, setOffset] = useMemory(name, 0);
	const last = Math.max(0, count - height);
	const offset = Math.min(stored, last);
	const actions = useMemo((): ActionHandlers => {
		const move = (step: number) => () =>
			setOffset(previous => Math.max(0, Math.min(Math.min(previous, last) + step, last)));
		return last === 0
			? {}
			: {
					'move-up': move(-1),
					'move-down': move(1),
					'page-up': move(-height),
					'page-down': move(height),
					'half-page-up': move(-Math.ceil(height / 2)),
					'half-page-down': move(Math.ceil(height / 2)),
					first: move(-count),
					last: move(count),
				};
	}, [last, height, count, setOffset]);
	return {offset, actions};
};
