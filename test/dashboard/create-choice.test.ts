import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {Inclusion} from '../../source/client/protocol.js';
import {
	createCommand,
	estimate,
	isIn,
	jobChoice,
	nextProfile,
	type Toggles,
	toggle,
	whyLines,
} from '../../source/dashboard/create-choice.js';
import {makePart, makeParts, makeSizes} from '../helpers/make-model.js';

const nothing: Toggles = new Map();
const optional = makePart({name: 'webcam', inclusion: 'excluded', reason: 'Snapshots grow fast.'});
const parts = [...makeParts(), optional];
const sizes = new Map(makeSizes().map(size => [size.name, size]));

test.each<[Inclusion, {excludes: string[]; includes: string[]}, boolean]>([
	['required', {excludes: ['x'], includes: []}, true],
	['never', {excludes: [], includes: ['x']}, false],
	['included', {excludes: [], includes: []}, true],
	['included', {excludes: ['x'], includes: []}, false],
	['excluded', {excludes: [], includes: []}, false],
	['excluded', {excludes: [], includes: ['x']}, true],
])('a part that is %s, with %j, is in: %s', (inclusion, settings, expected) => {
	expect(isIn(makePart({name: 'x', inclusion}), settings, nothing)).toBe(expected);
});

test('the job is told everything that is left out and taken in', () => {
	const settings = {excludes: ['timelapse'], includes: []};
	const toggles = toggle(optional, settings, nothing);
	expect(jobChoice(parts, settings, toggles)).toEqual({excludes: ['timelapse'], includes: ['webcam']});
});

test('the command says only what differs from the settings', () => {
	const settings = {excludes: ['timelapse'], includes: []};
	const timelapse = parts.find(({name}) => name === 'timelapse') ?? optional;
	expect(createCommand(parts, settings, nothing, '')).toBe('printkeep backup');
	expect(createCommand(parts, settings, toggle(timelapse, settings, nothing), 'a b')).toBe(
		"printkeep backup --include timelapse --note 'a b'",
	);
});

test('the command names a profile that is not the usual one, and P goes round all of them', () => {
	expect(createCommand(parts, undefined, nothing, '', 'fast')).toBe('printkeep backup --profile fast');
	expect(nextProfile(nextProfile(nextProfile('balanced')))).toBe('balanced');
	expect(new Set(['balanced', nextProfile('balanced'), nextProfile(nextProfile('balanced'))]).size).toBe(3);
});

test('sums tell whether they are complete', () => {
	expect(estimate(makeParts(), sizes, undefined, nothing)).toMatchObject({files: 412, isComplete: true});
	expect(estimate(parts, new Map(), undefined, nothing)).toMatchObject({bytes: 0, isComplete: false});
});

test('why a part is as it is', () => {
	expect(whyLines(optional)).toEqual(['Usually left out. Snapshots grow fast.']);
	expect(
		whyLines(makePart({external: true, sources: ['/mnt/a', '/mnt/b'], leftOut: [{path: 'x', reason: 'why'}]})),
	).toEqual(['Read from /mnt/a, /mnt/b', 'Without x: why']);
});

test('toggling twice changes nothing, whatever the settings', () => {
	const names = fc.subarray(['config', 'uploads', 'timelapse', 'plugin-data', 'logs', 'webcam']);
	fc.assert(
		fc.property(names, names, fc.constantFrom(...parts), (excludes, includes, part) => {
			const settings = {excludes, includes};
			const once = toggle(part, settings, nothing);
			expect(toggle(part, settings, once)).toEqual(nothing);
			expect(isIn(part, settings, once) === isIn(part, settings, nothing)).toBe(once.size === 0);
		}),
	);
});
