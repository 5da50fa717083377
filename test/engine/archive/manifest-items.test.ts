/** The checks written by hand, held against the same rules in a schema. */
import fc from 'fast-check';
import * as v from 'valibot';
import {describe, expect, it} from 'vitest';
import {fileOf, folderOf, ItemFault, linkOf} from '../../../source/engine/archive/manifest-items.js';
import {fileSchema, folderSchema, linkSchema} from '../../helpers/manifest-schema.js';

const file = {
	path: 'basedir/a',
	part: 'uploads',
	bytes: 5,
	mode: 0o100644,
	modified: '1700000000.123456789',
	uid: 0,
	gid: -2,
	rawPath: 'YQ==',
	inode: '123',
	changed: '-5.000000001',
	sourceBytes: 7,
	sha256: '0'.repeat(64),
	tables: {t: 3, __proto__: 1},
};
const folder = {path: 'basedir/', mode: 0o40755, modified: '1.000000000', uid: 0, gid: 0, rawPath: 'YQ=='};
const link = {path: 'basedir/l', target: '/mnt', type: 'file', rawPath: 'YQ=='};

const value = fc.oneof(
	fc.jsonValue({maxDepth: 2}),
	fc.constantFrom(0, -0, -1, 1.5, 2 ** 53, '', '1', '1.000000000', '1.00000000', 'a'.repeat(64), 'A'.repeat(64)),
	fc.constantFrom('file', 'directory', 'dangling', 'other', '9'.repeat(21)),
	fc.dictionary(fc.constantFrom('t', '__proto__', 'constructor'), fc.oneof(fc.nat(), fc.constantFrom(-1, 0.5, null))),
);

/** A good line, with any of its fields changed, gone or added; as it comes out of JSON. */
const lineArbitrary = (good: object): fc.Arbitrary<unknown> =>
	fc.oneof(
		fc.jsonValue({maxDepth: 1}),
		fc
			.array(fc.tuple(fc.constantFrom(...Object.keys(good), 'more'), fc.option(value, {nil: undefined})), {
				maxLength: 2,
			})
			.map(changes => JSON.parse(JSON.stringify({...good, ...Object.fromEntries(changes)}))),
	);

const answerOf = (read: () => unknown): unknown => {
	try {
		return {read: read()};
	} catch (error) {
		if (error instanceof ItemFault) {
			return {fault: error.message};
		}

		throw error;
	}
};

const referenceOf = (schema: v.GenericSchema, line: unknown): unknown => {
	const result = v.safeParse(schema, line);
	return result.success ? {read: result.output} : {fault: v.getDotPath(result.issues[0])?.split('.')[0] ?? 'a line'};
};

describe('the lines of a manifest', () => {
	it.each([
		['file', file, fileOf, fileSchema],
		['folder', folder, folderOf, folderSchema],
		['link', link, linkOf, linkSchema],
	] as const)('of a %s are taken and refused as the schema says', (_title, good, read, schema) => {
		expect(answerOf(() => read(good))).toEqual({read: good});
		let taken = 0;
		let refused = 0;
		fc.assert(
			fc.property(lineArbitrary(good), line => {
				const reference = referenceOf(schema, line);
				expect(answerOf(() => read(line))).toEqual(reference);
				if (typeof reference === 'object' && reference !== null && 'read' in reference) {
					taken++;
				} else {
					refused++;
				}
			}),
			{numRuns: 2000},
		);
		expect(Math.min(taken, refused)).toBeGreaterThan(100);
	});
});
