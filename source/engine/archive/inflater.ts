/**
 * Unpacking into memory that is used again. What zlib of Node offers makes a stream object and new memory for every entry; its handle behind that object can be
 * reset, and writes wherever it is told to: three times as fast for small entries, a tenth faster for large ones, and as little memory as one buffer. The handle
 * is no documented interface, so it is used only in versions it was tried in, and tried out first; without it, callers unpack as the documentation says.
 */
import {constants, createInflateRaw, deflateRawSync, type InflateRaw} from 'node:zlib';
import {isZlibTried, type WriteSync} from './trusted-zlib.js';

/** What is behind an InflateRaw. Its results come in an array of two numbers: bytes left free in the output, bytes left over of the input. */
type Handle = {
	onerror: (message: string, errorNumber: number, code: string) => void;
	readonly reset: () => void;
	readonly writeSync: WriteSync;
};

/** Bytes that come out in one go. */
export const inflatedBytes = 256 * 1024;

export type Inflater = {
	/** Begins with another deflate stream. */
	readonly reset: () => void;
	/**
	 * Unpacks what follows; less than `inflatedBytes` when that was all there is to get from it.
	 * @param isLast true when no more packed bytes come after these: a stream that does not end with them is an error then.
	 * @returns bytes that are valid until the next write, and how many packed bytes were used.
	 * @throws Error with zlib's message
	 */
	readonly write: (
		packed: Uint8Array,
		start: number,
		isLast: boolean,
	) => {readonly content: Buffer; readonly used: number};
};

const handleOf = (stream: InflateRaw): {readonly handle: Handle; readonly state: Uint32Array} | null => {
	const {_handle: handle, _writeState: state} = stream as unknown as {_handle?: Handle; _writeState?: unknown};
	return typeof handle?.reset === 'function' && typeof handle.writeSync === 'function' && state instanceof Uint32Array
		? {handle, state}
		: null;
};

const make = (): Inflater | null => {
	const found = isZlibTried() ? handleOf(createInflateRaw()) : null;
	if (!found) {
		return null;
	}

	const {handle, state} = found;
	const unpack = handle.writeSync.bind(handle);
	const output = Buffer.allocUnsafeSlow(inflatedBytes);
	let failure: string | null = null;
	handle.onerror = message => {
		failure = message;
	};
	return {
		reset() {
			failure = null;
			handle.reset();
		},
		write(packed, start, isLast) {
			const flush = isLast ? constants.Z_FINISH : constants.Z_NO_FLUSH;
			const bytes = packed.length - start;
			unpack(flush, packed, start, bytes, output, 0, inflatedBytes);
			if (failure !== null) {
				throw new Error(failure);
			}

			const [free = 0, left = 0] = state;
			return {content: output.subarray(0, inflatedBytes - free), used: bytes - left};
		},
	};
};

/** True when an inflater does what it should: the whole, in two pieces of input, and the refusal of what is cut off. */
const isRight = (inflater: Inflater): boolean => {
	const content = Buffer.from('G1 X10.5 Y20.5 E0.4\n'.repeat(20_000));
	const packed = deflateRawSync(content);
	const unpack = (bytes: Uint8Array, cuts: readonly number[]): Buffer => {
		inflater.reset();
		const pieces: Buffer[] = [];
		for (const [index, end] of cuts.entries()) {
			const input = bytes.subarray(cuts[index - 1] ?? 0, end);
			for (let start = 0, isFull = true; isFull; ) {
				const {content: piece, used} = inflater.write(input, start, index === cuts.length - 1);
				pieces.push(Buffer.from(piece));
				start += used;
				isFull = piece.length === inflatedBytes;
			}
		}

		return Buffer.concat(pieces);
	};

	try {
		if (!unpack(packed, [100, packed.length]).equals(content) || !unpack(packed, [packed.length]).equals(content)) {
			return false;
		}
	} catch {
		return false;
	}

	try {
		unpack(packed.subarray(0, -8), [packed.length - 8]);
		return false;
	} catch {
		return true;
	}
};

let isTrusted: boolean | null = null;

/** Makes an inflater; null where this Node has no handle that does what is expected of it. */
export const createInflater = (): Inflater | null => {
	if (isTrusted === false) {
		return null;
	}

	const inflater = make();
	isTrusted ??= inflater !== null && isRight(inflater);
	return isTrusted ? inflater : null;
};

const free: Inflater[] = [];
let isAllowed = true;

/** False has this thread unpack as Node's documentation says, whether or not there are inflaters: the way that nobody goes otherwise has to be tried out as well. */
export const allowInflaters = (allowed: boolean): void => {
	isAllowed = allowed;
};

/** Takes an inflater that nobody else on this thread uses until it is put back; null where there are none. */
export const takeInflater = (): Inflater | null => {
	const inflater = isAllowed ? (free.pop() ?? createInflater()) : null;
	inflater?.reset();
	return inflater;
};

export const putInflaterBack = (inflater: Inflater): void => {
	free.push(inflater);
};
