/** Reads entries without ever waiting, each checked as any other: for small ones, and for threads that have nothing else to do. */
import {crc32} from 'node:zlib';
import type {DirectoryRecord} from './directory.js';
import {giveBack} from './give-back.js';
import {readFully, readRange} from './pread.js';
import {packedChunks, type ReadSource, readLocalHeader} from './read-record.js';
import {checkContent, contentOf} from './unpack-content.js';
import {maximumViewBytes} from './window.js';
import {methodDeflated} from './zip-format.js';

/** Reads a small entry in one go, checked like any other; the caller has looked at its size. @throws zip-local-mismatch, zip-crc and the like */
export const readSmallRecord = (source: ReadSource, record: DirectoryRecord): Buffer =>
	contentOf(record, readRange(source.descriptor, readLocalHeader(source, record), record.compressedBytes));

/**
 * Reads one entry through the source's window, which must be able to show all of it.
 * @returns its content, valid until the window's next view.
 * @throws zip-local-mismatch, zip-crc and the like
 */
export const viewRecord = (source: ReadSource, record: DirectoryRecord): Buffer => {
	const dataOffset = readLocalHeader(source, record);
	return contentOf(record, source.window.view(dataOffset, record.compressedBytes));
};

/**
 * Reads one entry without ever waiting: a compressed one is unpacked in one go, so the caller has looked at its size. A stored one comes in pieces.
 * @param onChunk gets the content, each piece valid until it returns.
 * @param room gives memory for packed data that is too much for the window.
 * @returns the position after the entry's data.
 * @throws zip-local-mismatch, zip-crc and the like; what `onChunk` throws
 */
export const readRecordAtOnce = (
	source: ReadSource,
	record: DirectoryRecord,
	onChunk: (chunk: Buffer) => void,
	room: (bytes: number) => Buffer,
): number => {
	const position = readLocalHeader(source, record);
	const {compressedBytes} = record;
	const isDeflated = record.rawMethod === methodDeflated;
	if (compressedBytes > maximumViewBytes && !isDeflated) {
		let checksum = 0;
		for (const chunk of packedChunks(source.descriptor, position, compressedBytes, undefined, room)) {
			checksum = crc32(chunk, checksum);
			onChunk(chunk);
		}

		checkContent(record, compressedBytes, checksum, compressedBytes);
		return position + compressedBytes;
	}

	let packed: Buffer;
	if (compressedBytes > maximumViewBytes) {
		packed = room(compressedBytes);
		readFully(source.descriptor, packed, position);
	} else {
		packed = source.window.view(position, compressedBytes);
	}

	const content = contentOf(record, packed);
	try {
		onChunk(content);
	} finally {
		if (isDeflated) {
			giveBack(content);
		}
	}

	return position + compressedBytes;
};
