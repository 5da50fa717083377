import {join} from 'node:path';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {fulfils, parseSpecifiers} from '../../source/servers/python-specifiers.js';
import {baseOf, compareVersions, formatVersion, type PythonVersion} from '../../source/servers/python-version.js';
import {runProgram} from '../helpers/run-printkeep.js';
import {octoPrintEnvironment} from './helpers/octoprint.js';

/** Versions and specifiers mean what they mean to Python's own package for them, which OctoPrint asks. */

const number = fc.nat({max: 2});
const anyVersion: fc.Arbitrary<PythonVersion> = fc.record({
	epoch: fc.constantFrom(0, 0, 0, 1),
	release: fc.array(fc.nat({max: 2}), {minLength: 1, maxLength: 3}),
	pre: fc.option(fc.record({letter: fc.constantFrom('a', 'b', 'rc'), number}), {nil: null}),
	post: fc.option(number, {nil: null}),
	dev: fc.option(number, {nil: null}),
	local: fc.oneof(
		fc.constant([]),
		fc.constant([]),
		fc.array(fc.oneof(number, fc.constantFrom('abc', 'g1')), {maxLength: 2}),
	),
});
const anyOperator = fc.constantFrom('~=', '==', '!=', '<=', '>=', '<', '>', '===');

const script = `
import json, sys
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version
answers = []
for a, b, specifier in json.load(sys.stdin):
    first, second = Version(a), Version(b)
    try:
        allows = SpecifierSet(specifier).contains(first, prereleases=True)
    except InvalidSpecifier:
        allows = None
    answers.append([(first > second) - (first < second), allows])
print(json.dumps(answers))
`;

test('ten thousand pairs are ordered and matched as Python does it', async () => {
	const samples = fc.sample(fc.tuple(anyVersion, anyVersion, anyOperator, fc.boolean()), {numRuns: 10_000, seed: 440});
	const cases = samples.map(([a, other, operator, isPrefix]) => {
		// What the strict ones say of versions that are no releases has changed between versions of that package.
		const b = operator === '<' || operator === '>' ? baseOf(other) : other;
		const wildcard = isPrefix && (operator === '==' || operator === '!=') ? '.*' : '';
		const specifier = `${operator}${formatVersion(b)}${wildcard}`;
		const parsed = parseSpecifiers(specifier);
		return {
			question: [formatVersion(a), formatVersion(b), specifier],
			answer: [Math.sign(compareVersions(a, b)), parsed === undefined ? null : fulfils(a, parsed)],
		};
	});
	const environment = await octoPrintEnvironment();
	const {stdout, stderr} = await runProgram(join(environment, 'bin/python'), ['-c', script], {
		input: JSON.stringify(cases.map(({question}) => question)),
	});
	expect(stderr).toBe('');
	const answers = JSON.parse(stdout) as ReadonlyArray<readonly [number, boolean | null]>;
	expect(answers).toHaveLength(cases.length);
	expect(
		cases.flatMap(({question, answer}, index) =>
			JSON.stringify(answer) === JSON.stringify(answers[index]) ? [] : [{question, answer, python: answers[index]}],
		),
	).toEqual([]);
	// All kinds of answers were among them.
	expect(new Set(answers.map(([, allows]) => allows))).toEqual(new Set([true, false, null]));
});
