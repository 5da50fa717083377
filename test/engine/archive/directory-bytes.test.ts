import {closeSync, createWriteStream, openSync, readFileSync, truncateSync, writeFileSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import fc from 'fast-check';
import {afterAll, expect, test} from 'vitest';
import yazl from 'yazl';
import {readDirectory} from '../../../source/engine/archive/directory.js';
import {heldDirectory, openDirectory} from '../../../source/engine/archive/directory-bytes.js';
import {openArchive} from '../../../source/engine/archive/reader.js';
import {verifyArchive} from '../../../source/engine/archive/verify.js';
import {makeTemporaryDirectory, removeDirectory} from '../../helpers/temporary.js';

const root = makeTemporaryDirectory();
const before = 1234;
const length = 700_001;
const bytes = Buffer.alloc(length);
for (let index = 0; index < length; index++) {
	bytes[index] = (index * 31 + (index >> 8) * 7) & 0xff;
}

let files = 0;
const makeFile = (content: Buffer): {readonly path: string; readonly descriptor: number} => {
	const path = join(root, `list-${files++}`);
	writeFileSync(path, Buffer.concat([Buffer.alloc(before, 1), content, Buffer.alloc(99, 2)]));
	return {path, descriptor: openSync(path, 'r')};
};

const show = (directory: ReturnType<typeof openDirectory>, start: number, count: number): Buffer => {
	const view = directory.at(start, count);
	return Buffer.from(view.bytes.subarray(view.start, Math.min(view.start + count, view.start + length - start)));
};

const {descriptor} = makeFile(bytes);

afterAll(() => {
	closeSync(descriptor);
	removeDirectory(root);
});

test('a list that stays in the archive shows the same bytes as one in memory, wherever one looks', () => {
	const position = fc.oneof(
		fc.nat(length - 1),
		fc.integer({min: 0, max: 42}).map(block => block * 16_384),
	);
	fc.assert(
		fc.property(fc.array(fc.tuple(position, fc.oneof(fc.nat(300), fc.nat(200_000))), {maxLength: 60}), looks => {
			const windowed = openDirectory(descriptor, before, length, 0);
			const held = openDirectory(descriptor, before, length, length);
			for (const [start, count] of looks) {
				expect(show(windowed, start, count).equals(bytes.subarray(start, start + count))).toBe(true);
				expect(show(held, start, count).equals(bytes.subarray(start, start + count))).toBe(true);
			}
		}),
		{numRuns: 60},
	);
});

test('what follows a look is never left over from another', () => {
	const windowed = openDirectory(descriptor, before, length, 0);
	for (const start of [0, 400_000, length - 20, 100, 650_000, 200_000, length - 1]) {
		const view = windowed.at(start, 10);
		const shown = view.bytes.subarray(view.start);
		expect(shown.equals(bytes.subarray(start, start + shown.length))).toBe(true);
	}
});

test('a list that is changed while it is used is refused, even where nothing but a byte is another', () => {
	const {path, descriptor: reading} = makeFile(bytes);
	const writing = openSync(path, 'r+');
	try {
		const windowed = openDirectory(reading, before, length, 0);
		for (let start = 0; start < length; start += 1000) {
			windowed.at(start, 1000);
		}

		writeSync(writing, Buffer.from([(bytes[300_000] ?? 0) ^ 1]), 0, 1, before + 300_000);
		expect(() => windowed.at(300_000, 1)).toThrow(expect.objectContaining({code: 'zip-changed'}));
		// And again: what was refused is not taken the second time.
		expect(() => windowed.at(300_000, 1)).toThrow(expect.objectContaining({code: 'zip-changed'}));
		expect(show(windowed, 100, 50).equals(bytes.subarray(100, 150))).toBe(true);
		truncateSync(path, before + 1000);
		expect(() => windowed.at(500_000, 1)).toThrow(expect.objectContaining({code: 'zip-changed'}));
	} finally {
		closeSync(writing);
		closeSync(reading);
	}
});

/** Writes an archive of small entries as another program would. @returns its path */
const makeForeign = async (file: string, names: readonly string[]): Promise<string> => {
	const zip = new yazl.ZipFile();
	for (const name of names) {
		zip.addBuffer(Buffer.from(name.slice(-9)), name, {compress: false});
	}

	zip.end();
	const path = join(root, file);
	await pipeline(zip.outputStream, createWriteStream(path));
	return path;
};

test('records are the same either way, those with long names and fields as well', async () => {
	const names = Array.from({length: 4000}, (_, number) =>
		number % 97 === 0
			? `uploads/${'long/'.repeat(number % 3000)}ä-${number}.gcode`
			: `uploads/part ${number}${number % 7 === 0 ? 'ß' : ''}.gcode`,
	);
	const path = await makeForeign('records.zip', names);
	const archive = await openArchive(path, {limits: {depth: 10_000, nameBytes: 65_535}});
	const {place, descriptor: reading} = archive.internals;
	try {
		const held = readDirectory(
			heldDirectory(readFileSync(path).subarray(place.offset, place.offset + place.bytes)),
			place.entries,
		);
		const windowed = readDirectory(openDirectory(reading, place.offset, place.bytes, 0), place.entries);
		for (const [number, name] of names.entries()) {
			expect(windowed.nameOf(number)).toBe(name);
			expect(windowed.record(number)).toEqual(held.record(number));
			expect(windowed.nameBytesOf(number)).toBe(Buffer.byteLength(name));
		}

		for (const number of [3999, 0, 1940, 7, 2910, 3998]) {
			expect(windowed.record(number)).toEqual(held.record(number));
			expect(windowed.isFolder(number)).toBe(false);
		}
	} finally {
		archive.close();
	}
});

test('a long list that is changed after it was opened is a problem of the archive', async () => {
	const names = Array.from(
		{length: 12_000},
		(_, number) => `uploads/${'a folder with a long name/'.repeat(3)}${number}`,
	);
	const path = await makeForeign('changed.zip', names);
	const archive = await openArchive(path);
	const writing = openSync(path, 'r+');
	try {
		const {place} = archive.internals;
		expect(place.bytes).toBeGreaterThan(1024 * 1024);
		// A digit of the name of the last.
		writeSync(writing, 'x', place.offset + place.bytes - 1);
		const {problems} = await verifyArchive(archive, {
			signal: new AbortController().signal,
			breathe: async () => undefined,
		});
		expect(problems.map(({code}) => code)).toContain('zip-changed');
	} finally {
		closeSync(writing);
		archive.close();
	}
});
