import fc from 'fast-check';
import {expect, test} from 'vitest';
import {
	automaticName,
	checkGivenName,
	freeName,
	importedName,
	isPartialName,
	isTaken,
	partialName,
} from '../../source/engine/names.js';

test('an automatic name says host, kind, instance, time in UTC and trigger', () => {
	const name = automaticName({
		hostName: 'OctoPi.local',
		kind: 'octoprint',
		instance: 'Ender 3',
		at: Date.UTC(2026, 10, 21, 9, 5, 7),
		trigger: 'manual',
	});
	expect(name).toBe('octopi_octoprint-ender-3_20261121-090507z_manual.zip');
});

test('automatic names keep to lower case, digits, "_" and "-", whatever the host and instance are called', () => {
	fc.assert(
		fc.property(fc.string(), fc.string(), (hostName, instance) => {
			const name = automaticName({hostName, kind: 'octoprint', instance, at: 0, trigger: 'auto'});
			expect(name).toMatch(/^[a-z0-9_-]+\.zip$/);
			expect(checkGivenName(name)).toBe(name);
		}),
	);
});

test.each([
	['before-upgrade.zip', 'before-upgrade.zip'],
	['before-upgrade', 'before-upgrade.zip'],
	['BEFORE.ZIP', 'BEFORE.zip'],
	['Nightly@2026.11_21', 'Nightly@2026.11_21.zip'],
	[`${'a'.repeat(146)}.zip`, `${'a'.repeat(146)}.zip`],
])('the given name %j is used as %j', (given, expected) => {
	expect(checkGivenName(given)).toBe(expected);
});

test.each([
	'',
	'.zip',
	'.hidden.zip',
	'-rf.zip',
	'a b.zip',
	'../x.zip',
	'a/b.zip',
	'ü.zip',
	'a\u001b[31m.zip',
	`${'a'.repeat(147)}.zip`,
])('the given name %j is refused', given => {
	expect(() => checkGivenName(given)).toThrowError(expect.objectContaining({code: 'invalid-name'}));
});

test('names are unique without regard to case', () => {
	expect(isTaken('Nightly.zip', ['nightly.ZIP'])).toBe(true);
	expect(isTaken('Nightly.zip', ['weekly.zip'])).toBe(false);
});

test('a free name counts on from the wanted one', () => {
	expect(freeName('a.zip', [])).toBe('a.zip');
	expect(freeName('a.zip', ['A.zip', 'a-2.zip'])).toBe('a-3.zip');
});

test('an imported name can always have been given, and is free', () => {
	fc.assert(
		fc.property(fc.string({unit: 'binary', maxLength: 300}), fileName => {
			const name = freeName(importedName(fileName), ['imported.zip']);
			expect(checkGivenName(name)).toBe(name);
			expect(name).not.toBe('imported.zip');
		}),
	);
});

test('a partial name is hidden and recognised', () => {
	expect(partialName('0a1b')).toMatch(/^\./);
	expect(isPartialName(partialName('0a1b'))).toBe(true);
	expect(isPartialName(`${partialName('0a1b')}.databases`)).toBe(true);
	expect(isPartialName('.printkeep.json')).toBe(false);
	expect(isPartialName('backup.zip')).toBe(false);
});
