import fc from 'fast-check';
import {expect, it} from 'vitest';
import {secondsText} from '../../../source/engine/archive/manifest-line.js';

const billion = 1_000_000_000n;

it('tells seconds with nine digits behind the point', () => {
	expect(secondsText(1_700_000_000_123_456_789n)).toBe('1700000000.123456789');
	expect(secondsText(0n)).toBe('0.000000000');
	expect(secondsText(999_999_999n)).toBe('0.999999999');
	expect(secondsText(1_000_000_000n)).toBe('1.000000000');
	expect(secondsText(-1n)).toBe('-1.999999999');
});

it('can be read back, whatever the time', () => {
	fc.assert(
		fc.property(fc.bigInt({min: -(2n ** 63n), max: 2n ** 63n}), nanoseconds => {
			const text = secondsText(nanoseconds);
			expect(text).toMatch(/^-?\d+\.\d{9}$/);
			const [seconds = '', fraction = ''] = text.split('.');
			expect(BigInt(seconds) * billion + BigInt(fraction)).toBe(nanoseconds);
		}),
	);
});
