import {expect, test} from 'vitest';
import {createRateEstimator} from '../../source/engine/rate.js';

test('says nothing before a second has passed', () => {
	const rate = createRateEstimator();
	rate.record(0, 0);
	rate.record(900, 900_000);
	expect(rate.bytesPerSecond()).toBeNull();
	rate.record(1000, 1_000_000);
	expect(rate.bytesPerSecond()).toBe(1_000_000);
});

test('says nothing when nothing moves', () => {
	const rate = createRateEstimator();
	rate.record(0, 0);
	rate.record(5000, 10);
	expect(rate.bytesPerSecond()).toBeNull();
});

test('forgets what was before its window', () => {
	const rate = createRateEstimator(10_000);
	rate.record(0, 0);
	rate.record(1000, 100_000_000);
	for (let second = 2; second <= 30; second++) {
		rate.record(second * 1000, 100_000_000 + (second - 1) * 10_000);
	}

	expect(rate.bytesPerSecond()).toBeCloseTo(10_000);
});

test('starts again after a reset', () => {
	const rate = createRateEstimator();
	rate.record(0, 0);
	rate.record(2000, 2_000_000);
	rate.reset();
	expect(rate.bytesPerSecond()).toBeNull();
});
