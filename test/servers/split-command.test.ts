import fc from 'fast-check';
import {expect, test} from 'vitest';
import {splitCommand} from '../../source/servers/split-command.js';
import {runProgram} from '../helpers/run-printkeep.js';

test.each([
	['sudo service octoprint stop', ['sudo', 'service', 'octoprint', 'stop']],
	["  /opt/stop\t'my printer'  ", ['/opt/stop', 'my printer']],
	['stop "a \\"b\\" c" d\\ e', ['stop', 'a "b" c', 'd e']],
	["stop ''", ['stop', '']],
	['stop "$HOME" \'`x`\'', ['stop', '$HOME', '`x`']],
	['docker stop x=y,z', ['docker', 'stop', 'x=y,z']],
])('%s', (line, words) => {
	expect(splitCommand(line)).toEqual(words);
});

test.each([
	'',
	'   ',
	'"',
	"stop 'x",
	'stop \\',
	'a | b',
	'a; b',
	'a && b',
	'a > b',
	'echo $(x)',
	'a\nb',
	'bin/stop',
	'../x',
	"''",
])('refuses %j', line => {
	expect(() => splitCommand(line)).toThrow(/cannot be used/u);
});

test('splits what it accepts as a shell does', async () => {
	const word = fc.stringMatching(/^[a-z0-9 "'\\/=:.-]{1,8}$/u);
	const lines = fc.sample(fc.array(word, {minLength: 1, maxLength: 5}), {numRuns: 40, seed: 7}).flatMap(words => {
		const line = `printf ${words.join(' ')}`;
		try {
			return [{line, words: splitCommand(line)}];
		} catch {
			return [];
		}
	});
	expect(lines.length).toBeGreaterThan(5);
	for (const {line, words} of lines) {
		// Within double quotes a shell keeps a backslash before most characters; nobody needs that.
		if (!/"[^"]*\\[^"\\]/u.test(line)) {
			const {stdout} = await runProgram('sh', ['-c', `set -- ${line}; for word; do printf '%s\\0' "$word"; done`], {
				env: process.env,
			});
			expect(stdout.split('\0').slice(0, -1), line).toEqual(words);
		}
	}
});
