/**
 * How fast one core deflates some files with printkeep's compressor, in the pieces a backup cuts them into, and nothing else: reading is not in the time.
 *
 * usage: node --import tsx raw-deflate.ts LEVEL LIST      LIST has one path a line
 * prints {"bytes", "seconds"}
 */
import {closeSync, openSync, readFileSync, readSync} from 'node:fs';
import {deflateInto, roomToDeflate} from '../../source/engine/archive/deflater.js';

const [, , level, list = ''] = process.argv;
const pieceBytes = 1 << 20;
const buffer = Buffer.alloc(pieceBytes);
const output = Buffer.alloc(roomToDeflate(pieceBytes));
let bytes = 0;
let seconds = 0;
for (const path of readFileSync(list, 'utf8').split('\n').filter(Boolean)) {
	const descriptor = openSync(path, 'r');
	for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
		const piece = buffer.subarray(0, read);
		const started = performance.now();
		deflateInto(piece, output, {level: Number(level), isWhole: true});
		seconds += (performance.now() - started) / 1000;
		bytes += read;
	}

	closeSync(descriptor);
}

console.log(JSON.stringify({bytes, seconds}));
