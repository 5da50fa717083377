/** The cursor of a list, as pure functions: it follows a key, not a place, so that rows may come and go. */
export type ListCursor = {
	/** Key of the selected row; null before anything was selected. */
	readonly key: string | null;
	/** Where that row was last seen; the next row takes over when it is gone. */
	readonly index: number;
	/** First row on the screen. */
	readonly offset: number;
};

export const startCursor: ListCursor = {key: null, index: 0, offset: 0};

/** Rows kept visible above and below the cursor. */
const margin = 2;

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, high));

/** The offset that shows the row, moving as little as possible. */
const scrollTo = (offset: number, index: number, count: number, height: number): number => {
	const room = Math.min(margin, Math.max(0, Math.floor((height - 1) / 2)));
	const lowest = Math.max(0, count - height);
	return clamp(clamp(offset, index - height + 1 + room, index - room), 0, lowest);
};

/**
 * Where the cursor is in these rows now: on its key, or where that was when it is gone.
 * @param height rows on the screen, at least 1.
 */
export const settleCursor = (cursor: ListCursor, keys: readonly string[], height: number): ListCursor => {
	if (keys.length === 0) {
		return {key: cursor.key, index: 0, offset: 0};
	}

	// The usual case first: nothing has moved.
	const found = keys[cursor.index] === cursor.key ? cursor.index : cursor.key === null ? -1 : keys.indexOf(cursor.key);
	const index = found === -1 ? clamp(cursor.index, 0, keys.length - 1) : found;
	return {key: keys[index] ?? null, index, offset: scrollTo(cursor.offset, index, keys.length, height)};
};

export type ListMove = 'up' | 'down' | 'page-up' | 'page-down' | 'half-page-up' | 'half-page-down' | 'first' | 'last';

const distance = (move: ListMove, index: number, count: number, height: number): number => {
	switch (move) {
		case 'up':
			return -1;
		case 'down':
			return 1;
		case 'page-up':
			return -height;
		case 'page-down':
			return height;
		case 'half-page-up':
			return -Math.ceil(height / 2);
		case 'half-page-down':
			return Math.ceil(height / 2);
		case 'first':
			return -index;
		case 'last':
			return count - 1 - index;
	}
};

/** The cursor after a move; it stops at both ends. */
export const moveCursor = (cursor: ListCursor, move: ListMove, keys: readonly string[], height: number): ListCursor => {
	const settled = settleCursor(cursor, keys, height);
	const index = clamp(
		settled.index + distance(move, settled.index, keys.length, height),
		0,
		Math.max(0, keys.length - 1),
	);
	return {
		key: keys[index] ?? settled.key,
		index,
		offset: scrollTo(settled.offset, index, keys.length, height),
	};
};
