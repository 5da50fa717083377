import fc from 'fast-check';
import {expect, test} from 'vitest';
import {checkOperands, parseArguments, splitVerb} from '../../source/commands/parse.js';
import {commands, findCommand} from '../../source/commands/registry.js';
import {isPrintkeepError} from '../../source/errors.js';

const backup = findCommand('backup');

test.each([
	[['list', '--json'], 'list', ['--json']],
	[['--json', 'list'], 'list', ['--json']],
	[['--basedir', '/x', 'list', 'a'], 'list', ['--basedir', '/x', 'a']],
	[['--basedir=/x', 'list'], 'list', ['--basedir=/x']],
	[['--json'], undefined, ['--json']],
	[['--', 'list'], undefined, ['--', 'list']],
	[[], undefined, []],
])('the command of %j is %s', (argv, verb, rest) => {
	expect(splitVerb(argv)).toEqual({verb, rest});
});

test('options, repeated options and operands are read', () => {
	const {shared, options, operands} = parseArguments(backup, [
		'--exclude',
		'timelapse',
		'--exclude=uploads',
		'--note',
		'before the upgrade',
		'--instance',
		'octoprint',
		'--yes',
	]);
	expect(options).toEqual({
		exclude: ['timelapse', 'uploads'],
		include: [],
		name: undefined,
		note: 'before the upgrade',
		path: undefined,
		'dry-run': false,
		jobs: undefined,
		'max-memory': undefined,
		'max-rate': undefined,
		nice: false,
		'no-nice': false,
		profile: undefined,
		rehash: false,
		'skip-unchanged': false,
		'no-skip-unchanged': false,
	});
	expect([shared.instance, shared.yes, shared.json, operands]).toEqual(['octoprint', true, false, []]);
	expect(parseArguments(findCommand('delete'), ['-y', '--', '-odd.zip']).operands).toEqual(['-odd.zip']);
});

test.each([
	[['--exlcude', 'x'], 'There is no option --exlcude for `printkeep backup`.', 'Did you mean --exclude?'],
	[['-x'], 'There is no option -x', 'printkeep help backup'],
	[['--zzz'], 'There is no option --zzz', 'printkeep help backup'],
	[['--exclude'], 'The option --exclude needs a value (PART).', ''],
	[['--exclude', '--json'], 'The option --exclude needs a value', '--exclude=--json'],
	[['--exclude='], 'needs a value that is not empty', ''],
	[['--json=yes'], 'The option --json takes no value.', ''],
	[['--name', 'a.zip', '--name', 'b.zip'], 'The option --name was given twice.', ''],
	[['--__proto__'], 'There is no option --__proto__', ''],
	[['--\u001B[2J'], String.raw`There is no option --\x1b[2J`, ''],
])('%j is refused', (argv, message, hint) => {
	expect(() => parseArguments(backup, argv)).toThrow(
		expect.objectContaining({
			code: 'usage',
			message: expect.stringContaining(message),
			hint: expect.stringContaining(hint),
		}),
	);
});

test('too few and too many operands are refused, naming what is needed', () => {
	expect(() => checkOperands(findCommand('restore'), [])).toThrow(
		expect.objectContaining({code: 'usage', message: '`printkeep restore` needs KEY|FILE.'}),
	);
	expect(() => checkOperands(findCommand('list'), ['a'])).toThrow(expect.objectContaining({code: 'usage'}));
});

test('an unknown command is refused with the one that was probably meant', () => {
	expect(() => findCommand('lsit')).toThrow(
		expect.objectContaining({code: 'usage', hint: expect.stringContaining('`printkeep list`')}),
	);
});

test('whatever is typed, it is either understood or refused as usage', () => {
	const word = fc.oneof(fc.string(), fc.constantFrom('--exclude', '--json', '-y', '--', '--note=', '-', '--no-color'));
	fc.assert(
		fc.property(fc.array(word, {maxLength: 6}), fc.constantFrom(...commands), (argv, command) => {
			try {
				parseArguments(command, splitVerb(argv).rest);
			} catch (error) {
				expect(isPrintkeepError(error) && error.code).toBe('usage');
			}
		}),
	);
});

test('no command takes an option of every command for itself, and names are unique', () => {
	const shared = Object.keys(parseArguments(undefined, []).shared);
	for (const {name, options} of commands) {
		expect([name, Object.keys(options).filter(option => shared.includes(option))]).toEqual([name, []]);
	}

	expect(new Set(commands.map(({name}) => name)).size).toBe(commands.length);
});
