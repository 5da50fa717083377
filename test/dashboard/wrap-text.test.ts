import fc from 'fast-check';
import {expect, test} from 'vitest';
import {wrapText} from '../../source/dashboard/wrap-text.js';
import {displayWidth} from '../../source/format/width.js';

test('breaks between words, and inside one only when it must', () => {
	expect(wrapText('the quick brown fox', 9)).toEqual(['the quick', 'brown fox']);
	expect(wrapText('abcdefgh ij', 4)).toEqual(['abcd', 'efgh', 'ij']);
	expect(wrapText('', 4)).toEqual(['']);
});

test('no line is too wide and nothing is lost', () => {
	fc.assert(
		fc.property(fc.string({unit: 'grapheme'}), fc.integer({min: 2, max: 20}), (text, width) => {
			const lines = wrapText(text, width);
			for (const line of lines) {
				expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(width, 2));
			}

			expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
		}),
	);
});
