import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {runBounded} from '../../../../source/servers/bounded-program.js';
import {archiveName, isLegacy} from '../../../../source/servers/octoprint/reinstall/archive-form.js';
import {craftZip} from '../../../helpers/craft-zip.js';
import {temporaryDirectory} from '../../../helpers/test-directory.js';

const put = (content: Buffer | string, name = 'fetched'): string => {
	const file = join(temporaryDirectory(), name);
	writeFileSync(file, content);
	return file;
};

const zip = (...names: readonly string[]): Buffer =>
	craftZip(names.map(name => ({name, data: name.endsWith('setup.py') ? 'import octoprint_setuptools' : 'x'})));

describe('the name of an archive', () => {
	test.each([
		['https://example.org/plugin.zip', zip('a'), 'plugin.zip'],
		['https://codeload.github.com/o/r/zip/refs/tags/1.0', zip('a'), 'plugin.zip'],
		['https://example.org/plugin.tar.gz', Buffer.from([0x1f, 0x8b, 8, 0]), 'plugin.tar.gz'],
		['https://example.org/plugin.zip', Buffer.from('BZh91AY'), 'plugin.tar.bz2'],
		['https://example.org/some_plugin-1.0-py3-none-any.whl', zip('a'), 'some_plugin-1.0-py3-none-any.whl'],
		[
			'https://example.org/x/some_plugin-1.0%2Blocal-py3-none-any.whl?a=b',
			zip('a'),
			'some_plugin-1.0+local-py3-none-any.whl',
		],
		['https://example.org/..%2F..%2Fevil-1.0-py3-none-any.whl', zip('a'), 'plugin.zip'],
		['https://example.org/-r-1.0-py3-none-any.whl', zip('a'), 'plugin.zip'],
		['no address', zip('a'), 'plugin.zip'],
	])('from %s', (address, content, name) => {
		expect(archiveName(put(content), address)).toBe(name);
	});

	test.each(['', '<html>we are sorry</html>', 'PK'])('%j is none', content => {
		expect(archiveName(put(content), 'https://example.org/plugin.zip')).toBeUndefined();
	});
});

describe('a plugin of old', () => {
	const tar = (...names: readonly string[]): Buffer => {
		const folder = temporaryDirectory();
		for (const name of names) {
			const file = join(folder, name);
			mkdirSync(dirname(file), {recursive: true});
			writeFileSync(file, name.endsWith('setup.py') ? 'import octoprint_setuptools' : 'x');
		}

		execFileSync('tar', ['-czf', join(folder, 'x.tar.gz'), '-C', folder, ...names]);
		return execFileSync('cat', [join(folder, 'x.tar.gz')]);
	};

	const ask = async (content: Buffer | string, name: string): Promise<boolean> => {
		const file = put(content, name);
		const work = temporaryDirectory();
		return isLegacy(
			{runBounded},
			{
				python: 'python3',
				prefix: '/',
				user: undefined,
				folder: work,
				work,
				remove: async () => undefined,
				variables: {PATH: process.env.PATH, HOME: process.env.HOME},
			},
			file,
			new AbortController().signal,
		);
	};

	test.each([
		['a setup.py below one folder', zip('top/', 'top/setup.py', 'top/x/__init__.py'), 'plugin.zip', true],
		['a setup.py at the top', zip('setup.py', 'x/__init__.py'), 'plugin.zip', true],
		['a pyproject.toml beside it', zip('top/setup.py', 'top/pyproject.toml'), 'plugin.zip', false],
		['a setup.py deeper down', zip('top/other/setup.py', 'top/x'), 'plugin.zip', false],
		['none', zip('top/pyproject.toml'), 'plugin.zip', false],
		['another helper', craftZip([{name: 'top/setup.py', data: 'from setuptools import setup'}]), 'plugin.zip', false],
		['a packed folder', () => tar('top/setup.py', 'top/x.py'), 'plugin.tar.gz', true],
		['a packed folder with dots', () => tar('./top/setup.py', './top/x.py'), 'plugin.tar.gz', true],
		['a packed folder of today', () => tar('top/setup.py', 'top/pyproject.toml'), 'plugin.tar.gz', false],
		['nonsense', 'PK\u0003\u0004nonsense', 'plugin.zip', false],
	])('is told by its content: %s', async (_what, content, name, expected) => {
		const made = typeof content === 'function' ? content() : content;
		expect(await ask(made, name)).toBe(expected);
	});
});
