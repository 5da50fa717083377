import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {safeText} from '../../source/format/safe-text.js';
import {padEnd, padMiddle, padStart, truncateEnd, truncateMiddle} from '../../source/format/truncate.js';
import {displayWidth, takeEndWidth, takeWidth} from '../../source/format/width.js';

const text = fc
	.array(
		fc.oneof(
			fc.string({unit: 'grapheme', maxLength: 6}),
			fc.constantFrom('日本', '🖨', '👨‍👩‍👧', '🇩🇪', 'e\u0301', '한국', '\u1112\u1161\u11ab', 'क्षि', '.gcode', '❤️', 'ｶﾞ'),
		),
		{maxLength: 12},
	)
	.map(pieces => safeText(pieces.join('')));

describe('displayWidth', () => {
	test.each([
		['abc', 3],
		['日本語', 6],
		['e\u0301', 1],
		['🖨', 1],
		['🧪', 2],
		['', 0],
	])('%j takes %i columns', (value, width) => {
		expect(displayWidth(value)).toBe(width);
	});
});

describe('truncateEnd', () => {
	test.each([
		['abcdef', 6, 'abcdef'],
		['abcdef', 4, 'abc…'],
		['日本語', 5, '日本…'],
		['日本語', 4, '日…'],
		['abc', 1, '…'],
		['abc', 0, ''],
	])('%j in %i columns is %j', (value, width, expected) => {
		expect(truncateEnd(value, width)).toBe(expected);
	});

	test('uses the ellipsis it is given, cut when there is no room', () => {
		expect(truncateEnd('abcdef', 5, '...')).toBe('ab...');
		expect(truncateEnd('abcdef', 2, '...')).toBe('..');
	});
});

describe('truncateMiddle', () => {
	test.each([
		['short.zip', 20, 'short.zip'],
		['octopi_octoprint-main_20261121-093000z_manual.zip', 24, 'octopi_octop…_manual.zip'],
		['a-very-long-name.gcode', 10, 'a-v….gcode'],
		['a-very-long-name.tar.gz', 12, 'a-ve….tar.gz'],
		['日本語日本語日本語.gcode', 13, '日本語….gcode'],
		['no extension at all here', 10, 'no ex…here'],
	])('%j in %i columns is %j', (value, width, expected) => {
		expect(truncateMiddle(value, width)).toBe(expected);
	});
});

describe('width bounds hold for any text', () => {
	test.each([
		['truncateEnd', truncateEnd],
		['truncateMiddle', truncateMiddle],
	] as const)('%s', (_name, cut) => {
		fc.assert(
			fc.property(text, fc.integer({min: 0, max: 40}), fc.constantFrom('…', '...'), (value, width, ellipsis) => {
				const shown = cut(value, width, ellipsis);
				expect(displayWidth(shown)).toBeLessThanOrEqual(width);
				if (displayWidth(value) <= width) {
					expect(shown).toBe(width === 0 ? '' : value);
				}
			}),
			{numRuns: 1000},
		);
	});

	test('fitting gives exactly the width', () => {
		fc.assert(
			fc.property(text, fc.integer({min: 1, max: 40}), (value, width) => {
				expect(displayWidth(padEnd(value, width))).toBe(width);
				expect(displayWidth(padMiddle(value, width))).toBe(width);
			}),
			{numRuns: 1000},
		);
	});

	test('taking a start or an end never cuts a character in two', () => {
		fc.assert(
			fc.property(text, fc.integer({min: 0, max: 40}), (value, width) => {
				const start = takeWidth(value, width);
				const end = takeEndWidth(value, width);
				expect(value.startsWith(start)).toBe(true);
				expect(value.endsWith(end)).toBe(true);
				expect(displayWidth(start)).toBeLessThanOrEqual(width);
				expect(displayWidth(end)).toBeLessThanOrEqual(width);
				expect(start.isWellFormed() && end.isWellFormed()).toBe(true);
			}),
		);
	});

	test('padding counts columns', () => {
		expect(padEnd('日本', 6)).toBe('日本  ');
		expect(padStart('日本', 6)).toBe('  日本');
		expect(padStart('longer', 3)).toBe('lo…');
		expect(padEnd('longer', 3, '~')).toBe('lo~');
	});
});
