import {giveBack} from './give-back.js';

const slabBytes = 256 * 1024;

/** A growing sequence of bytes in slabs: hundreds of thousands of small records without as many buffers. */
export type ByteList = {
	readonly length: () => number;
	readonly append: (bytes: Uint8Array) => void;
	/** Forgets everything from a length on. */
	readonly truncate: (length: number) => void;
	readonly chunks: () => Iterable<Uint8Array>;
};

export const createByteList = (): ByteList => {
	const slabs: Buffer[] = [];
	let length = 0;
	return {
		length: () => length,
		append(bytes) {
			let done = 0;
			while (done < bytes.length) {
				const index = Math.floor(length / slabBytes);
				const slab = slabs[index] ?? Buffer.allocUnsafeSlow(slabBytes);
				slabs[index] = slab;
				const start = length % slabBytes;
				const piece = bytes.subarray(done, done + slabBytes - start);
				slab.set(piece, start);
				done += piece.length;
				length += piece.length;
			}
		},
		truncate(to) {
			length = Math.min(length, to);
			for (const slab of slabs.splice(Math.ceil(length / slabBytes))) {
				giveBack(slab);
			}
		},
		*chunks() {
			for (const [index, slab] of slabs.entries()) {
				yield slab.subarray(0, Math.min(slabBytes, length - index * slabBytes));
			}
		},
	};
};
