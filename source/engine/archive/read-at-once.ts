/** Reads entries without ever waiting, each checked as any other: for small ones, and for threads that have nothing else to do. */
import {crc32} from 'node:zlib';
import type {DirectoryRecord} from './directory.js';
import {inflatedBytes} from './inflater.js';
import {readFully, readRange} from './pread.js';
import {packedChunks, type ReadSource, readLocalHeader} from './read-record.js';
import {briefContentOf, checkContent, contentOf, inflatePieces} from './unpack-content.js';
import {maximumViewBytes} from './window.js';
import {methodDeflated} from './zip-format.js';

/** Reads a small entry in one go, checked like any other; the caller has looked at its size. @throws zip-local-mismatch, zip-crc and the like */
export const readSmallRecord = (source: ReadSource, record: DirectoryRecord): Buffer =>
	contentOf(record, readRange(source.descriptor, readLocalHeader(source, record), record.compressedBytes));

/**
 * Reads one entry through the source's window, which must be able to show all of it.
 * @returns its content, valid until the window's next view and until anything else is unpacked on this thread.
 * @throws zip-local-mismatch, zip-crc and the like
 */
export const viewRecord = (source: ReadSource, record: DirectoryRecord): Buffer => {
	const dataOffset = readLocalHeader(source, record);
	return briefContentOf(record, source.window.view(dataOffset, record.compressedBytes));
};

/** @returns what the pieces end with; 0 when they end with nothing. */
const takeAll = (pieces: Generator<Buffer, number | undefined, undefined>, take: (piece: Buffer) => void): number => {
	try {
		for (let next = pieces.next(); ; next = pieces.next()) {
			if (next.done === true) {
				return next.value ?? 0;
			}

			take(next.value);
		}
	} finally {
		pieces.return(undefined);
	}
};

/**
 * Reads one entry without ever waiting. It comes in pieces; only where this Node has no inflater, a compressed one comes in one, so the caller has looked at its
 * size.
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
	const isSmall = compressedBytes <= maximumViewBytes && record.bytes < inflatedBytes;
	const chunks = packedChunks(source.descriptor, position, compressedBytes, undefined, room);
	const pieces = isSmall ? null : isDeflated ? inflatePieces(record, chunks) : chunks;
	if (pieces) {
		let bytes = 0;
		let checksum = 0;
		const take = (piece: Buffer): void => {
			checksum = crc32(piece, checksum);
			bytes += piece.length;
			onChunk(piece);
		};
		const consumed = takeAll(pieces, take);
		checkContent(record, bytes, checksum, isDeflated ? consumed : compressedBytes);
		return position + compressedBytes;
	}

	let packed: Buffer;
	if (compressedBytes > maximumViewBytes) {
		packed = room(compressedBytes);
		readFully(source.descriptor, packed, position);
	} else {
		packed = source.window.view(position, compressedBytes);
	}

	onChunk(briefContentOf(record, packed));
	return position + compressedBytes;
};
