import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {incompatibility} from '../../../../source/servers/octoprint/reinstall/compatibility.js';
import {parseRepository} from '../../../../source/servers/octoprint/reinstall/repository.js';

const parse = (value: unknown) => parseRepository(JSON.stringify(value), 'the repository');

const full = {
	id: 'octolapse',
	title: 'Octolapse',
	archive: 'https://github.com/FormerLurker/Octolapse/archive/main.zip',
	compatibility: {octoprint: ['1.4.0'], os: ['linux', '!windows'], python: '>=3,<4'},
	follow_dependency_links: true,
	no_build_isolation: true,
};

describe('a repository', () => {
	test('says what each plugin is and runs on', () => {
		expect(parse([full]).get('octolapse')).toEqual({
			id: 'octolapse',
			archive: full.archive,
			compatibility: full.compatibility,
			followDependencyLinks: true,
			noBuildIsolation: true,
		});
	});

	test('may say little of a plugin', () => {
		expect(parse([{id: 'a'}]).get('a')).toEqual({
			id: 'a',
			archive: null,
			compatibility: null,
			followDependencyLinks: false,
			noBuildIsolation: false,
		});
		expect(parse([{id: 'a', compatibility: {}}]).get('a')?.compatibility).toEqual({
			octoprint: [],
			os: [],
			python: null,
		});
	});

	test('has the last word on a plugin that stands in it twice', () => {
		expect(parse([{id: 'a'}, full, {id: 'a', archive: 'https://example.org/a.zip'}]).get('a')?.archive).toBe(
			'https://example.org/a.zip',
		);
	});

	test.each([
		null,
		'text',
		7,
		[],
		{},
		{id: 7},
		{id: ''},
		{id: ['a']},
		{id: 'x'.repeat(5000)},
		{archive: 'https://example.org/a.zip'},
		['id'],
	])('does not lose a plugin to a neighbour that is %j', neighbour => {
		expect([...parse([neighbour, full, neighbour]).keys()]).toEqual(['octolapse']);
	});

	test.each([
		[{archive: 7}],
		[{archive: 'file:///etc/passwd'}],
		[{archive: '/etc/passwd'}],
		[{archive: '--index-url=http://evil.example'}],
		[{archive: 'git+https://example.org/x'}],
		[{archive: 'https://'}],
		[{archive: `https://example.org/${'x'.repeat(3000)}`}],
	])('has no archive by %j', fields => {
		expect(parse([{...full, ...fields}]).get('octolapse')?.archive).toBeNull();
	});

	test.each([
		[{compatibility: 'all'}, null],
		[{compatibility: [1]}, null],
		[{compatibility: null}, null],
		[{compatibility: {octoprint: '1.4', os: {}, python: 3}}, {octoprint: [], os: [], python: null}],
		[
			{compatibility: {octoprint: ['1.4', 5, null], os: [null], python: ''}},
			{octoprint: ['1.4'], os: [], python: null},
		],
	])('is read as far as it can be: %j', (fields, expected) => {
		expect(parse([{...full, ...fields}]).get('octolapse')?.compatibility).toEqual(expected);
	});

	test('keeps names of the language’s own apart from plugins', () => {
		const plugins = parseRepository(
			'[{"id":"__proto__","archive":"https://example.org/a.zip"},{"id":"constructor"}]',
			'x',
		);
		expect([...plugins.keys()]).toEqual(['__proto__', 'constructor']);
		expect(plugins.get('toString')).toBeUndefined();
		expect(
			parseRepository('[{"id":"a","__proto__":{"archive":"https://example.org/a.zip"}}]', 'x').get('a')?.archive,
		).toBeNull();
	});

	test.each(['', '<html>sorry</html>', '{"plugins":[]}', '"text"', '[1', 'null', `[${'0,'.repeat(50_001)}0]`])(
		'is none: %.30s',
		text => {
			expect(() => parseRepository(text, 'https://x.example/plugins.json')).toThrow(
				expect.objectContaining({
					code: 'remote-failed',
					message: expect.stringContaining('https://x.example/plugins.json'),
				}),
			);
		},
	);

	test('nested without end does not end printkeep', () => {
		const depth = 500_000;
		const text = `[{"id":"a","compatibility":${'['.repeat(depth)}${']'.repeat(depth)}}]`;
		let outcome: unknown;
		try {
			outcome = parseRepository(text, 'x').get('a')?.compatibility;
		} catch (error) {
			outcome = (error as {readonly code?: string}).code;
		}

		expect([null, 'remote-failed']).toContainEqual(outcome);
	});

	test('of any form is read or refused', () => {
		fc.assert(
			fc.property(fc.jsonValue(), value => {
				if (Array.isArray(value)) {
					expect(parse(value).size).toBeLessThanOrEqual(value.length);
				} else {
					expect(() => parse(value)).toThrow();
				}
			}),
		);
	});
});

const here = {octoprint: '1.11.8', python: '3.11.7', platform: 'linux'};
const all = {octoprint: [], os: [], python: '>=3'};

describe('what a plugin runs on', () => {
	test('is no question when nothing is said', () => {
		expect(incompatibility({compatibility: null}, here)).toBe('');
	});

	test.each([
		[['1.3.6'], '1.11.8', true],
		[['1.12.0'], '1.11.8', false],
		[['1.12.0'], '1.12.0rc1', true],
		[['1.2', '>=2'], '2.0.0', true],
		[['>=1.3.6,<2'], '1.11.8', true],
		[['>=1.3.6,<2'], '2.0.0rc3', false],
		[['1.3.6,<2'], '1.11.8', true],
		[['<1.4', '>=1.11'], '1.11.8', true],
		[['nonsense', '>=1.4'], '1.11.8', true],
		[['nonsense'], '1.11.8', false],
		[['~=1.11.0'], '1.11.8.dev5+gabc', true],
		[['==1.11.*'], '1.11.8', true],
		[[], '1.11.8', true],
	])('OctoPrint %j on %s: %s', (octoprint, version, fits) => {
		expect(incompatibility({compatibility: {...all, octoprint}}, {...here, octoprint: version}) === '').toBe(fits);
	});

	test.each([
		['>=3,<4', '3.11.7', true],
		['>=2.7,<3', '3.11.7', false],
		['>=3.12', '3.11.7', false],
		['>=3.7', '3.13.0+', true],
		['nonsense', '3.11.7', false],
		// As OctoPrint has it: who says nothing of Python wrote for Python 2.
		[null, '3.11.7', false],
	])('Python %s on %s: %s', (python, version, fits) => {
		expect(incompatibility({compatibility: {...all, python}}, {...here, python: version}) === '').toBe(fits);
	});

	test.each([
		[['linux'], 'linux', true],
		[['linux', 'macos'], 'darwin', true],
		[['windows'], 'linux', false],
		[['!windows'], 'linux', true],
		[['!linux'], 'linux', false],
		[['linux', '!linux'], 'linux', false],
		[['freebsd'], 'freebsd14', true],
		[['nonsense'], 'linux', false],
		[['!'], 'linux', true],
		[[], 'sunos5', true],
	])('system %j on %s: %s', (os, platform, fits) => {
		expect(incompatibility({compatibility: {...all, os}}, {...here, platform}) === '').toBe(fits);
	});

	test('is said in a sentence that a terminal only shows', () => {
		expect(incompatibility({compatibility: {...all, octoprint: ['>=9\u001B[2J']}}, here)).toBe(
			'It is for OctoPrint >=9\\x1b[2J, and this is 1.11.8.',
		);
		expect(incompatibility({compatibility: {...all, os: ['windows']}}, here)).toBe(
			'It is for windows, and this is linux.',
		);
		expect(incompatibility({compatibility: {...all, python: null}}, here)).toContain(
			'does not say that it runs on Python 3',
		);
	});
});
