import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {fulfils, parseSpecifiers} from '../../source/servers/python-specifiers.js';
import {
	compareVersions,
	formatVersion,
	isSameVersion,
	type PythonVersion,
	parseVersion,
} from '../../source/servers/python-version.js';

const versionOf = (text: string): PythonVersion => {
	const version = parseVersion(text);
	if (!version) {
		throw new Error(`${text} is no version`);
	}

	return version;
};

const number = fc.nat({max: 12});
const anyVersion: fc.Arbitrary<PythonVersion> = fc.record({
	epoch: fc.nat({max: 1}),
	release: fc.array(fc.nat({max: 3}), {minLength: 1, maxLength: 4}),
	pre: fc.option(fc.record({letter: fc.constantFrom('a', 'b', 'rc'), number}), {nil: null}),
	post: fc.option(number, {nil: null}),
	dev: fc.option(number, {nil: null}),
	local: fc.array(fc.oneof(fc.nat({max: 20}), fc.constantFrom('abc', 'g12', 'ubuntu')), {maxLength: 3}),
});

/** In the order of the document that defines it. */
const ordered = [
	'1.dev0',
	'1.0.dev456',
	'1.0a1',
	'1.0a2.dev456',
	'1.0a12.dev456',
	'1.0a12',
	'1.0b1.dev456',
	'1.0b2',
	'1.0b2.post345.dev456',
	'1.0b2.post345',
	'1.0rc1.dev456',
	'1.0rc1',
	'1.0',
	'1.0+abc.5',
	'1.0+abc.7',
	'1.0+5',
	'1.0+5.1',
	'1.0.post456.dev34',
	'1.0.post456',
	'1.0.15',
	'1.1.dev1',
	'1.11.8',
	'1!0.1',
];

describe('versions', () => {
	test('are ordered as PEP 440 orders them', () => {
		const shuffled = [...ordered].sort((a, b) => (a < b ? 1 : -1));
		expect(shuffled.sort((a, b) => compareVersions(versionOf(a), versionOf(b)))).toEqual(ordered);
		for (const [index, text] of ordered.entries()) {
			for (const later of ordered.slice(index + 1)) {
				expect(compareVersions(versionOf(text), versionOf(later)), `${text} < ${later}`).toBeLessThan(0);
			}
		}
	});

	test.each([
		['v1.0', '1.0'],
		['1.0-RC1', '1.0rc1'],
		['1.0.alpha', '1a0'],
		['1.0c2', '1.0rc2'],
		['1.0preview_3', '1.0rc3'],
		['1.0-1', '1.0.post1'],
		['1.0.rev2', '1.0.post2'],
		['1.0+Ubuntu-1', '1.0+ubuntu.1'],
		['1', '1.0.0'],
		['0!1.0', '1.0'],
		['2.7.15+', '2.7.15'],
		[' 1.0.0 ', '1'],
	])('%s is the same as %s', (a, b) => {
		expect(isSameVersion(a, b)).toBe(true);
	});

	test.each(['', 'abc', '1..2', '1.0;x', '1.0 2', '../1', '1.0-', `1.${'0'.repeat(400)}`])('%s is none', text => {
		expect(parseVersion(text)).toBeUndefined();
	});

	test('have one normal form, that is read as the same version', () => {
		fc.assert(
			fc.property(anyVersion, version => {
				expect(parseVersion(formatVersion(version))).toEqual(version);
			}),
		);
	});

	test('any text is read without trouble', () => {
		fc.assert(fc.property(fc.string(), text => parseVersion(text) === undefined || /\d/u.test(text)));
	});

	test('have an order without contradictions', () => {
		fc.assert(
			fc.property(anyVersion, anyVersion, anyVersion, (a, b, c) => {
				expect(compareVersions(a, a)).toBe(0);
				expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
				const [first, second, third] = [a, b, c].sort(compareVersions);
				if (first && second && third) {
					expect(compareVersions(first, second)).toBeLessThanOrEqual(0);
					expect(compareVersions(first, third)).toBeLessThanOrEqual(0);
				}
			}),
		);
	});

	test('do not change their place with zeros at the end of the release', () => {
		fc.assert(
			fc.property(anyVersion, anyVersion, fc.nat({max: 3}), (a, b, zeros) => {
				const longer = {...a, release: [...a.release, ...Array.from({length: zeros}, () => 0)]};
				expect(compareVersions(longer, a)).toBe(0);
				expect(Math.sign(compareVersions(longer, b))).toBe(Math.sign(compareVersions(a, b)));
			}),
		);
	});
});

const allows = (specifiers: string, version: string): boolean | undefined => {
	const parsed = parseSpecifiers(specifiers);
	return parsed && fulfils(versionOf(version), parsed);
};

describe('specifiers', () => {
	test.each([
		['>=1.3.6,<2', '1.11.8', true],
		['>=1.3.6,<2', '2.0.0', false],
		['>=1.3.6 , <2', '1.3.6', true],
		['>=1.4', '1.4.0rc1', false],
		['<2', '2.0.0rc1', false],
		['<2.0rc2', '2.0rc1', true],
		['>1.7', '1.7.0.post1', false],
		['>1.7', '1.7+local', false],
		['>1.7', '1.7.1', true],
		['>1.7.post1', '1.7.post2', true],
		['==1.4.*', '1.4.2', true],
		['==1.4.*', '1.4a1', true],
		['==1.4.0.*', '1.4', true],
		['==1.4.*', '1.40', false],
		['!=1.4.*', '1.4.2', false],
		['!=1.4.*', '1.5', true],
		['==1.4', '1.4.0+abc', true],
		['==1.4+abc', '1.4', false],
		['!=1.4', '1.4.0', false],
		['~=1.4', '1.9', true],
		['~=1.4', '2.0', false],
		['~=1.4.2', '1.4.9', true],
		['~=1.4.2', '1.5', false],
		['~=1.4.2', '1.4.1', false],
		['===1.4', '1.4', true],
		['===1.4', '1.4.0', false],
		['>=2.7,<3', '3.11.7', false],
		['>=3,<4', '3.11.7', true],
		['>=3.7,!=3.9.0,<4', '3.9.0', false],
		['', '1.0', true],
		['>=1.0,', '1.0', true],
		['>=1!1.0', '2.0', false],
	])('%s and %s: %s', (specifiers, version, expected) => {
		expect(allows(specifiers, version)).toBe(expected);
	});

	test.each([
		'1.0',
		'>=',
		'>=x',
		'=>1',
		'~=1',
		'>=1.*',
		'~=1.4.*',
		'==1.4a1.*',
		'==1.4+x.*',
		'>=1.0+local',
		'>1 <2',
		'>=1;<2',
	])('%s is none', text => {
		expect(parseSpecifiers(text)).toBeUndefined();
	});

	test('agree with the order', () => {
		fc.assert(
			fc.property(anyVersion, anyVersion, (version, other) => {
				const wanted = {...other, local: []};
				const text = formatVersion(wanted);
				const order = Math.sign(compareVersions({...version, local: []}, wanted));
				const holds = (specifiers: string): boolean => fulfils(version, parseSpecifiers(specifiers) ?? []);
				expect(holds(`>=${text}`)).toBe(order >= 0);
				expect(holds(`<=${text}`)).toBe(order <= 0);
				expect(holds(`==${text}`)).toBe(order === 0);
				expect(holds(`!=${text}`)).toBe(order !== 0);
				// The strict ones leave out what only follows or leads up to the version itself, so they can hold for less, never for more.
				expect(holds(`<${text}`) && order >= 0).toBe(false);
				expect(holds(`>${text}`) && order <= 0).toBe(false);
			}),
		);
	});

	test('any text is read without trouble', () => {
		fc.assert(
			fc.property(fc.string(), text => {
				const parsed = parseSpecifiers(text);
				expect(parsed === undefined || Array.isArray(parsed)).toBe(true);
			}),
		);
	});
});
