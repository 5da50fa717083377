import {moveRecord, recordPlace} from './member-headers.js';
import {centralHeaderBytes, max32} from './zip-format.js';

const sizePositions = [20, 24, 42];

/**
 * Moves directory records of printkeep's: adds a distance to the offset of each, in its own memory where that has room for it.
 * @param records one after the other, without comments.
 * @returns the records, in pieces.
 */
export const placeRecords = function* (records: Uint8Array, distance: number): Generator<Uint8Array, void, undefined> {
	const view = Buffer.from(records.buffer, records.byteOffset, records.length);
	let start = 0;
	let position = 0;
	while (position < view.length) {
		const length = centralHeaderBytes + view.readUInt16LE(position + 28) + view.readUInt16LE(position + 30);
		const isSmall = sizePositions.every(field => view.readUInt32LE(position + field) < max32);
		const offset = view.readUInt32LE(position + 42) + distance;
		if (isSmall && offset < max32) {
			view.writeUInt32LE(offset, position + 42);
		} else {
			const record = view.subarray(position, position + length);
			yield view.subarray(start, position);
			yield moveRecord(record, recordPlace(record).offset + distance);
			start = position + length;
		}

		position += length;
	}

	yield view.subarray(start);
};
