import {withOffset} from './member-headers.js';
import {centralHeaderBytes, max32} from './zip-format.js';

const offsetPosition = 42;

/**
 * Gives directory records their place: adds `base` to the offset of each, in its own memory.
 * @param records one after the other, without ZIP64 fields and comments, offsets relative.
 * @returns the records, in pieces.
 */
export const placeRecords = function* (records: Uint8Array, base: number): Generator<Uint8Array, void, undefined> {
	const view = Buffer.from(records.buffer, records.byteOffset, records.length);
	let start = 0;
	let position = 0;
	while (position < view.length) {
		const length = centralHeaderBytes + view.readUInt16LE(position + 28) + view.readUInt16LE(position + 30);
		const offset = base + view.readUInt32LE(position + offsetPosition);
		if (offset >= max32) {
			yield view.subarray(start, position);
			yield withOffset(view.subarray(position, position + length), offset);
			start = position + length;
		} else {
			view.writeUInt32LE(offset, position + offsetPosition);
		}

		position += length;
	}

	yield view.subarray(start);
};
