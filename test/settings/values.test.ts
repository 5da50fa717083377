import fc from 'fast-check';
import {expect, test} from 'vitest';
import {formatHours, parseBoolean, parseHours, parseList, parseMegabytes} from '../../source/settings/values.js';

test.each([
	['36', 36],
	['36h', 36],
	['1 hour', 1],
	['7d', 168],
	['7 days', 168],
	['2W', 336],
	['1.5d', 36],
])('the duration %s is %i hours', (text, hours) => {
	expect(parseHours(text)).toBe(hours);
});

test.each(['', '0', '0.5h', '-3', '7m', 'h', '99999d', '1e3', 'NaN', 'd7'])('the duration %j is refused', text => {
	expect(() => parseHours(text)).toThrow(expect.objectContaining({code: 'invalid-setting'}));
});

test('a written duration is read back', () => {
	fc.assert(
		fc.property(fc.integer({min: 1, max: 87_600}), hours => {
			expect(parseHours(formatHours(hours))).toBe(hours);
		}),
	);
});

test.each([
	['500', 500],
	['500 MB', 500],
	['2GB', 2000],
	['2 g', 2000],
	['1.5 tb', 1_500_000],
	['0', 0],
])('the size %s is %i megabytes', (text, megabytes) => {
	expect(parseMegabytes(text)).toBe(megabytes);
});

test.each(['', '-1', '5 kB', '5 bytes', 'GB', '1e9'])('the size %j is refused', text => {
	expect(() => parseMegabytes(text)).toThrow(expect.objectContaining({code: 'invalid-setting'}));
});

test('yes and no are understood in the usual spellings', () => {
	expect(['yes', 'Y', 'true', 'on', '1'].map(parseBoolean)).toEqual([true, true, true, true, true]);
	expect(['no', 'N', 'false', 'off', '0'].map(parseBoolean)).toEqual([false, false, false, false, false]);
	expect(() => parseBoolean('maybe')).toThrow(expect.objectContaining({code: 'invalid-setting'}));
});

test('lists are separated by commas or blanks and have no repeats', () => {
	expect(parseList(' a,b  c,,a ')).toEqual(['a', 'b', 'c']);
	expect(parseList('')).toEqual([]);
});
