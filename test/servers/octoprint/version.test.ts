import fc from 'fast-check';
import {expect, test} from 'vitest';
import {isNewer} from '../../../source/servers/octoprint/version.js';

test.each([
	['1.11.9', '1.11.8', false],
	['1.12.0', '1.11.8', true],
	['1.11.8', '1.12.0', false],
	['2.0.0', '2.0.0rc3', false],
	['2.0.0rc3', '1.11.8', true],
	['1.11.8.dev5+gabc', '1.11.0', false],
	['1.11', '1.11.8', false],
	['2', '1.11.8', true],
	['1.10', '1.9.3', false],
	['1.10.0', '1.9.3', true],
	['1!1.0.0', '2.0.0', true],
	['v1.12.0', '1.11.8', true],
	['1.12.0+', '1.11.8', true],
	['1.12.0.post1', '1.11.8', true],
	['0.0.0', '1.3.10', false],
	['unknown', '1.3.10', false],
	['1.12.0', 'unknown', false],
	['1.12.0; rm -rf', '1.11.8', false],
])('a backup of %s on %s is newer: %s', (backup, installed, newer) => {
	expect(isNewer(backup, installed)).toBe(newer);
});

test('an unknown version is never newer, nor is anything newer than one', () => {
	expect(isNewer(null, '1.11.8')).toBe(false);
	expect(isNewer('99.0.0', null)).toBe(false);
});

test('no version is newer than itself, and of two at most one', () => {
	const version = fc.array(fc.nat({max: 30}), {minLength: 1, maxLength: 5}).map(numbers => numbers.join('.'));
	fc.assert(
		fc.property(version, version, (a, b) => {
			expect(isNewer(a, a)).toBe(false);
			expect(isNewer(a, b) && isNewer(b, a)).toBe(false);
		}),
	);
});
