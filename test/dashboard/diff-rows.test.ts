import {expect, test} from 'vitest';
import {diffRows} from '../../source/dashboard/diff-rows.js';
import {displayWidth} from '../../source/format/width.js';

const added = (text: string) => ({type: 'added', left: 7, right: null, text}) as const;
const removed = (text: string) => ({type: 'removed', left: null, right: 7, text}) as const;

test('a long line goes on in the next row, so that a difference at its end is seen', () => {
	const rows = diffRows([added(`${'x'.repeat(200)}END`)], 60);
	expect(rows).toHaveLength(4);
	expect(rows.at(-1)?.text).toContain('END');
	expect(rows.map(({text}) => text.slice(8)).join('')).toBe(`${'x'.repeat(200)}END`);
	expect(rows.map(({text}) => text.slice(0, 8))).toEqual(['    7 + ', '      + ', '      + ', '      + ']);
});

test('wide characters are never cut in half', () => {
	for (const {text} of diffRows([removed('日本語'.repeat(30))], 41)) {
		expect(displayWidth(text)).toBeLessThanOrEqual(41);
	}
});

test('lines that differ in blanks only look different', () => {
	const [tab, spaces, end, none] = diffRows([added('\ta'), removed('    a'), added('b  '), removed('b')], 80);
	expect(tab?.text).not.toBe(spaces?.text.replace('-', '+'));
	expect(end?.text).toContain(String.raw`b\x20\x20`);
	expect(none?.text).toMatch(/b$/u);
});

test('nothing acts on the terminal', () => {
	const [row] = diffRows([{type: 'same', left: 1, right: 1, text: 'a\u001b[2J\u202eb\r'}], 80);
	expect(row?.text).toBe(String.raw`    1   a\x1b[2J\u{202e}b\x0d`);
});

test('an empty line is a row, and what is left out is counted', () => {
	expect(diffRows([added(''), {type: 'gap', lines: 12}], 80).map(({text}) => text)).toEqual([
		'    7 + ',
		'        12 lines the same',
	]);
});
