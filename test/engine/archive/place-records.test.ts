import fc from 'fast-check';
import {expect, test} from 'vitest';
import {
	buildCentralHeader,
	moveRecord,
	prepareMember,
	recordPlace,
	zip64FromBytes,
} from '../../../source/engine/archive/member-headers.js';
import {placeRecords} from '../../../source/engine/archive/place-records.js';

/** Sizes and places on both sides of the limits of the classic format. */
const size = fc.oneof(
	fc.integer({min: 0, max: 1000}),
	fc.integer({min: 2 ** 32 - 10, max: 2 ** 32 + 10}),
	fc.integer({min: zip64FromBytes - 2, max: zip64FromBytes + 2}),
	fc.integer({min: 2 ** 33, max: 2 ** 45}),
);
const entry = fc.record({
	name: fc.stringMatching(/^[a-zä-ü☃]{1,20}$/u),
	bytes: size,
	compressedBytes: size,
	offset: size,
	modifiedAt: fc.integer({min: -1e12, max: 5e12}),
});
type Entry = typeof entry extends fc.Arbitrary<infer Value> ? Value : never;

const recordOf = ({name, bytes, compressedBytes, modifiedAt}: Entry, offset: number): Buffer =>
	buildCentralHeader(
		prepareMember({name, mode: 0o100644, modifiedAt, uid: 1000, gid: 1000}),
		{method: 8, crc32: 7, compressedBytes, bytes},
		offset,
		bytes >= zip64FromBytes,
	);

test('a moved record is the one that would have been written there, and its place is read back', () => {
	fc.assert(
		fc.property(entry, size, (each, offset) => {
			const record = recordOf(each, each.offset);
			expect(recordPlace(record)).toEqual({
				offset: each.offset,
				bytes: each.bytes,
				compressedBytes: each.compressedBytes,
			});
			expect(moveRecord(record, offset).equals(recordOf(each, offset))).toBe(true);
		}),
	);
});

test('a run of records is moved as a whole, back and forth across 4 GiB', () => {
	fc.assert(
		fc.property(fc.array(entry, {maxLength: 20}), size, size, (entries, from, to) => {
			const at = (base: number): Buffer =>
				Buffer.concat(entries.map((each, index) => recordOf(each, base + index * 100)));
			const moved = Buffer.concat([...placeRecords(new Uint8Array(at(from)), to - from)]);
			expect(moved.equals(at(to))).toBe(true);
		}),
	);
});
