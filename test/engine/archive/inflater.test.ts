/** Unpacking through zlib's handle and as Node's documentation says come to the same: contents, and what is wrong with an archive. */
import {readFileSync, writeFileSync} from 'node:fs';
import {deflateRawSync} from 'node:zlib';
import fc from 'fast-check';
import {afterEach, expect, test} from 'vitest';
import {allowInflaters, inflatedBytes, putInflaterBack, takeInflater} from '../../../source/engine/archive/inflater.js';
import {readEntry} from '../../../source/engine/archive/reader.js';
import {type VerifyReport, verifyArchive} from '../../../source/engine/archive/verify.js';
import {breathe, type Content, temporaryFolder, withArchive, writeSample} from './helpers.js';

const folder = temporaryFolder();

afterEach(() => allowInflaters(true));

const text = (bytes: number): Buffer => {
	const content = Buffer.alloc(bytes);
	for (let index = 0; index < bytes; index++) {
		content[index] = 0x30 + ((index * index + (index >> 5)) % 17);
	}

	return content;
};

/** Around the size of what comes out in one go, and several times of it. */
const content: Content = {
	'metadata.json': '{"version": "1.11.8"}',
	'basedir/config.yaml': 'api:\n  key: secret\n',
	...Object.fromEntries(
		[0, 1, 1000, -1, 2, 300, 900].map(more => [
			`basedir/uploads/${more}.gcode`,
			text(more < 300 ? inflatedBytes + more : more * 4096),
		]),
	),
	'basedir/uploads/small.gcode': 'G1 X1\n'.repeat(100),
};

const read = async (path: string): Promise<{readonly report: VerifyReport; readonly contents: readonly Buffer[]}> =>
	withArchive(path, async archive => {
		const contents: Buffer[] = [];
		for (const entry of archive.entries) {
			const chunks: Buffer[] = [];
			try {
				await readEntry(archive, entry, chunk => {
					chunks.push(Buffer.from(chunk));
				});
			} catch {
				// What is wrong is in the report.
			}

			contents.push(Buffer.concat(chunks));
		}

		return {report: await verifyArchive(archive, {signal: new AbortController().signal, breathe}), contents};
	});

const codesOf = ({problems}: VerifyReport): readonly string[] => problems.map(({code}) => code);

test('this Node has inflaters', () => {
	const inflater = takeInflater();
	expect(inflater).not.toBeNull();
	if (inflater) {
		putInflaterBack(inflater);
	}
});

test('both ways read an archive alike, intact and with any byte of its data changed', async () => {
	const path = folder.file('sample.zip');
	await writeSample(path, content);
	const whole = await read(path);
	expect(whole.report.problems).toEqual([]);
	allowInflaters(false);
	expect(await read(path)).toEqual(whole);
	const bytes = readFileSync(path);
	// Behind the data come the list of contents and the seal, which are read in one way only.
	const dataEnd = bytes.indexOf('printkeep.json');
	for (let position = 200; position < dataEnd; position += Math.ceil(dataEnd / 60)) {
		const damaged = Buffer.from(bytes);
		damaged[position] = (damaged[position] ?? 0) ^ 0x10;
		const changed = folder.file('changed.zip');
		writeFileSync(changed, damaged);
		allowInflaters(true);
		const quick = await read(changed);
		allowInflaters(false);
		const usual = await read(changed);
		expect(quick.report.problems.length, `byte ${position}`).toBeGreaterThan(0);
		// How much of a damaged entry comes out before the damage is noticed depends on the sizes of buffers, and so do the words.
		expect(codesOf(quick.report)).toEqual(codesOf(usual.report));
	}
}, 60_000);

test('an inflater goes on where the last piece ended, wherever the packed bytes are cut', () => {
	const inflater = takeInflater();
	if (!inflater) {
		throw new Error('There is no inflater.');
	}

	fc.assert(
		fc.property(
			fc.nat(3 * inflatedBytes),
			fc.array(fc.double({min: 0, max: 1, noNaN: true}), {maxLength: 4}),
			(bytes, cuts) => {
				const expected = text(bytes);
				const packed = deflateRawSync(expected);
				const ends = [...cuts.map(cut => Math.floor(cut * packed.length)).sort((a, b) => a - b), packed.length];
				const pieces: Buffer[] = [];
				let start = 0;
				inflater.reset();
				for (const [index, end] of ends.entries()) {
					for (let isFull = true; isFull; ) {
						const piece = inflater.write(packed.subarray(0, end), start, index === ends.length - 1);
						pieces.push(Buffer.from(piece.content));
						start += piece.used;
						isFull = piece.content.length === inflatedBytes;
					}
				}

				expect(Buffer.concat(pieces).equals(expected)).toBe(true);
			},
		),
		{numRuns: 50},
	);
	putInflaterBack(inflater);
});
