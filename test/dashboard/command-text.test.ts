/** The commands that dialogs show have to be understood by the program: by the real parser, after a real shell. */
import {execFileSync} from 'node:child_process';
import {describe, expect, test} from 'vitest';
import type {ArchiveSource, RestorePlan} from '../../source/client/protocol.js';
import {checkOperands, parseArguments, splitVerb} from '../../source/commands/parse.js';
import {findCommand} from '../../source/commands/registry.js';
import {commandText, originOptions} from '../../source/dashboard/command-text.js';
import {restoreCommand} from '../../source/dashboard/plan-facts.js';
import type {RestoreDecision} from '../../source/dashboard/router.js';

/** What bash makes of a command line. */
const wordsOf = (command: string): readonly string[] => {
	const output = execFileSync('bash', ['-c', `printf '%s\\0' ${command}`], {encoding: 'utf8'});
	return output.split('\0').slice(0, -1);
};

const understand = (command: string) => {
	const [program, ...argv] = wordsOf(command);
	expect(program).toBe('printkeep');
	const {verb, rest} = splitVerb(argv);
	const spec = findCommand(verb ?? '');
	const parsed = parseArguments(spec, rest);
	checkOperands(spec, parsed.operands);
	return {verb, ...parsed};
};

const source: ArchiveSource = {type: 'backup', key: 'before-upgrade.zip', origin: 'store'};
const decision = (changes: Partial<RestoreDecision> & {readonly newerVersion?: boolean} = {}): RestoreDecision => ({
	source,
	plan: {newerVersion: changes.newerVersion ?? false, inPlace: changes.to === undefined} as RestorePlan,
	mode: 'replace',
	keepSettings: [],
	...changes,
});

describe('restore', () => {
	test('everything there is to choose', () => {
		const {verb, operands, options} = understand(
			restoreCommand(decision({mode: 'exact', keepSettings: ['network', 'serial'], newerVersion: true}), true),
		);
		expect(verb).toBe('restore');
		expect(operands).toEqual(['before-upgrade.zip']);
		expect(options).toMatchObject({
			mode: 'exact',
			keep: ['network', 'serial'],
			'allow-newer': true,
			'even-if-printing': true,
			origin: undefined,
		});
	});

	test('parts, files and folders of any name', () => {
		const names = ["it's", '-rf', '--to', 'a b', '日本語', 'new\nline', '\u001b[2J', '$HOME', '*', '\\', '~', '#'];
		expect(understand(restoreCommand(decision({files: names}))).options).toMatchObject({file: names});
		expect(understand(restoreCommand(decision({parts: ['uploads'], to: '-dir'}))).options).toMatchObject({
			part: ['uploads'],
			to: '-dir',
		});
		for (const key of names) {
			expect(understand(restoreCommand(decision({source: {type: 'backup', key}}))).operands).toEqual([key]);
		}
	});

	test("the server's own backup of that name is meant", () => {
		expect(
			understand(restoreCommand(decision({source: {type: 'backup', key: 'a.zip', origin: 'server'}}))).options,
		).toMatchObject({origin: 'server'});
	});
});

test('compare, delete, trash and undo', () => {
	const sources: readonly ArchiveSource[] = [
		{type: 'backup', key: '-old.zip', origin: 'server'},
		{type: 'backup', key: 'new.zip', origin: 'server'},
	];
	expect(understand(commandText('compare', ['-old.zip', 'new.zip'], originOptions(sources)))).toMatchObject({
		verb: 'compare',
		operands: ['-old.zip', 'new.zip'],
		options: {origin: 'server'},
	});
	expect(originOptions([source, ...sources])).toEqual([]);
	expect(understand(commandText('delete', ['-a.zip', 'b c.zip'])).operands).toEqual(['-a.zip', 'b c.zip']);
	expect(understand(commandText('trash', ['empty', 'id-1'])).operands).toEqual(['empty', 'id-1']);
	expect(understand(commandText('undo', [], [['even-if-printing', null]])).options).toMatchObject({
		'even-if-printing': true,
	});
});
