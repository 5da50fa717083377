import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
	type ListCursor,
	type ListMove,
	moveCursor,
	settleCursor,
	startCursor,
} from '../../source/dashboard/list-cursor.js';

const keys = (count: number): readonly string[] => Array.from({length: count}, (_, index) => `k${index}`);

describe('the cursor of a list', () => {
	test('starts on the first row', () => {
		expect(settleCursor(startCursor, keys(5), 3)).toEqual({key: 'k0', index: 0, offset: 0});
	});

	test('follows its row when rows appear above it', () => {
		const cursor = moveCursor(startCursor, 'down', keys(5), 5);
		expect(settleCursor(cursor, ['new', ...keys(5)], 5)).toMatchObject({key: 'k1', index: 2});
	});

	test('goes to the next row when its row vanishes, to the one above at the end', () => {
		const second = moveCursor(startCursor, 'down', keys(3), 5);
		expect(settleCursor(second, ['k0', 'k2'], 5)).toMatchObject({key: 'k2', index: 1});
		const last = moveCursor(startCursor, 'last', keys(3), 5);
		expect(settleCursor(last, ['k0', 'k1'], 5)).toMatchObject({key: 'k1', index: 1});
	});

	test('stops at both ends', () => {
		expect(moveCursor(startCursor, 'up', keys(3), 3).index).toBe(0);
		expect(moveCursor(startCursor, 'page-down', keys(3), 10).index).toBe(2);
	});

	test('keeps two rows in view around it', () => {
		let cursor: ListCursor = startCursor;
		for (let step = 0; step < 8; step++) {
			cursor = moveCursor(cursor, 'down', keys(50), 10);
		}

		expect(cursor).toEqual({key: 'k8', index: 8, offset: 1});
	});

	test('is always on a row that is on the screen, whatever happens', () => {
		const move = fc.constantFrom<ListMove>(
			'up',
			'down',
			'page-up',
			'page-down',
			'half-page-up',
			'half-page-down',
			'first',
			'last',
		);
		fc.assert(
			fc.property(
				fc.array(fc.record({move, count: fc.nat(60), height: fc.integer({min: 1, max: 30})}), {minLength: 1}),
				steps => {
					let cursor: ListCursor = startCursor;
					for (const step of steps) {
						const rows = keys(step.count);
						cursor = moveCursor(cursor, step.move, rows, step.height);
						if (rows.length > 0) {
							expect(rows[cursor.index]).toBe(cursor.key);
							expect(cursor.index).toBeGreaterThanOrEqual(cursor.offset);
							expect(cursor.index).toBeLessThan(cursor.offset + step.height);
							expect(cursor.offset).toBeLessThanOrEqual(Math.max(0, rows.length - step.height));
						}

						expect(settleCursor(cursor, rows, step.height)).toEqual(cursor);
					}
				},
			),
		);
	});
});
