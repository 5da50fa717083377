import {describe, expect, test} from 'vitest';
import {
	type BlockCursor,
	type BlockField,
	type BlockMove,
	moveBlockCursor,
	settleBlockCursor,
	startBlockCursor,
} from '../../source/dashboard/block-cursor.js';

const walk = (moves: readonly BlockMove[], field: BlockField, from: BlockCursor = startBlockCursor): BlockCursor =>
	moves.reduce((cursor, move) => moveBlockCursor(cursor, move, field), settleBlockCursor(from, field));

/** Thirty lines, of which two near the top and one at the end can be chosen, on a screen of ten. */
const long: BlockField = {lines: 30, actionLines: [3, 5, 29], height: 10};

describe('the cursor of a screen of a plugin', () => {
	test('what is in sight is chosen by itself', () => {
		expect(walk([], long)).toEqual({offset: 0, action: 0});
		expect(walk([], {lines: 3, actionLines: [], height: 10})).toEqual({offset: 0, action: null});
	});

	test('down goes to the next that is in sight, then scrolls until the next one is', () => {
		expect(walk(['down'], long)).toEqual({offset: 0, action: 1});
		expect(walk(['down', 'down'], long)).toEqual({offset: 1, action: 1});
		const passed = walk(
			Array.from({length: 8}, () => 'down' as const),
			long,
		);
		expect(passed).toEqual({offset: 7, action: null});
		expect(
			walk(
				Array.from({length: 40}, () => 'down' as const),
				long,
			),
		).toEqual({offset: 20, action: 2});
	});

	test('up comes back the same way', () => {
		const end = walk(['last'], long);
		expect(end).toEqual({offset: 20, action: 2});
		expect(
			walk(
				Array.from({length: 40}, () => 'up' as const),
				long,
				end,
			),
		).toEqual({offset: 0, action: 0});
	});

	test('every line and every action can be reached by single steps', () => {
		for (const height of [1, 2, 5, 11]) {
			const field = {...long, height};
			const actions = new Set<number | null>();
			const lines = new Set<number>();
			let cursor = settleBlockCursor(startBlockCursor, field);
			for (let turn = 0; turn < 60; turn++) {
				actions.add(cursor.action);
				for (let row = 0; row < height; row++) {
					lines.add(cursor.offset + row);
				}

				cursor = moveBlockCursor(cursor, 'down', field);
			}

			for (const action of [0, 1, 2]) {
				expect(actions).toContain(action);
			}

			expect(lines.size).toBe(30);
		}
	});

	test('Tab goes round all of them, wherever they are', () => {
		expect(walk(['next-action'], long)).toEqual({offset: 0, action: 1});
		expect(walk(['next-action', 'next-action'], long)).toEqual({offset: 20, action: 2});
		expect(walk(['next-action', 'next-action', 'next-action'], long)).toEqual({offset: 3, action: 0});
		expect(walk(['previous-action'], long)).toEqual({offset: 20, action: 2});
	});

	test('pages stop at both ends', () => {
		expect(walk(['page-down'], long)).toEqual({offset: 10, action: null});
		expect(walk(['page-down', 'page-down', 'page-down'], long)).toEqual({offset: 20, action: 2});
		expect(walk(['page-down', 'first'], long)).toEqual({offset: 0, action: 0});
	});

	test('where nothing is chosen by itself, up from the first leaves it again', () => {
		const field = {lines: 3, actionLines: [1, 2], height: 5, startsEmpty: true};
		expect(walk([], field).action).toBeNull();
		expect(walk(['down'], field).action).toBe(0);
		expect(walk(['down', 'down', 'down'], field).action).toBe(1);
		expect(walk(['down', 'up'], field).action).toBeNull();
		expect(walk(['next-action'], field).action).toBe(0);
	});

	test('a screen that has become shorter keeps the cursor inside', () => {
		expect(settleBlockCursor({offset: 20, action: 2}, {lines: 4, actionLines: [1], height: 10})).toEqual({
			offset: 0,
			action: 0,
		});
	});
});
