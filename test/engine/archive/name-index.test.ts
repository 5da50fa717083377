import fc from 'fast-check';
import {expect, test} from 'vitest';
import {createNameIndex} from '../../../source/engine/archive/name-index.js';

test('finds what a map of the same names finds, in its order', () => {
	fc.assert(
		fc.property(fc.array(fc.string({maxLength: 3})), fc.array(fc.string({maxLength: 3})), (names, others) => {
			const index = createNameIndex(names.length, number => names[number] ?? '');
			const map = new Map<string, number>();
			for (const [number, name] of names.entries()) {
				index.set(number);
				// Deleted first, so that it takes the last one's place in the order.
				map.delete(name);
				map.set(name, number);
			}

			expect(index.size).toBe(map.size);
			expect([...index.numbers()]).toEqual([...map.values()]);
			for (const name of [...names, ...others]) {
				expect(index.get(name)).toBe(map.get(name));
				expect(index.has(name)).toBe(map.has(name));
			}
		}),
	);
});

test('keeps apart names of one length that share all but a character', () => {
	const names = Array.from(
		{length: 50_000},
		(_, number) => `basedir/uploads/part-${number.toString().padStart(5, '0')}.gcode`,
	);
	const index = createNameIndex(names.length, number => names[number] ?? '');
	for (const number of names.keys()) {
		index.set(number);
	}

	expect(names.every((name, number) => index.get(name) === number)).toBe(true);
	expect(index.get('basedir/uploads/part-50000.gcode')).toBeUndefined();
});
