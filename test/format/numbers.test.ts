import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {formatBytes} from '../../source/format/bytes.js';
import {formatCount} from '../../source/format/count.js';
import {formatClock, formatDuration} from '../../source/format/duration.js';
import {plural} from '../../source/format/plural.js';
import {formatRate} from '../../source/format/rate.js';

describe('formatBytes', () => {
	test.each([
		[0, '0 B'],
		[1, '1 B'],
		[999, '999 B'],
		[1000, '1.0 kB'],
		[9949, '9.9 kB'],
		[9950, '10 kB'],
		[12_345, '12 kB'],
		[999_499, '999 kB'],
		[999_500, '1.0 MB'],
		[12_300_000, '12 MB'],
		[1_230_000_000, '1.2 GB'],
		[31_900_000_000, '32 GB'],
		[2.5e12, '2.5 TB'],
		[-1, '?'],
		[Number.NaN, '?'],
		[Number.POSITIVE_INFINITY, '?'],
	])('%d is %j', (bytes, expected) => {
		expect(formatBytes(bytes)).toBe(expected);
	});

	test('is short, and off by no more than its last digit', () => {
		const scale = {B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15, EB: 1e18};
		fc.assert(
			fc.property(fc.maxSafeNat(), bytes => {
				const shown = formatBytes(bytes);
				expect(shown.length).toBeLessThanOrEqual(6);
				const [digits = '', unit = ''] = shown.split(' ');
				const value = Number(digits) * scale[unit as keyof typeof scale];
				expect(Math.abs(value - bytes)).toBeLessThanOrEqual(bytes * 0.051);
			}),
		);
	});
});

test('formatRate', () => {
	expect(formatRate(12_300_000)).toBe('12 MB/s');
});

test.each([
	[0, '0'],
	[999, '999'],
	[1000, '1,000'],
	[1_234_567, '1,234,567'],
])('formatCount %d', (value, expected) => {
	expect(formatCount(value)).toBe(expected);
});

test('plural', () => {
	expect(plural(1, 'file')).toBe('1 file');
	expect(plural(0, 'file')).toBe('0 files');
	expect(plural(70_000, 'entry', 'entries')).toBe('70,000 entries');
});

describe('formatDuration', () => {
	test.each([
		[-5, '0.0 s'],
		[400, '0.4 s'],
		[9940, '9.9 s'],
		[9960, '10 s'],
		[42_000, '42 s'],
		[59_700, '1 min'],
		[60_000, '1 min'],
		[185_000, '3 min 5 s'],
		[3_599_900, '1 h'],
		[4_320_000, '1 h 12 min'],
		[86_399_000, '1 d'],
		[183_600_000, '2 d 3 h'],
		[Number.POSITIVE_INFINITY, '?'],
	])('%d ms is %j', (milliseconds, expected) => {
		expect(formatDuration(milliseconds)).toBe(expected);
	});

	test('never shows sixty of anything', () => {
		fc.assert(
			fc.property(fc.integer({min: 0, max: 10 * 86_400_000}), milliseconds => {
				expect(formatDuration(milliseconds)).not.toMatch(/\b60 (?:s|min)\b|\b24 h\b/);
			}),
		);
	});
});

test.each([
	[-1, '0:00'],
	[42_999, '0:42'],
	[725_000, '12:05'],
	[3_725_000, '1:02:05'],
])('formatClock %d is %j', (milliseconds, expected) => {
	expect(formatClock(milliseconds)).toBe(expected);
});
