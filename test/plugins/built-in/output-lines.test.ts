import fc from 'fast-check';
import {expect, test} from 'vitest';
import {safeText} from '../../../source/format/safe-text.js';
import {lastLine, outputLines} from '../../../source/plugins/built-in/command-hooks/output-lines.js';

test('lines end as programs end them; empty ones are left out, and nothing active is left in', () => {
	expect(outputLines('one\ntwo\r\n\n\rthree\r 50 %\r100 %\n\tfour\u001b[2J\u0007\n')).toEqual([
		'one',
		'two',
		'three',
		' 50 %',
		'100 %',
		'    four\\x1b[2J\\x07',
	]);
	expect(outputLines('')).toEqual([]);
	expect(lastLine('one\ntwo\n\n')).toBe('two');
	expect(lastLine('')).toBe('');
	expect(lastLine('x'.repeat(5000))).toBe(`${'x'.repeat(199)}…`);
});

test('many lines become few, and none is lost', () => {
	const line = fc.string({unit: 'grapheme-ascii', maxLength: 3000});
	fc.assert(
		fc.property(fc.array(line, {maxLength: 300}), lines => {
			const packed = outputLines(lines.join('\n'));
			expect(packed.length).toBeLessThanOrEqual(Math.max(50, Math.ceil(packed.join('').length / 900) + 1));
			const compact = (texts: readonly string[]): string => texts.join('').replaceAll(/ ⏎ |\s/gu, '');
			expect(compact(packed)).toBe(compact(lines));
		}),
		{numRuns: 40},
	);
});

test('whatever comes out of a program, lines of the log are short and safe', () => {
	const line = fc.string({unit: 'binary', maxLength: 1500});
	fc.assert(
		fc.property(fc.array(line, {maxLength: 70}), lines => {
			for (const packed of outputLines(lines.join('\n'))) {
				expect(packed.length).toBeLessThanOrEqual(1900);
				expect(safeText(packed)).toBe(packed);
			}
		}),
		{numRuns: 25},
	);
});
