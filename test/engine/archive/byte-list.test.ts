import fc from 'fast-check';
import {expect, test} from 'vitest';
import {createByteList} from '../../../source/engine/archive/byte-list.js';

type Step =
	| {readonly type: 'append' | 'view'; readonly bytes: number; readonly seed: number}
	| {readonly type: 'truncate'; readonly share: number};

/** Some of it shrinks when it is packed, some does not. */
const content = (bytes: number, seed: number): Buffer => {
	const result = Buffer.alloc(bytes);
	let state = seed;
	for (let index = 0; index < bytes; index++) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		result[index] = seed % 2 === 0 ? state >>> 24 : 0x30 + (state >>> 30);
	}

	return result;
};

/** From a few bytes to several slabs, and many of them: beyond the first megabytes a list is kept packed. */
const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record({
			type: fc.constantFrom('append' as const, 'view' as const),
			bytes: fc.oneof(fc.nat(2000), fc.integer({min: 262_000, max: 262_300}), fc.nat(1_500_000)),
			seed: fc.nat(1000),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({type: fc.constant('truncate' as const), share: fc.double({min: 0, max: 1, noNaN: true})}),
	},
);

test('a list gives back what was put into it, whatever was cut off on the way', () => {
	fc.assert(
		fc.property(fc.array(step, {maxLength: 30}), steps => {
			const list = createByteList();
			let expected = Buffer.alloc(0);
			for (const next of steps) {
				if (next.type === 'truncate') {
					const length = Math.floor(expected.length * next.share);
					list.truncate(length);
					expected = expected.subarray(0, length);
				} else {
					const bytes = content(next.bytes, next.seed);
					list[next.type === 'view' ? 'appendView' : 'append'](bytes);
					expected = Buffer.concat([expected, bytes]);
				}

				expect(list.length()).toBe(expected.length);
			}

			const chunks: Buffer[] = [];
			for (const chunk of list.chunks()) {
				chunks.push(Buffer.from(chunk));
			}

			expect(Buffer.concat(chunks).equals(expected)).toBe(true);
		}),
		{numRuns: 40},
	);
});
