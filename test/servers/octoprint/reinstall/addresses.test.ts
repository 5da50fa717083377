import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {exactAddresses, indexRequirement} from '../../../../source/servers/octoprint/reinstall/addresses.js';

const gitHub = 'https://github.com/o/OctoPrint-R';

describe('the version that was backed up', () => {
	test.each([
		'archive/main.zip',
		'archive/master.zip',
		'archive/refs/heads/devel.zip',
		'archive/feature/new.zip',
		'archive/1.2.3.zip',
		'archive/HEAD.zip',
		'archive/refs/tags/v2.0.zip',
	])('lies at its tag where the newest is %s', path => {
		expect(exactAddresses(`${gitHub}/${path}`, '1.0.2')).toEqual([
			`${gitHub}/archive/refs/tags/1.0.2.zip`,
			`${gitHub}/archive/refs/tags/v1.0.2.zip`,
		]);
	});

	test('lies among the releases where the newest does, or at its tag', () => {
		expect(exactAddresses(`${gitHub}/releases/latest/download/release.zip`, '1.0')).toEqual([
			`${gitHub}/releases/download/1.0/release.zip`,
			`${gitHub}/releases/download/v1.0/release.zip`,
			`${gitHub}/archive/refs/tags/1.0.zip`,
			`${gitHub}/archive/refs/tags/v1.0.zip`,
		]);
	});

	test('keeps the form of the archive, and other hosts’ own way', () => {
		expect(exactAddresses(`${gitHub}/archive/main.tar.gz`, '1.0')[0]).toBe(`${gitHub}/archive/refs/tags/1.0.tar.gz`);
		expect(exactAddresses('https://codeberg.org/o/r/archive/main.zip', '1.0')).toEqual([
			'https://codeberg.org/o/r/archive/1.0.zip',
			'https://codeberg.org/o/r/archive/v1.0.zip',
		]);
	});

	test.each([
		'https://example.org/plugin.zip',
		'https://example.org/a/b/c/archive/main.zip',
		'https://files.pythonhosted.org/packages/x/y/z.whl',
		`${gitHub}/zipball/master`,
		'nothing',
	])('cannot be told from %s', archive => {
		expect(exactAddresses(archive, '1.0')).toEqual([]);
	});

	test('never leads to another host or out of the project, whatever the version says', () => {
		fc.assert(
			fc.property(
				fc.oneof(fc.string(), fc.webPath(), fc.constantFrom('../../x/y', '1.0/../../evil', '1.0?x', '1.0#', '1..')),
				version => {
					for (const address of exactAddresses(`${gitHub}/archive/main.zip`, version)) {
						const {host, pathname, search, hash} = new URL(address);
						expect(host).toBe('github.com');
						expect(pathname).toMatch(/^\/o\/OctoPrint-R\/archive\/refs\/tags\/[^/]+\.zip$/);
						expect(search + hash).toBe('');
					}
				},
			),
		);
	});
});

describe('a package index', () => {
	const plugin = {name: 'OctoPrint-R', version: '1.0'};

	test('is believed where the repository names a file of it', () => {
		const file = 'https://files.pythonhosted.org/packages/ab/cd/octoprint_r-2.0.tar.gz';
		expect(indexRequirement(file, plugin, false)).toBe('OctoPrint-R==1.0');
		expect(indexRequirement(file, {...plugin, name: 'OctoPrint-Other'}, false)).toBeUndefined();
		expect(indexRequirement(file.replace('https', 'http'), plugin, false)).toBeUndefined();
		expect(
			indexRequirement(file.replace('pythonhosted.org', 'pythonhosted.org.evil.example'), plugin, false),
		).toBeUndefined();
	});

	test('is not asked by a bare name, unless the person says so', () => {
		expect(indexRequirement(`${gitHub}/archive/main.zip`, plugin, false)).toBeUndefined();
		expect(indexRequirement(`${gitHub}/archive/main.zip`, plugin, true)).toBe('OctoPrint-R==1.0');
		expect(indexRequirement(`${gitHub}/archive/main.zip`, {...plugin, version: null}, true)).toBeUndefined();
	});

	test('is asked for nothing that pip takes for something else', () => {
		fc.assert(
			fc.property(fc.string(), fc.string(), (name, version) => {
				const requirement = indexRequirement('https://example.org/x.zip', {name, version}, true);
				if (requirement !== undefined) {
					expect(requirement).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*==\d[\w.+!-]*$/);
				}
			}),
		);
		for (const name of ['--index-url=x', '-r', 'a b', 'a;b', 'https://x/y.zip', './x', 'a[b]', 'a @ b', '']) {
			expect(indexRequirement('https://example.org/x.zip', {name, version: '1.0'}, true)).toBeUndefined();
		}
	});
});
