import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {PluginData, PluginRecordData} from '../../source/plugins/api.js';
import {
	differencesTo,
	mergeOver,
	pathsMeet,
	preprocess,
	valueAt,
	withoutPaths,
	withValueAt,
} from '../../source/plugins/settings-values.js';

/** Few keys, so that trees meet; some are names of what every object has. */
const key = fc.constantFrom('a', 'b', 'c', 'toString', 'valueOf', '__proto__', 'constructor');

const {tree} = fc.letrec<{tree: PluginRecordData; value: PluginData}>(tie => ({
	value: fc.oneof(
		{maxDepth: 3},
		fc.constantFrom<PluginData>(null, true, 0, 1, '', 'x'),
		fc.array(fc.constantFrom('x', 'y', 1), {maxLength: 2}),
		tie('tree'),
	),
	tree: fc.dictionary(key, tie('value'), {maxKeys: 4, noNullPrototype: true}) as fc.Arbitrary<PluginRecordData>,
}));

const path = fc.array(fc.constantFrom('a', 'b', 'c', 'toString'), {minLength: 1, maxLength: 4});

const copy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

const isPlain = (value: unknown): boolean =>
	typeof value !== 'object' ||
	value === null ||
	((Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) && Object.values(value).every(isPlain));

describe('trees of settings', () => {
	test('what differs, laid over the defaults, is what was there', () => {
		fc.assert(
			fc.property(tree, tree, (defaults, values) => {
				const effective = mergeOver(defaults, values);
				const different = differencesTo(defaults, effective);
				expect(mergeOver(defaults, different)).toEqual(effective);
				expect(isPlain(effective) && isPlain(different)).toBe(true);
			}),
		);
	});

	test('what is as the defaults are is not stored, and what is stored is as small as can be', () => {
		fc.assert(
			fc.property(tree, tree, (defaults, values) => {
				expect(differencesTo(defaults, mergeOver(defaults, {}))).toEqual({});
				const different = differencesTo(defaults, values);
				expect(differencesTo(defaults, mergeOver(defaults, different))).toEqual(different);
			}),
		);
	});

	test('a value that was put somewhere is there, and nothing given has changed', () => {
		fc.assert(
			fc.property(tree, path, fc.constantFrom<PluginData>(1, 'x', ['y'], {d: 1}), (values, place, value) => {
				const before = copy(values);
				const changed = withValueAt(values, place, value);
				expect(valueAt(changed, place)).toEqual(value);
				expect(valueAt(withValueAt(changed, place, undefined), place)).toBeUndefined();
				expect(copy(values)).toEqual(before);
			}),
		);
	});

	test('without some paths nothing of them is left, and all else is', () => {
		fc.assert(
			fc.property(tree, fc.array(path, {maxLength: 3}), (values, paths) => {
				const left = withoutPaths(values, paths);
				for (const one of paths) {
					expect(valueAt(left, one)).toBeUndefined();
				}

				for (const name of ['a', 'b', 'c']) {
					if (!paths.some(([first]) => first === name)) {
						expect(left[name]).toEqual(values[name]);
					}
				}
			}),
		);
	});

	test('names that lead into objects themselves are no places, and change nothing for others', () => {
		for (const name of ['__proto__', 'constructor', 'prototype']) {
			expect(() => withValueAt({}, [name, 'polluted'], 1)).toThrow(RangeError);
			expect(() => withValueAt({a: {}}, ['a', name], 1)).toThrow(RangeError);
		}

		expect(() => withValueAt({}, [], 1)).toThrow(RangeError);
		const hostile = JSON.parse('{"a": {"__proto__": {"polluted": 1}}, "__proto__": {"polluted": 1}}');
		expect(Object.entries(mergeOver({}, hostile))).toEqual([['a', {}]]);
		expect(Object.keys(mergeOver({}, hostile).a as object)).toEqual([]);
		expect(Object.keys(differencesTo({}, hostile).a as object)).toEqual([]);
		expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
		expect(valueAt({}, ['constructor', 'name'])).toBeUndefined();
		expect(valueAt({a: 'text'}, ['a', 'length'])).toBeUndefined();
	});
});

test('paths meet when one leads to the other', () => {
	expect(pathsMeet(['a'], ['a'])).toBe(true);
	expect(pathsMeet(['a'], ['a', 'b'])).toBe(true);
	expect(pathsMeet(['a', 'b'], ['a', 'c'])).toBe(false);
	expect(pathsMeet(['a'], ['b'])).toBe(false);
});

test('functions of a tree are run for what lies where they are', () => {
	const double = (value: PluginData | undefined): PluginData => Number(value) * 2;
	expect(preprocess({a: {b: double}}, ['a', 'b'], 2)).toBe(4);
	expect(preprocess({a: {b: double}}, ['a'], {b: 2, c: 3})).toEqual({b: 4, c: 3});
	expect(preprocess({a: {b: double}}, [], {a: {b: 1}, d: 1})).toEqual({a: {b: 2}, d: 1});
	expect(preprocess({a: double}, ['c'], 1)).toBe(1);
	expect(preprocess(undefined, ['a'], 1)).toBe(1);
	expect(preprocess({}, ['constructor'], 1)).toBe(1);
});
