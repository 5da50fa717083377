import {deflateRawSync, inflateRawSync} from 'node:zlib';
import {giveBack, makeRoom} from './room.js';

const slabBytes = 256 * 1024;
/** What goes beyond is kept compressed: a list of some hundred thousand files takes a third of the memory then, and a fifth of a second more. */
const plainBytes = 6 * 1024 * 1024;
const plainSlabs = plainBytes / slabBytes;

/** A growing sequence of bytes in slabs: hundreds of thousands of small records without as many buffers. */
export type ByteList = {
	readonly length: () => number;
	readonly append: (bytes: Uint8Array) => void;
	/** Forgets everything from a length on. */
	readonly truncate: (length: number) => void;
	/** Everything in order, each chunk valid until the next is asked for. */
	readonly chunks: () => Iterable<Uint8Array>;
};

type Slab = {readonly type: 'plain' | 'packed'; readonly bytes: Buffer};

const pack = (bytes: Buffer): Slab => {
	const packed = deflateRawSync(bytes, {level: 1, chunkSize: slabBytes});
	const kept = Buffer.allocUnsafeSlow(packed.length);
	kept.set(packed);
	giveBack(packed);
	return {type: 'packed', bytes: kept};
};

const unpack = (bytes: Buffer): Buffer => inflateRawSync(bytes, {chunkSize: slabBytes, maxOutputLength: slabBytes});

export const createByteList = (): ByteList => {
	const slabs: Slab[] = [];
	let length = 0;

	/** The slab at the end, for writing into it. */
	const openSlab = (index: number): Buffer => {
		const slab = slabs[index];
		if (slab?.type === 'plain') {
			return slab.bytes;
		}

		const bytes = makeRoom(slabBytes);
		if (slab) {
			bytes.set(unpack(slab.bytes));
		}

		slabs[index] = {type: 'plain', bytes};
		return bytes;
	};

	/** Packs the slab before the one that is begun. */
	const close = (index: number): void => {
		const slab = slabs[index];
		if (slab?.type === 'plain' && index >= plainSlabs) {
			slabs[index] = pack(slab.bytes);
			giveBack(slab.bytes);
		}
	};

	return {
		length: () => length,
		append(bytes) {
			let done = 0;
			while (done < bytes.length) {
				const index = Math.floor(length / slabBytes);
				const start = length % slabBytes;
				if (start === 0) {
					close(index - 1);
				}

				const slab = openSlab(index);
				const piece = bytes.subarray(done, done + slabBytes - start);
				slab.set(piece, start);
				done += piece.length;
				length += piece.length;
			}
		},
		truncate(to) {
			length = Math.min(length, to);
			for (const {bytes} of slabs.splice(Math.ceil(length / slabBytes))) {
				giveBack(bytes);
			}
		},
		*chunks() {
			for (const [index, {type, bytes}] of slabs.entries()) {
				const plain = type === 'plain' ? bytes : unpack(bytes);
				yield plain.subarray(0, Math.min(slabBytes, length - index * slabBytes));
				if (plain !== bytes) {
					giveBack(plain);
				}
			}
		},
	};
};
