import {deflateRawSync, inflateRawSync} from 'node:zlib';
import {giveBack, makeRoom} from './room.js';

const slabBytes = 256 * 1024;
/** What goes beyond is kept compressed: a list of some hundred thousand files takes a third of the memory then, and a fifth of a second more. */
const plainSlabs = 24;

/** A growing sequence of bytes in slabs: hundreds of thousands of small records without as many buffers. */
export type ByteList = {
	readonly length: () => number;
	readonly append: (bytes: Uint8Array) => void;
	/** The same without a copy where that saves memory: the bytes must stay as they are as long as the list is used. */
	readonly appendView: (bytes: Uint8Array) => void;
	/** Forgets everything from a length on. */
	readonly truncate: (length: number) => void;
	/** Everything in order, each chunk valid until the next is asked for. */
	readonly chunks: () => Iterable<Uint8Array>;
};

type Slab = {
	readonly type: 'own' | 'packed' | 'view';
	readonly bytes: Uint8Array;
	/** Bytes of the list that are in it. */
	readonly length: number;
};

const pack = ({bytes, length}: Slab): Slab => {
	const packed = deflateRawSync(bytes.subarray(0, length), {level: 1, chunkSize: slabBytes});
	const kept = Buffer.allocUnsafeSlow(packed.length);
	kept.set(packed);
	giveBack(packed);
	giveBack(bytes);
	return {type: 'packed', bytes: kept, length};
};

const unpack = (bytes: Uint8Array): Buffer => inflateRawSync(bytes, {chunkSize: slabBytes});

export const createByteList = (): ByteList => {
	const slabs: Slab[] = [];
	let length = 0;

	const forget = ({type, bytes}: Slab): void => {
		if (type !== 'view') {
			giveBack(bytes);
		}
	};

	/** The slab at the end, with room for more. */
	const openSlab = (): Slab => {
		const last = slabs.at(-1);
		if (last?.type === 'own' && last.length < slabBytes) {
			return last;
		}

		if (last?.type === 'own' && slabs.length > plainSlabs) {
			slabs[slabs.length - 1] = pack(last);
		}

		const slab: Slab = {type: 'own', bytes: makeRoom(slabBytes), length: 0};
		slabs.push(slab);
		return slab;
	};

	const append = (bytes: Uint8Array): void => {
		for (let done = 0; done < bytes.length; ) {
			const slab = openSlab();
			const piece = bytes.subarray(done, done + slabBytes - slab.length);
			slab.bytes.set(piece, slab.length);
			slabs[slabs.length - 1] = {...slab, length: slab.length + piece.length};
			done += piece.length;
			length += piece.length;
		}
	};

	return {
		length: () => length,
		append,
		appendView(bytes) {
			// What follows a view begins another slab: small ones would cost more than their copies.
			if (bytes.length < slabBytes) {
				append(bytes);
			} else {
				slabs.push({type: 'view', bytes, length: bytes.length});
				length += bytes.length;
			}
		},
		truncate(to) {
			while (length > to) {
				const last = slabs.pop();
				if (!last) {
					return;
				}

				length -= last.length;
				if (length < to) {
					const kept = (last.type === 'packed' ? unpack(last.bytes) : last.bytes).subarray(0, to - length);
					append(kept);
					forget(last);
					return;
				}

				forget(last);
			}
		},
		*chunks() {
			for (const {type, bytes, length: filled} of slabs) {
				if (type === 'packed') {
					const unpacked = unpack(bytes);
					yield unpacked;
					giveBack(unpacked);
				} else {
					yield bytes.subarray(0, filled);
				}
			}
		},
	};
};
