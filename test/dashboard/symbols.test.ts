import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import {asciiSymbols, chooseSymbols, type Symbols, unicodeSymbols} from '../../source/dashboard/symbols.js';

const glyphs = (symbols: Symbols): readonly (readonly [string, string])[] =>
	Object.entries(symbols).flatMap(([name, glyph]) =>
		typeof glyph === 'string' && name !== 'border' ? [[name, glyph] as const] : [],
	);

/** Drawn wide only where the ASCII symbols are chosen anyway. */
const ambiguous = new Set(['ellipsis', 'horizontal', 'vertical']);

describe('symbols', () => {
	test.each([...glyphs(unicodeSymbols), ...glyphs(asciiSymbols)])('%s (%s) is one cell wide', (_, glyph) => {
		expect(stringWidth(glyph)).toBe(1);
	});

	test.each(glyphs(unicodeSymbols).filter(([name]) => !ambiguous.has(name)))(
		'%s (%s) is one cell wide in every terminal',
		(_, glyph) => {
			expect(stringWidth(glyph, {ambiguousIsNarrow: false})).toBe(1);
		},
	);

	test.each(glyphs(asciiSymbols))('%s (%s) is ASCII', (_, glyph) => {
		expect(glyph).toMatch(/^[ -~]$/u);
	});

	test.each([
		[{LANG: 'en_GB.UTF-8', TERM: 'xterm'}, 'auto', true],
		[{LANG: 'C', TERM: 'xterm'}, 'auto', false],
		[{LANG: 'en_GB.UTF-8', LC_ALL: 'C', TERM: 'xterm'}, 'auto', false],
		[{LANG: 'en_GB.UTF-8', LC_ALL: '', TERM: 'xterm'}, 'auto', true],
		[{LANG: 'en_GB.UTF-8', TERM: 'linux'}, 'auto', false],
		[{LANG: 'ja_JP.UTF-8', TERM: 'xterm'}, 'auto', false],
		[{}, 'auto', false],
		[{LANG: 'C'}, 'unicode', true],
		[{LANG: 'en_GB.UTF-8'}, 'ascii', false],
	] as const)('with %o and the setting %s: Unicode %s', (environment, wanted, isUnicode) => {
		expect(chooseSymbols(environment, wanted).unicode).toBe(isUnicode);
	});
});
