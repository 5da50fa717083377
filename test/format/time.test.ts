import {describe, expect, test} from 'vitest';
import {formatDate, formatDateTime, formatTime} from '../../source/format/date-time.js';
import {formatAge, relativeTime} from '../../source/format/relative-time.js';

const now = Date.UTC(2026, 10, 21, 8, 30, 12);

describe('relativeTime', () => {
	test.each([
		[0, 'just now'],
		[-59_000, 'just now'],
		[30_000, 'just now'],
		[-60_000, '1 min ago'],
		[-3 * 3_600_000, '3 h ago'],
		[-12 * 86_400_000, '12 d ago'],
		[2 * 3_600_000, 'in 2 h'],
		[Number.NaN, 'unknown'],
	])('%d ms from now is %j', (difference, expected) => {
		expect(relativeTime(now + difference, now)).toBe(expected);
	});
});

test('times are local', () => {
	const at = new Date(2026, 10, 21, 9, 30, 12).getTime();
	expect(formatDateTime(at)).toBe('2026-11-21 09:30');
	expect(formatDate(at)).toBe('2026-11-21');
	expect(formatTime(at)).toBe('09:30:12');
	expect(formatDateTime(Number.NaN)).toBe('unknown');
	expect(formatDateTime(1e99)).toBe('unknown');
});

test.each([
	[-5, 'just now'],
	[59_999, 'just now'],
	[5 * 60_000, '5 min'],
	[3 * 3_600_000 + 59 * 60_000, '3 h'],
	[47 * 3_600_000, '47 h'],
	[48 * 3_600_000, '2 d'],
	[60 * 86_400_000, '60 d'],
	[90 * 86_400_000, '2 months'],
	[1000 * 86_400_000, '2 years'],
])('formatAge %d is %j', (milliseconds, expected) => {
	expect(formatAge(milliseconds)).toBe(expected);
});
