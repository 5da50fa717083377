/** Entries too large to be read in one go take another way through the reader; it must find the same faults. */
import {randomBytes} from 'node:crypto';
import {deflateRawSync} from 'node:zlib';
import {describe, expect, it} from 'vitest';
import {openArchive, readEntry} from '../../../source/engine/archive/reader.js';
import type {ArchiveEntry} from '../../../source/engine/archive/types.js';
import {type CraftedEntry, craftZip} from '../../helpers/craft-zip.js';
import {readAll, readingFault, temporaryFolder, writeBytes} from './helpers.js';

const folder = temporaryFolder();
const text = Buffer.alloc(3_000_000);
for (let index = 0; index < text.length; index++) {
	text[index] = 32 + (((index * index) >> 9) % 90);
}

const noise = randomBytes(1_000_000);
const packedText = deflateRawSync(text, {level: 1});
const packedNoise = deflateRawSync(noise, {level: 1});

const write = (...entries: readonly CraftedEntry[]): string => {
	const path = folder.file('large.zip');
	writeBytes(path, craftZip(entries));
	return path;
};

describe('large entries', () => {
	it('come back as they were', async () => {
		const path = write(
			{name: 'text', data: text, method: 8},
			{name: 'noise', data: noise, method: 8},
			{name: 'stored', data: noise},
			{name: 'small', data: 'x'},
		);
		expect(await readingFault(path)).toBeNull();
		const all = await readAll(path);
		expect(all.get('text')?.equals(text)).toBe(true);
		expect(all.get('noise')?.equals(noise)).toBe(true);
		expect(all.get('stored')?.equals(noise)).toBe(true);
		expect(all.get('small')?.toString()).toBe('x');
	});

	const damage = (bytes: Buffer, at: number): Buffer => {
		const copy = Buffer.from(bytes);
		copy[at] = copy.readUInt8(at) ^ 0x55;
		return copy;
	};

	const faults: Readonly<Record<string, CraftedEntry>> = {
		'a changed byte in stored content': {name: 'a', data: noise, packed: damage(noise, 500_000)},
		'a changed byte in compressed content': {
			name: 'a',
			data: text,
			packed: damage(packedText, packedText.length >> 1),
			method: 8,
		},
		'compressed content that is cut off': {name: 'a', data: noise, packed: packedNoise.subarray(0, -1000), method: 8},
		'compressed content that is longer than promised': {
			name: 'a',
			data: noise.subarray(0, 900_000),
			packed: packedNoise,
			method: 8,
		},
		'compressed content that is shorter than promised': {
			name: 'a',
			data: text,
			packed: deflateRawSync(text.subarray(0, 2_900_000)),
			method: 8,
		},
		'a few bytes after the compressed content': {
			name: 'a',
			data: text,
			packed: Buffer.concat([packedText, Buffer.from('hidden')]),
			method: 8,
		},
		'many bytes after the compressed content': {
			name: 'a',
			data: noise,
			packed: Buffer.concat([packedNoise, randomBytes(1_500_000)]),
			method: 8,
		},
		'no compressed content at all': {name: 'a', data: noise, packed: Buffer.alloc(400_000, 0xff), method: 8},
	};
	const codes: Readonly<Record<string, unknown>> = {
		'a changed byte in stored content': 'zip-crc',
		// What a changed byte does to what follows it, nobody can say.
		'a changed byte in compressed content': expect.stringMatching(
			/^zip-(crc|content|size-mismatch|data-after-content)$/,
		),
		'compressed content that is cut off': 'zip-content',
		'compressed content that is longer than promised': 'zip-size-mismatch',
		'compressed content that is shorter than promised': 'zip-size-mismatch',
		'a few bytes after the compressed content': 'zip-data-after-content',
		'many bytes after the compressed content': 'zip-data-after-content',
		'no compressed content at all': 'zip-content',
	};
	it.each(Object.keys(faults))('with %s are found damaged', async title => {
		const fault = faults[title] ?? {name: ''};
		const path = write(fault, {name: 'next', data: 'x'});
		expect(await readingFault(path)).toMatchObject({code: codes[title]});
	});

	it('hand on what their reader throws, and stop when cancelled', async () => {
		const path = write({name: 'text', data: text, method: 8}, {name: 'stored', data: noise});
		const archive = await openArchive(path);
		for (const entry of archive.entries) {
			const own = new Error('mine');
			await expect(
				readEntry(archive, entry, () => {
					throw own;
				}),
			).rejects.toBe(own);
			const controller = new AbortController();
			await expect(
				readEntry(archive, entry, () => controller.abort(), {signal: controller.signal}),
			).rejects.toMatchObject({code: 'cancelled'});
		}

		archive.close();
	});

	it('can be read side by side', async () => {
		const path = write({name: 'text', data: text, method: 8}, {name: 'noise', data: noise, method: 8});
		const archive = await openArchive(path);
		const read = async (entry: ArchiveEntry): Promise<Buffer> => {
			const chunks: Buffer[] = [];
			await readEntry(archive, entry, chunk => {
				chunks.push(Buffer.from(chunk));
			});
			return Buffer.concat(chunks);
		};

		const [first, second] = await Promise.all(archive.entries.map(read));
		expect(first?.equals(text)).toBe(true);
		expect(second?.equals(noise)).toBe(true);
		archive.close();
	});
});
