/**
 * Reads an archive with yauzl as its documentation shows it: entry after entry, each through a stream.
 *
 * usage: node yauzl-read.mjs ARCHIVE [FOLDER]    unpacks into the folder; without one, only reads and checks CRCs
 */
import {createWriteStream, mkdirSync} from 'node:fs';
import {utimes} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {crc32} from 'node:zlib';
import yauzl from 'yauzl';

const [, , archive, folder] = process.argv;
const zip = await yauzl.openPromise(archive);
for await (const entry of zip.eachEntry()) {
	const path = folder === undefined ? null : join(folder, entry.fileName);
	if (entry.fileName.endsWith('/')) {
		if (path !== null) {
			mkdirSync(path, {recursive: true});
		}

		continue;
	}

	const content = await zip.openReadStreamPromise(entry);
	if (path === null) {
		let sum = 0;
		for await (const piece of content) {
			sum = crc32(piece, sum);
		}

		if (sum !== entry.crc32) {
			throw new Error(`${entry.fileName} is damaged`);
		}
	} else {
		mkdirSync(dirname(path), {recursive: true});
		await pipeline(content, createWriteStream(path));
		const modified = entry.getLastModDate();
		await utimes(path, modified, modified);
	}
}
