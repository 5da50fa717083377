import fc from 'fast-check';
import {expect, test} from 'vitest';
import {readDirectory} from '../../../source/engine/archive/directory.js';
import {heldDirectory} from '../../../source/engine/archive/directory-bytes.js';
import {entryRules} from '../../../source/engine/archive/entry-rules.js';
import {defaultLimits} from '../../../source/engine/archive/limits.js';
import {hashName} from '../../../source/engine/archive/name-hash.js';
import {entryNameFault} from '../../../source/engine/archive/names.js';
import {isPlainName} from '../../../source/engine/archive/plain-name.js';
import {createPlainRecords} from '../../../source/engine/archive/plain-record.js';

const directoryOffset = 1_000_000;
const limits = defaultLimits;

/** A record as printkeep writes it, with an extended timestamp. */
const recordOf = (name: string, isFolder: boolean): Buffer => {
	const nameBytes = Buffer.from(name);
	const record = Buffer.alloc(46 + nameBytes.length + 9);
	record.writeUInt32LE(0x02014b50, 0);
	record.writeUInt16LE((3 << 8) | 20, 4);
	record.writeUInt16LE(0x0800, 8);
	record.writeUInt16LE(isFolder ? 0 : 8, 10);
	record.writeUInt32LE(0x12345678, 16);
	record.writeUInt32LE(isFolder ? 0 : 1000, 20);
	record.writeUInt32LE(isFolder ? 0 : 3000, 24);
	record.writeUInt16LE(nameBytes.length, 28);
	record.writeUInt16LE(9, 30);
	record.writeUInt16LE(isFolder ? 0o040755 : 0o100644, 40);
	record.writeUInt32LE(5000, 42);
	nameBytes.copy(record, 46);
	record.writeUInt16LE(0x5455, 46 + nameBytes.length);
	record.writeUInt16LE(5, 48 + nameBytes.length);
	record.writeUInt8(1, 50 + nameBytes.length);
	record.writeInt32LE(1_700_000_000, 51 + nameBytes.length);
	return record;
};

test('what is read from the bytes of a record is what reading and judging it gives, whatever is changed in it', () => {
	let plain = 0;
	fc.assert(
		fc.property(
			fc.constantFrom('basedir/uploads/a b.gcode', 'basedir/x/', 'metadata.json', 'a/./b', 'ä.txt', 'C:/x'),
			fc.array(fc.tuple(fc.nat(90), fc.constantFrom(0, 1, 0x10, 0x2f, 0x41, 0x80, 0xff)), {maxLength: 2}),
			(name, changes) => {
				const record = recordOf(name, name.endsWith('/'));
				for (const [position, byte] of changes) {
					record[position % record.length] = byte;
				}

				const found = createPlainRecords({directoryOffset, limits})(record, 0);
				if (found === null) {
					return;
				}

				plain++;
				let faults: readonly unknown[] = ['not read'];
				const directory = readDirectory(heldDirectory(record.subarray(0, found.length)), 1, entry => {
					faults = [
						entryNameFault(entry.name, limits),
						...entryRules.map(({finds}) => finds(entry, {directoryOffset, limits})),
					].filter(fault => fault !== null);
				});
				expect(faults).toEqual([]);
				expect(found.bytes).toBe(directory.sizes[0]);
				expect(found.packedBytes).toBe(directory.packedSizes[0]);
				expect(found.headerOffset).toBe(directory.headerOffsets[0]);
				expect(found.nameHash).toBe(hashName(directory.nameOf(0)));
			},
		),
		{numRuns: 3000},
	);
	expect(plain).toBeGreaterThan(500);
});

test('a list of contents longer than what is copied of it at once reads the same either way', () => {
	const names = Array.from(
		{length: 5000},
		(_, number) => `basedir/uploads/part-${number}${number % 7 ? '' : 'ß'}.gcode`,
	);
	const bytes = Buffer.concat(names.map(name => recordOf(name, false)));
	const usual = readDirectory(heldDirectory(bytes), names.length);
	const others: number[] = [];
	const fast = readDirectory(
		heldDirectory(bytes),
		names.length,
		(_, number) => others.push(number),
		createPlainRecords({directoryOffset, limits}),
	);
	expect(others).toEqual([...names.keys()].filter(number => number % 7 === 0));
	for (const number of names.keys()) {
		expect(fast.nameOf(number)).toBe(names[number]);
		expect(fast.start(number)).toBe(usual.start(number));
		expect(fast.record(number)).toEqual(usual.record(number));
	}
});

test('a plain name breaks no rule', () => {
	const unit = fc.constantFrom('a', 'Z', '0', ' ', '.', '/', ':', '\\', '~', '\u007f', 'ä', '"');
	fc.assert(
		fc.property(fc.string({unit, maxLength: 8}), name => {
			const bytes = Buffer.from(name);
			if (isPlainName(bytes, 0, bytes.length)) {
				expect(entryNameFault(name)).toBeNull();
				expect(name).toBe(bytes.toString('latin1'));
			}
		}),
		{numRuns: 3000},
	);
	expect(['a', 'a/', 'a b/c.d', 'x/y/'].every(name => isPlainName(Buffer.from(name), 0, name.length))).toBe(true);
	expect(
		['', '/', 'a//b', '.a', 'a/.b', 'a/ b', 'a:b'].some(name => isPlainName(Buffer.from(name), 0, name.length)),
	).toBe(false);
});
