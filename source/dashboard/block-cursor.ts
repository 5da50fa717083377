/** Moving through a screen of lines of which some can be chosen: pure. Down goes to the next that is in sight, and else scrolls. */
import type {ListMove} from './list-cursor.js';

export type BlockCursor = {
	/** The first line that is shown. */
	readonly offset: number;
	/** Place among the actions; null when none is chosen. */
	readonly action: number | null;
};

export type BlockMove = ListMove | 'next-action' | 'previous-action';

/** What the cursor moves over. */
export type BlockField = {
	readonly lines: number;
	/** Numbers of the lines that can be chosen, in order. */
	readonly actionLines: readonly number[];
	/** Lines on the screen, at least 1. */
	readonly height: number;
	/** True: nothing is chosen by itself. */
	readonly startsEmpty?: boolean;
};

export const startBlockCursor: BlockCursor = {offset: 0, action: null};

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, high));

const lastOffset = ({lines, height}: BlockField): number => Math.max(0, lines - height);

const inSight = (field: BlockField, offset: number): readonly number[] =>
	field.actionLines.flatMap((line, action) => (line >= offset && line < offset + field.height ? [action] : []));

/** Where the cursor is now: never beyond the end, and what is chosen is in sight. */
export const settleBlockCursor = ({offset, action}: BlockCursor, field: BlockField): BlockCursor => {
	const settled = clamp(offset, 0, lastOffset(field));
	const seen = inSight(field, settled);
	if (action !== null && seen.includes(action)) {
		return {offset: settled, action};
	}

	return {offset: settled, action: field.startsEmpty ? null : (seen[0] ?? null)};
};

/** As far as needed to bring a line into sight. */
const reveal = (offset: number, line: number, height: number): number =>
	line < offset ? line : line >= offset + height ? line - height + 1 : offset;

const toAction = (action: number, offset: number, field: BlockField): BlockCursor => ({
	offset: clamp(reveal(offset, field.actionLines[action] ?? 0, field.height), 0, lastOffset(field)),
	action,
});

const step = ({offset, action}: BlockCursor, down: boolean, field: BlockField): BlockCursor => {
	const seen = inSight(field, offset);
	const next = action === null ? (down ? seen[0] : seen.at(-1)) : seen.find(each => each === action + (down ? 1 : -1));
	if (next !== undefined) {
		return {offset, action: next};
	}

	const moved = clamp(offset + (down ? 1 : -1), 0, lastOffset(field));
	if (moved === offset) {
		// Up from the first one leaves it, where nothing has to be chosen.
		return field.startsEmpty && !down ? {offset, action: null} : {offset, action};
	}

	const come = inSight(field, moved).filter(each => !seen.includes(each));
	return settleBlockCursor({offset: moved, action: come[0] ?? action}, field);
};

/** The cursor after a move. */
export const moveBlockCursor = (cursor: BlockCursor, move: BlockMove, field: BlockField): BlockCursor => {
	const settled = settleBlockCursor(cursor, field);
	const {offset, action} = settled;
	const count = field.actionLines.length;
	const jump = (to: number, down: boolean): BlockCursor => {
		const target = clamp(to, 0, lastOffset(field));
		const seen = inSight(field, target);
		// At the end of the way what is chosen goes there as well.
		const chosen = target === offset || !seen.includes(action ?? -1) ? (down ? seen.at(-1) : seen[0]) : action;
		return settleBlockCursor(
			{offset: target, action: field.startsEmpty && action === null ? null : (chosen ?? null)},
			field,
		);
	};

	switch (move) {
		case 'up':
			return step(settled, false, field);
		case 'down':
			return step(settled, true, field);
		case 'page-up':
			return jump(offset - field.height, false);
		case 'page-down':
			return jump(offset + field.height, true);
		case 'half-page-up':
			return jump(offset - Math.ceil(field.height / 2), false);
		case 'half-page-down':
			return jump(offset + Math.ceil(field.height / 2), true);
		case 'first':
			return jump(0, false);
		case 'last':
			return jump(field.lines, true);
		case 'next-action':
			return count === 0 ? settled : toAction(action === null ? 0 : (action + 1) % count, offset, field);
		case 'previous-action':
			return count === 0
				? settled
				: toAction(action === null ? count - 1 : (action - 1 + count) % count, offset, field);
	}
};
