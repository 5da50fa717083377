import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {fromDosTime, toDosTime} from '../../../source/engine/archive/dos-time.js';

describe('DOS time', () => {
	it('comes back within its two seconds', () => {
		fc.assert(
			fc.property(fc.integer({min: Date.UTC(1980, 0, 2), max: Date.UTC(2037, 11, 30)}), at => {
				const difference = at - fromDosTime(toDosTime(at));
				// The hour that the clocks go back is there twice.
				expect([0, 3_600_000].some(hour => Math.abs(difference - hour) < 2000)).toBe(true);
			}),
		);
	});

	it('is clamped to what 32-bit servers and ZIP can hold', () => {
		for (const at of [Number.NaN, -1e15, 0, Date.UTC(1979, 5, 1)]) {
			expect(new Date(fromDosTime(toDosTime(at))).getFullYear()).toBe(1980);
		}

		for (const at of [Date.UTC(2038, 5, 1), Date.UTC(2108, 0, 1), 8e15]) {
			expect(new Date(fromDosTime(toDosTime(at))).getFullYear()).toBe(2037);
		}
	});

	it('of any bits is a date', () => {
		fc.assert(
			fc.property(fc.nat({max: 0xffff}), fc.nat({max: 0xffff}), (date, time) => {
				const year = new Date(fromDosTime({date, time})).getFullYear();
				expect(year).toBeGreaterThanOrEqual(1980);
				expect(year).toBeLessThanOrEqual(2108);
			}),
		);
	});
});
