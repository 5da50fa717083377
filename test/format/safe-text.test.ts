import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {safeText} from '../../source/format/safe-text.js';

const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

describe('safeText', () => {
	test.each([
		['benchy.gcode', 'benchy.gcode'],
		['', ''],
		['Prüfkörper 日本語 🖨.gcode', 'Prüfkörper 日本語 🖨.gcode'],
		['e\u0301', 'e\u0301'],
		['\u001b]0;owned\u0007', '\\x1b]0;owned\\x07'],
		['\u001b[2J', '\\x1b[2J'],
		['a\u009b31mb', 'a\\x9b31mb'],
		['two\r\nlines\tand a tab', 'two\\x0d\\x0alines\\x09and a tab'],
		['\u007f', '\\x7f'],
		['photo\u202egpj.exe', 'photo\\u{202e}gpj.exe'],
		['a\u2066b\u2069', 'a\\u{2066}b\\u{2069}'],
		['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
		['a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
		['\ud800x\udc00', '\\u{d800}x\\u{dc00}'],
		['\u{e0041}', '\\u{e0041}'],
		['soft\u00adhyphen', 'soft\\xadhyphen'],
		['\u0301a', '\\u{301}a'],
	])('%j becomes %j', (text, expected) => {
		expect(safeText(text)).toBe(expected);
	});

	test('marks piled on one letter are cut short', () => {
		const shown = safeText(`a${'\u0301'.repeat(50)}`);
		expect(shown.startsWith(`a${'\u0301'.repeat(6)}\\u{301}`)).toBe(true);
		expect(shown.match(/\p{M}/gu)).toHaveLength(6);
	});

	test('never lets anything active through, and is stable', () => {
		fc.assert(
			fc.property(fc.string({unit: 'binary', maxLength: 60}), text => {
				const shown = safeText(text);
				expect(shown).not.toMatch(unsafe);
				expect(safeText(shown)).toBe(shown);
			}),
			{numRuns: 2000},
		);
	});

	test('lone surrogates anywhere are shown', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({min: 0xd700, max: 0xe000}), {maxLength: 20}), units => {
				expect(safeText(String.fromCharCode(...units)).isWellFormed()).toBe(true);
			}),
		);
	});
});
