import fc from 'fast-check';
import {expect, test} from 'vitest';
import {freeName, isTaken, suggestedName} from '../../source/dashboard/import-name.js';

test.each([
	['octoprint-backup-20261101.zip', 'octoprint-backup-20261101.zip'],
	['Mein Drucker (1).ZIP', 'Mein-Drucker-1.zip'],
	['.hidden.zip', 'hidden.zip'],
	['--rm.zip', 'rm.zip'],
	['日本.zip', 'imported.zip'],
	['no suffix', 'no-suffix.zip'],
])('%j becomes %j', (file, expected) => {
	expect(suggestedName(file)).toBe(expected);
});

test('a taken name is counted up, without regard to case', () => {
	expect(freeName('A.zip', ['a.zip', 'a-2.ZIP'])).toBe('A-3.zip');
	expect(isTaken('A.zip', ['a.ZIP'])).toBe(true);
});

test('every suggestion is a name that may be given', () => {
	fc.assert(
		fc.property(fc.string({unit: 'binary', maxLength: 300}), name => {
			expect(suggestedName(name)).toMatch(/^[A-Za-z0-9_@][A-Za-z0-9._@-]{0,145}\.zip$/);
		}),
	);
});
