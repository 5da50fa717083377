import {useMemo} from 'react';
import {
	type BlockCursor,
	type BlockMove,
	moveBlockCursor,
	settleBlockCursor,
	startBlockCursor,
} from '../block-cursor.js';
import {type BlockLayout, layOutBlocks, type ViewBlock} from '../block-lines.js';
import type {ActionHandlers} from '../keys/layers.js';
import {useMemory} from './use-memory.js';
import {useSymbols} from './use-symbols.js';

export type Blocks<Action> = {
	readonly layout: BlockLayout<Action>;
	readonly offset: number;
	/** Place of the chosen action; null when none is. */
	readonly selected: number | null;
	readonly action: Action | undefined;
	/** What to press where there is something to choose and none of it is in sight; empty otherwise. */
	readonly hint: string;
	/** The keys that move; none while there is nowhere to go. */
	readonly actions: ActionHandlers;
};

/**
 * Pieces of a screen, laid out, with a cursor.
 * @param name the cursor is remembered under, unique in the screen.
 * @param blocks the same list as long as nothing has changed.
 * @param startsEmpty nothing is chosen before a key has chosen it.
 */
export const useBlocks = <Action extends {readonly title: string}>(
	name: string,
	blocks: readonly ViewBlock<Action>[],
	{
		width,
		height,
		startsEmpty = false,
	}: {readonly width: number; readonly height: number; readonly startsEmpty?: boolean},
): Blocks<Action> => {
	const symbols = useSymbols();
	const layout = useMemo(() => layOutBlocks(blocks, {width, symbols}), [blocks, width, symbols]);
	const [stored, setCursor] = useMemory<BlockCursor>(name, startBlockCursor);
	const rows = Math.max(1, height);
	const field = useMemo(
		() => ({lines: layout.lines.length, actionLines: layout.actionLines, height: rows, startsEmpty}),
		[layout, rows, startsEmpty],
	);
	const {offset, action: selected} = settleBlockCursor(stored, field);
	const actions = useMemo((): ActionHandlers => {
		const move = (step: BlockMove) => () => setCursor(previous => moveBlockCursor(previous, step, field));
		const moves: ActionHandlers = {
			'move-up': move('up'),
			'move-down': move('down'),
			'page-up': move('page-up'),
			'page-down': move('page-down'),
			'half-page-up': move('half-page-up'),
			'half-page-down': move('half-page-down'),
			first: move('first'),
			last: move('last'),
		};
		const canMove = field.lines > field.height || field.actionLines.length > (startsEmpty ? 0 : 1);
		return {
			...(canMove ? moves : {}),
			...(field.actionLines.length > (startsEmpty ? 0 : 1)
				? {'next-pane': move('next-action'), 'previous-pane': move('previous-action')}
				: {}),
		};
	}, [field, setCursor, startsEmpty]);
	const isOutOfSight = selected === null && !startsEmpty && layout.actions.length > 0;
	return {
		layout,
		offset,
		selected,
		action: selected === null ? undefined : layout.actions[selected],
		hint: isOutOfSight ? 'Tab goes to what can be chosen here' : '',
		actions,
	};
};
