import {useCallback, useLayoutEffect, useMemo} from 'react';
import type {ActionHandlers} from '../keys/layers.js';
import type {ListCursor, ListMove} from '../list-cursor.js';
import {moveCursor, settleCursor, startCursor} from '../list-cursor.js';
import {useMemory} from './use-memory.js';

export type ListState<Item> = {
	/** Rows on the screen, in order. */
	readonly visible: readonly {readonly item: Item; readonly key: string; readonly isSelected: boolean}[];
	readonly selected: Item | undefined;
	readonly cursor: ListCursor;
	/** The keys every list takes; add them to a layer. */
	readonly actions: ActionHandlers;
	readonly select: (key: string) => void;
};

/**
 * A list with a cursor that follows a key. Only what is on the screen is drawn.
 * @param name the cursor is remembered under, unique in the screen.
 * @param height rows on the screen.
 */
export const useList = <Item>(
	name: string,
	items: readonly Item[],
	keyOf: (item: Item) => string,
	height: number,
): ListState<Item> => {
	const [stored, setCursor] = useMemory<ListCursor>(name, startCursor);
	// biome-ignore lint/correctness/useExhaustiveDependencies: keyOf is a pure function, often written in place.
	const keys = useMemo(() => items.map(keyOf), [items]);
	const rows = Math.max(1, height);
	const cursor = settleCursor(stored, keys, rows);
	useLayoutEffect(() => {
		// What the cursor settled on is what follows from now on; without this a vanished key would never be forgotten.
		if (cursor.key !== stored.key || cursor.index !== stored.index || cursor.offset !== stored.offset) {
			setCursor(cursor);
		}
	});

	const move = useCallback(
		(step: ListMove) => () => setCursor(previous => moveCursor(previous, step, keys, rows)),
		[keys, rows, setCursor],
	);
	const actions = useMemo(
		() =>
			({
				'move-up': move('up'),
				'move-down': move('down'),
				'page-up': move('page-up'),
				'page-down': move('page-down'),
				'half-page-up': move('half-page-up'),
				'half-page-down': move('half-page-down'),
				first: move('first'),
				last: move('last'),
			}) satisfies ActionHandlers,
		[move],
	);

	const select = useCallback((key: string) => setCursor(previous => ({...previous, key})), [setCursor]);
	return {
		visible: items.slice(cursor.offset, cursor.offset + rows).map((item, row) => ({
			item,
			key: keys[cursor.offset + row] ?? '',
			isSelected: cursor.offset + row === cursor.index,
		})),
		selected: items[cursor.index],
		cursor,
		actions,
		select,
	};
};
