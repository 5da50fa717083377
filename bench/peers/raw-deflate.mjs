/**
 * How fast one core deflates some files, in the pieces a backup cuts them into, and nothing else: reading is not in the time.
 *
 * usage: node raw-deflate.mjs LEVEL LIST      LIST has one path a line
 * prints {"bytes", "seconds"}
 */
import {closeSync, openSync, readFileSync, readSync} from 'node:fs';
import {deflateRawSync} from 'node:zlib';

const [, , level, list] = process.argv;
const pieceBytes = 1 << 20;
const buffer = Buffer.alloc(pieceBytes);
let bytes = 0;
let seconds = 0;
for (const path of readFileSync(list, 'utf8').split('\n').filter(Boolean)) {
	const descriptor = openSync(path, 'r');
	for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
		const piece = buffer.subarray(0, read);
		const started = performance.now();
		// Room for all of it at once: growing the output in steps would be a cost of its own.
		deflateRawSync(piece, {level: Number(level), chunkSize: Math.max(64, read)});
		seconds += (performance.now() - started) / 1000;
		bytes += read;
	}

	closeSync(descriptor);
}

console.log(JSON.stringify({bytes, seconds}));
