import {execFileSync} from 'node:child_process';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {safeText} from '../../source/format/safe-text.js';
import {shellCommand, shellQuote} from '../../source/format/shell-quote.js';

test.each([
	['plain-name_1.zip', 'plain-name_1.zip'],
	['/srv/my backups', "'/srv/my backups'"],
	["it's", String.raw`'it'\''s'`],
	['', "''"],
	['$(reboot)', "'$(reboot)'"],
	['a\u001bb', String.raw`$'a\x1bb'`],
	['~', "'~'"],
])('%j is typed as %s', (argument, expected) => {
	expect(shellQuote(argument)).toBe(expected);
});

test('words are separated by blanks', () => {
	expect(shellCommand(['printkeep', 'restore', 'a b.zip', '--yes'])).toBe("printkeep restore 'a b.zip' --yes");
});

test('bash reads back what was meant, and nothing active is printed', () => {
	const argument = fc
		.string({unit: 'binary', maxLength: 12})
		.filter(text => !text.includes('\0') && text.isWellFormed());
	fc.assert(
		fc.property(fc.array(argument, {minLength: 1, maxLength: 30}), words => {
			const command = shellCommand(words);
			expect(safeText(command)).toBe(command);
			const output = execFileSync('bash', ['-c', `printf '%s\\0' ${command}`], {
				encoding: 'utf8',
				env: {...process.env, LC_ALL: 'C.UTF-8'},
			});
			expect(output.split('\0').slice(0, -1)).toEqual(words);
		}),
		{numRuns: 40},
	);
});
