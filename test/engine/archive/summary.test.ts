import {readFileSync, writeFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {readSummary} from '../../../source/engine/archive/summary.js';
import {craftZip} from '../../helpers/craft-zip.js';
import {sampleHeader, temporaryFolder, writeBytes, writeSample} from './helpers.js';

const folder = temporaryFolder();

describe('archive summary', () => {
	it('of printkeep’s own archives comes from the comment', async () => {
		const path = folder.file('a.zip');
		await writeSample(path);
		const {comment, files, uncompressedBytes, bytes} = readSummary(path);
		expect(comment).toMatchObject({id: sampleHeader.id, sequence: 7, note: sampleHeader.note, excludes: ['timelapse']});
		expect({files, uncompressedBytes, bytes}).toEqual({
			files: 1,
			uncompressedBytes: 5,
			bytes: readFileSync(path).length,
		});
	});

	it('of others comes from their list of contents', () => {
		const path = folder.file('a.zip');
		writeBytes(
			path,
			craftZip([
				{name: 'metadata.json', data: '{"version": "1.11.8"}', method: 8},
				{name: 'basedir/', mode: 0o40755},
				{name: 'basedir/config.yaml', data: 'a: 1\n'},
				{name: 'bad.json', data: 'x', central: {crc32: 1}, local: {crc32: 1}},
				{name: 'worse.json', data: 'xyz', packed: Buffer.from([0xff, 0xff]), method: 8},
				{name: 'large.json', data: ' '.repeat(1_100_000), method: 8},
			]),
		);
		const {comment, has, member, files, uncompressedBytes} = readSummary(path);
		expect(comment).toBeNull();
		expect(has('basedir/config.yaml')).toBe(true);
		expect(has('basedir/users.yaml')).toBe(false);
		expect(member('metadata.json')).toBe('{"version": "1.11.8"}');
		expect(member('plugin_list.json')).toBeNull();
		expect(() => member('bad.json')).toThrow(expect.objectContaining({code: 'zip-crc'}));
		expect(() => member('worse.json')).toThrow(expect.objectContaining({code: 'zip-content'}));
		expect(() => member('large.json')).toThrow(expect.objectContaining({code: 'zip-member-too-large'}));
		expect(files).toBe(5);
		expect(uncompressedBytes).toBe(21 + 5 + 1 + 3 + 1_100_000);
	});

	it('of bad files says what is wrong', async () => {
		const path = folder.file('a.zip');
		await writeSample(path);
		const bytes = readFileSync(path);
		const bad = folder.file('bad.zip');
		const cases: readonly (readonly [Buffer, string])[] = [
			[Buffer.alloc(0), 'archive-truncated'],
			[bytes.subarray(0, 500), 'archive-truncated'],
			[bytes.subarray(100), 'zip-outside'],
			[bytes.subarray(0, -1), 'archive-truncated'],
			[Buffer.concat([Buffer.alloc(100), bytes.subarray(100)]), 'archive-truncated'],
			[Buffer.from('hello'), 'not-a-zip'],
			[craftZip([{name: '../x'}]), 'zip-dot-segment'],
		];
		for (const [content, code] of cases) {
			writeBytes(bad, content);
			expect(() => readSummary(bad)).toThrow(expect.objectContaining({code}));
		}

		expect(() => readSummary(folder.file('missing.zip'))).toThrow(expect.objectContaining({code: 'not-found'}));
		expect(() => readSummary(folder.path())).toThrow(expect.objectContaining({code: 'not-a-file'}));
	});

	it('reads no more of an archive than its last bytes and its list of contents', async () => {
		const path = folder.file('0.zip');
		await writeSample(path);
		const {comment, files, uncompressedBytes} = readSummary(path);
		// All between the first bytes and the list of contents may be anything.
		const before = readFileSync(path);
		const directory = before.indexOf('PK\u0001\u0002', 0, 'latin1');
		expect(directory).toBeGreaterThan(100);
		writeFileSync(path, Buffer.from(before).fill(0xaa, 4, directory));
		expect(readSummary(path)).toMatchObject({comment, files, uncompressedBytes});
	});
});
