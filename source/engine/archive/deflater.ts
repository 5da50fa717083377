/**
 * Compressing into memory that is there. Node's documented calls make a stream object and new memory for every file, which cost as much as a quarter of the compressing
 * and leave garbage that only a full collection takes away. What they use underneath is used here itself: a new compressor for every file, so that the result is the
 * same, bit for bit, whatever was compressed before. It is no documented interface, so it is used only in versions it was tried in, and held against the documented one first; elsewhere that is used.
 */
import {constants, createDeflateRaw, deflateRawSync} from 'node:zlib';
import {isZlibTried, type WriteSync} from './trusted-zlib.js';

/** Results come in an array of two numbers: bytes left free in the output, bytes left over of the input. */
type Handle = {
	onerror: (message: string) => void;
	readonly init: (
		windowBits: number,
		level: number,
		memoryLevel: number,
		strategy: number,
		results: Uint32Array,
		onDone: () => void,
		dictionary: Uint8Array | undefined,
	) => void;
	readonly writeSync: WriteSync;
	readonly close: () => void;
};

type MakeHandle = new (mode: number) => Handle;

export type DeflateOptions = {
	/** 1 to 9. */
	readonly level: number;
	/** Comes before the content, which may refer to it. */
	readonly dictionary?: Uint8Array | undefined;
	/** True ends the stream; false ends it at a byte, so that more can follow. */
	readonly isWhole: boolean;
};

/** Compresses into an output with room for all of it. Returns the bytes written. */
type DeflateInto = (content: Uint8Array, output: Uint8Array, options: DeflateOptions) => number;

/** Of the mode that makes raw deflate streams. */
const deflateRawMode = constants.DEFLATERAW;

const nothing = (): void => undefined;

const finishOf = (isWhole: boolean): number => (isWhole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH);

const findMaker = (): MakeHandle | null => {
	if (!isZlibTried()) {
		return null;
	}

	const stream = createDeflateRaw() as unknown as {readonly _handle?: Handle & {readonly constructor: MakeHandle}};
	const {_handle: handle} = stream;
	return typeof handle?.init === 'function' && typeof handle.writeSync === 'function' ? handle.constructor : null;
};

const makeDeflate = (): DeflateInto | null => {
	const Maker = findMaker();
	if (!Maker) {
		return null;
	}

	const results = new Uint32Array(2);
	return (content, output, {level, dictionary, isWhole}) => {
		const handle = new Maker(deflateRawMode);
		let failure = '';
		handle.onerror = message => {
			failure = message;
		};
		handle.init(
			constants.Z_DEFAULT_WINDOWBITS,
			level,
			constants.Z_DEFAULT_MEMLEVEL,
			constants.Z_DEFAULT_STRATEGY,
			results,
			nothing,
			dictionary,
		);
		const deflate = handle.writeSync.bind(handle);
		deflate(finishOf(isWhole), content, 0, content.length, output, 0, output.length);
		handle.close();
		const [free = 0, left = 0] = results;
		if (failure !== '' || free === 0 || left > 0) {
			throw new Error(failure || 'There was no room for what was compressed.');
		}

		return output.length - free;
	};
};

const documented = (content: Uint8Array, {level, dictionary, isWhole}: DeflateOptions, chunkSize?: number): Buffer =>
	deflateRawSync(content, {
		level,
		...(chunkSize === undefined ? {} : {chunkSize}),
		finishFlush: finishOf(isWhole),
		...(dictionary ? {dictionary} : {}),
	});

/** True when it makes what the documented call makes, of what shrinks and what does not, with and without something before it. */
const isRight = (deflate: DeflateInto): boolean => {
	const text = Buffer.from('G1 X10.5 Y20.5 E0.4\nG1 X11.25 Y20.125\n'.repeat(3000));
	const noise = Buffer.from(Array.from({length: 30_000}, (_, index) => (index * index * 7 + (index >> 3)) & 0xff));
	const output = Buffer.alloc(text.length);
	try {
		return [text, noise, Buffer.alloc(0)].every(content =>
			[true, false].every(isWhole =>
				[undefined, text.subarray(5, 1000)].every(dictionary => {
					const options = {level: 5, isWhole, dictionary};
					return output.subarray(0, deflate(content, output, options)).equals(documented(content, options));
				}),
			),
		);
	} catch {
		return false;
	}
};

let deflater: DeflateInto | null | undefined;
let isAllowed = true;

/** False has this thread compress as Node's documentation says: the way that nobody goes otherwise has to be tried out as well. */
export const allowDeflater = (allowed: boolean): void => {
	isAllowed = allowed;
};

const findDeflater = (): DeflateInto | null => {
	if (deflater === undefined) {
		const made = makeDeflate();
		deflater = made && isRight(made) ? made : null;
	}

	return isAllowed ? deflater : null;
};

/** True where compressing goes the quick way. */
export const hasDeflater = (): boolean => findDeflater() !== null;

/** What zlib adds at most to what does not shrink, generously. */
const extraBytes = (bytes: number): number => 1024 + (bytes >> 8);

/** Room for content of that many bytes, compressed, whatever it is. */
export const roomToDeflate = (bytes: number): number => bytes + extraBytes(bytes);

let scratch: Buffer | null = null;

/** @returns the compressed bytes, valid until anything else is compressed on this thread without an output of its own. */
export const deflate = (content: Uint8Array, options: DeflateOptions): Buffer => {
	const needed = roomToDeflate(content.length);
	if (!scratch || scratch.length < needed) {
		scratch = Buffer.allocUnsafeSlow(Math.max(needed, 64 * 1024));
	}

	return scratch.subarray(0, deflateInto(content, scratch, options));
};

/** Compresses into an output with `roomToDeflate`. Returns the bytes written. */
export const deflateInto: DeflateInto = (content, output, options) => {
	const found = findDeflater();
	if (found) {
		return found(content, output, options);
	}

	const deflated = documented(content, options, Math.max(4096, Math.min(512 * 1024, content.length)));
	output.set(deflated);
	return deflated.length;
};
