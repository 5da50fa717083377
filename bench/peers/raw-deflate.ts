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
const windowBytes = 32 << 10;
/** A piece, behind what comes before it. */
const buffer = Buffer.alloc(windowBytes + pieceBytes);
const output = Buffer.alloc(roomToDeflate(pieceBytes));
const options = {level: Number(level), isWhole: false};
// A thread's first call makes its compressor ready.
deflateInto(Buffer.alloc(1), output, options);
let bytes = 0;
let seconds = 0;
for (const path of readFileSync(list, 'utf8').split('\n').filter(Boolean)) {
	const descriptor = openSync(path, 'r');
	let position = 0;
	for (
		let read = readSync(descriptor, buffer, windowBytes, pieceBytes, position);
		read > 0;
		read = readSync(descriptor, buffer, windowBytes, pieceBytes, position)
	) {
		const piece = buffer.subarray(windowBytes, windowBytes + read);
		const dictionary = position === 0 ? undefined : buffer.subarray(0, windowBytes);
		const started = performance.now();
		deflateInto(piece, output, {...options, dictionary});
		seconds += (performance.now() - started) / 1000;
		bytes += read;
		position += read;
		buffer.copyWithin(0, read, read + windowBytes);
	}

	closeSync(descriptor);
}

console.log(JSON.stringify({bytes, seconds}));
