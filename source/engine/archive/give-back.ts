import {Buffer} from 'node:buffer';

/**
 * Gives memory back to the system at once. Left to the garbage collector, tens of megabytes of what was read, packed and unpacked would gather in every
 * thread before it is asked for.
 * @param bytes of memory that nothing else lies in, and that nobody uses any more. Small memory, which Node shares, is left alone.
 */
export const giveBack = (bytes: Uint8Array): void => {
	const {buffer} = bytes;
	if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) {
		buffer.transfer(0);
	}
};
