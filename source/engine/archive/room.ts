/**
 * Memory for what is large, straight from the system and back to it. What a thread frees of the usual memory stays with that thread, in holes between what is
 * still used, and the larger the pieces that were freed, the more of it the C library keeps: tens of megabytes after a manifest was read.
 */
import {Buffer} from 'node:buffer';

/** Below this the usual memory is as good. */
const largeBytes = 128 * 1024;

/** New memory of its own; it has to be filled before it is read. */
export const makeRoom = (bytes: number): Buffer<ArrayBuffer> =>
	bytes < largeBytes
		? Buffer.allocUnsafeSlow(bytes)
		: Buffer.from(new ArrayBuffer(bytes, {maxByteLength: bytes}), 0, bytes);

/**
 * Gives memory back to the system at once. Left to the garbage collector, tens of megabytes of what was read, packed and unpacked would gather in every
 * thread before it is asked for.
 * @param bytes of memory that nothing else lies in, and that nobody uses any more. What may lie in memory that Node shares is left alone.
 */
export const giveBack = (bytes: Uint8Array): void => {
	const {buffer} = bytes;
	if (
		buffer instanceof ArrayBuffer &&
		buffer.byteLength >= Buffer.poolSize / 2 &&
		buffer.byteLength !== Buffer.poolSize
	) {
		buffer.transferToFixedLength(0);
	}
};

/** The usual memory is where a list of this length ends up once any larger one was freed, in the holes that one left. */
const arrayRoom = (bytes: number): ArrayBuffer =>
	bytes < largeBytes ? new ArrayBuffer(bytes) : new ArrayBuffer(bytes, {maxByteLength: bytes});

/** Zeros, to be replaced by whole numbers up to 2³² or by any numbers. */
export const makeIntegers = (count: number): Uint32Array<ArrayBuffer> =>
	new Uint32Array(arrayRoom(count * Uint32Array.BYTES_PER_ELEMENT), 0, count);
export const makeNumbers = (count: number): Float64Array<ArrayBuffer> =>
	new Float64Array(arrayRoom(count * Float64Array.BYTES_PER_ELEMENT), 0, count);

/**
 * The C library takes the size of the largest piece that was ever given back to the system for what is usual: it keeps twice as much. This is what zlib needs for
 * one file; with less, every file would have to fetch its memory from the system anew, page by page, which costs more than compressing it.
 */
const usualBytes = 768 * 1024;

/** To be called once, before zlib is used much. */
export const keepUsualMemory = (): void => {
	new ArrayBuffer(usualBytes).transferToFixedLength(0);
};
