import fc from 'fast-check';
import {expect, test} from 'vitest';
import {displayWidth} from '../../source/format/width.js';
import {wrapText} from '../../source/format/wrap.js';

test.each([
	['', 10, ['']],
	['one two three', 7, ['one two', 'three']],
	['one two three', 13, ['one two three']],
	['/a/very/long/path/without/blanks', 12, ['/a/very/long', '/path/withou', 't/blanks']],
	['see /a/very/long/path now', 10, ['see', '/a/very/lo', 'ng/path', 'now']],
	['日本語日本語', 5, ['日本', '語日', '本語']],
] as const)('%j in %i columns', (text, width, expected) => {
	expect(wrapText(text, width)).toEqual(expected);
});

test('lines fit, and no letter is lost', () => {
	const word = fc.oneof(fc.string({maxLength: 12}), fc.constantFrom('日本語', '🖨🧪', 'é'));
	fc.assert(
		fc.property(fc.array(word, {maxLength: 12}), fc.integer({min: 2, max: 20}), (words, width) => {
			const text = words.join(' ');
			const lines = wrapText(text, width);
			expect(lines.every(line => displayWidth(line) <= width)).toBe(true);
			expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
		}),
	);
});
