import {createHash} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {crc32} from 'node:zlib';
import {expect, test} from 'vitest';
import {digestFile} from '../../../source/engine/restore/compare.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

const chunkBytes = 256 * 1024;

test.each([0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes])(
	'a file of %i bytes has the digest of all of its bytes, each told once',
	async size => {
		const path = join(temporaryDirectory(), 'file');
		const content = Buffer.from(Uint8Array.from({length: size}, (_, index) => (index * 7) >> (index % 5)));
		writeFileSync(path, content);
		let told = 0;
		const digest = await digestFile(path, {
			breathe: async () => undefined,
			onBytes: bytes => {
				told += bytes;
			},
		});
		expect(digest).toMatchObject({
			sha256: createHash('sha256').update(content).digest('hex'),
			crc32: crc32(content),
			bytes: size,
			isDatabase: false,
		});
		expect(told).toBe(size);
	},
);

test('a file that grows while it is read has the digest of what was read of it', async () => {
	const path = join(temporaryDirectory(), 'file');
	writeFileSync(path, Buffer.alloc(chunkBytes, 1));
	let rest = 1;
	const digest = await digestFile(path, {
		async breathe() {
			if (rest-- > 0) {
				writeFileSync(path, 'more', {flag: 'a'});
			}
		},
	});
	const content = Buffer.concat([Buffer.alloc(chunkBytes, 1), Buffer.from('more')]);
	expect(digest).toMatchObject({
		sha256: createHash('sha256').update(content).digest('hex'),
		bytes: content.length,
	});
});
