import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {pluginCommands} from '../../../source/servers/octoprint/plugin-commands.js';
import {makePythonEnvironment} from '../../helpers/server-ports.js';
import {inTemporaryDirectory} from '../../helpers/temporary.js';

const instance = {name: 'o', kind: 'octoprint', dataFolder: '/x'} as const;

test('the exact version first, else the newest from its home page', () => {
	expect(
		pluginCommands(instance, [
			{key: 'a', name: 'OctoPrint-A', url: 'https://github.com/x/OctoPrint-A', version: '1.2.3'},
			{key: 'b', name: 'OctoPrint-B', url: null, version: '2.0'},
			{key: 'c', name: 'A nice name', url: 'https://github.com/x/c.git', version: null},
			{key: 'd', name: 'D', url: 'https://example.org/d.zip?x=1.zip', version: null},
			{key: 'e$(id)', name: 'E', url: 'https://example.org/', version: null},
		]),
	).toEqual([
		"~/oprint/bin/python -m pip install 'OctoPrint-A==1.2.3' || ~/oprint/bin/python -m pip install 'https://github.com/x/OctoPrint-A/archive/HEAD.zip'",
		"~/oprint/bin/python -m pip install 'OctoPrint-B==2.0'",
		"~/oprint/bin/python -m pip install 'https://github.com/x/c/archive/HEAD.zip'",
		"~/oprint/bin/python -m pip install 'https://example.org/d.zip?x=1.zip'",
		"# e__id_: install it with OctoPrint's plugin manager",
	]);
});

test('the interpreter of the environment is used, quoted', async () =>
	inTemporaryDirectory(root => {
		const plugin = {key: 'b', name: 'B', url: null, version: '2.0'};
		makePythonEnvironment(join(root, 'my venv'));
		const [command] = pluginCommands({...instance, python: join(root, 'my venv')}, [plugin]);
		expect(command).toBe(`'${root}/my venv/bin/python' -m pip install 'B==2.0'`);
		expect(pluginCommands({...instance, python: join(root, 'my venv/bin/python3')}, [plugin])[0]).toContain(
			`my venv/bin/python3'`,
		);
	}));

test('nothing out of an archive becomes a command of its own', async () =>
	inTemporaryDirectory(directory => {
		const hostile = fc.oneof(
			fc.string(),
			fc.constantFrom(
				`'; touch pwned; '`,
				'$(touch pwned)',
				'`touch pwned`',
				'a\ntouch pwned',
				'-r/etc/passwd',
				'x && touch pwned',
				'https://github.com/a/b;touch pwned',
			),
		);
		fc.assert(
			fc.property(hostile, hostile, hostile, hostile, (key, name, url, version) => {
				const [command = ''] = pluginCommands({...instance, python: '/bin/true'}, [{key, name, url, version}]);
				expect(command).not.toMatch(/[\n\r`$]|;|&&/u);
				expect(command.startsWith('#') || command.startsWith('/bin/true -m pip install ')).toBe(true);
			}),
		);
		for (const text of [`'; touch pwned; '`, '$(touch pwned)', 'a\ntouch pwned']) {
			const [command = ''] = pluginCommands({...instance, python: '/bin/true'}, [
				{key: text, name: text, url: text, version: text},
			]);
			execFileSync('sh', ['-c', command], {cwd: directory});
			expect(existsSync(join(directory, 'pwned'))).toBe(false);
		}
	}));
