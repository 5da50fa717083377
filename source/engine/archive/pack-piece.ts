/** Compresses a piece of something large, so that several cores can work on one entry: the pieces, one after the other, are one deflate stream. */
import {readSync} from 'node:fs';
import {deflateInto, roomToDeflate} from './deflater.js';
import {makeRoom} from './room.js';

/** Bytes of a piece. Smaller ones cost speed, larger ones memory, and neither changes the size. */
export const pieceBytes = 1024 * 1024;

/** A piece may refer to this much of what comes before it, so that cutting costs no compression. */
export const windowBytes = 32 * 1024;

const packedBytes = roomToDeflate(pieceBytes);

/** Memory for a piece, what comes before it, and what it is packed into; or for a batch of small files with their headers, records and lines. */
export const pieceMemoryBytes = windowBytes + pieceBytes + packedBytes;

export const newPieceMemory = (): ArrayBuffer => makeRoom(pieceMemoryBytes).buffer;

/** An empty last block: ends the stream that the pieces make. */
export const endOfPieces: Uint8Array = Uint8Array.of(3, 0);

export type PackPieceInput = {
	/** Open file, which all threads share; null when the piece lies in `memory` already, after what comes before it. */
	readonly descriptor: number | null;
	/** Bytes that come before the piece. */
	readonly position: number;
	/** At most `pieceBytes`. */
	readonly bytes: number;
	/** Of deflate, 1 to 9; null stores. */
	readonly level: number | null;
	/** From `newPieceMemory`, or the memory of a piece that came back and is done with. */
	readonly memory: ArrayBuffer;
};

export type PackPieceOutput = {
	/** What was read; less than asked for when the file became shorter. */
	readonly content: Uint8Array<ArrayBuffer>;
	/** Compressed, without an end, in the same memory; null when stored. */
	readonly packed: Uint8Array<ArrayBuffer> | null;
	/** The system's error of a read that failed, as data. */
	readonly failure?: {readonly message: string; readonly code: string};
};

const readPiece = (descriptor: number, buffer: Buffer, position: number): number => {
	let done = 0;
	while (done < buffer.length) {
		const count = readSync(descriptor, buffer, done, buffer.length - done, position + done);
		if (count === 0) {
			break;
		}

		done += count;
	}

	return done;
};

/** Reads a piece of a file and compresses it. */
export const packPiece = ({
	descriptor,
	position,
	bytes,
	level,
	memory,
}: PackPieceInput): {readonly output: PackPieceOutput; readonly transfer: readonly ArrayBuffer[]} => {
	const before = level === null ? 0 : Math.min(position, windowBytes);
	const buffer = Buffer.from(memory, 0, before + bytes);
	const none = new Uint8Array(buffer.buffer, 0, 0);
	let done = before + bytes;
	try {
		if (descriptor !== null) {
			done = Math.max(before, readPiece(descriptor, buffer, position - before));
		}
	} catch (error) {
		const {message, code = ''} = error as NodeJS.ErrnoException;
		return {output: {content: none, packed: null, failure: {message, code}}, transfer: [buffer.buffer]};
	}

	const content = new Uint8Array(buffer.buffer, before, done - before);
	if (level === null || content.length === 0) {
		return {output: {content, packed: level === null ? null : new Uint8Array(0)}, transfer: [buffer.buffer]};
	}

	const room = new Uint8Array(memory, windowBytes + pieceBytes, packedBytes);
	const dictionary = before > 0 ? buffer.subarray(0, before) : undefined;
	const packed = room.subarray(0, deflateInto(content, room, {level, dictionary, isWhole: false}));
	return {output: {content, packed}, transfer: [memory]};
};
