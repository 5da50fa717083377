/**
 * Compressing with printkeep's own compressor (see `assembly/deflate.ts`), made for print data: it needs less time than zlib for streams of its size, above all for G-code. It works in
 * WebAssembly's memory, which every thread has for itself. What it makes is held against Node's zlib when a thread first needs it; where it cannot be had or is wrong, zlib does the work.
 */
import {constants, deflateRawSync, inflateRawSync} from 'node:zlib';
import {deflateModule} from './deflate-module.js';

export type DeflateOptions = {
	/** 1 to 4 is fast, 5 and 6 balanced, 7 to 9 small. */
	readonly level: number;
	/** Comes before the content, which may refer to its last 32 kB. */
	readonly dictionary?: Uint8Array | undefined;
	/** True ends the stream; false ends it at a byte, so that more can follow. */
	readonly isWhole: boolean;
};

/** Compresses into an output with room for all of it. Returns the bytes written. */
type DeflateInto = (content: Uint8Array, output: Uint8Array, options: DeflateOptions) => number;

/** What `assembly/deflate.ts` exports. */
type Compressor = {
	readonly memory: {readonly buffer: ArrayBuffer};
	readonly INPUT: {readonly value: number};
	readonly compress: (effort: number, before: number, bytes: number, output: number, isWhole: boolean) => number;
};

/** What is used of WebAssembly, whose types come with those of a browser only. */
type WebAssemblyPart = {
	readonly Module: new (bytes: Uint8Array) => object;
	readonly Instance: new (module: object) => {readonly exports: unknown};
};

const windowBytes = 32 * 1024;
/** At most this much is compressed in one go; its memory has room for that. */
const stepBytes = 1024 * 1024;

const effortOf = (level: number): number => (level <= 4 ? 0 : level <= 6 ? 1 : 2);

const makeDeflate = (): DeflateInto => {
	const {Module, Instance} = (globalThis as unknown as {readonly WebAssembly: WebAssemblyPart}).WebAssembly;
	const module = new Module(Buffer.from(deflateModule, 'base64'));
	const {memory, INPUT, compress} = new Instance(module).exports as Compressor;
	const input = INPUT.value;
	const result = input + windowBytes + stepBytes + 16;
	const bytes = new Uint8Array(memory.buffer);

	/** Compresses what fits in one go, behind up to 32 kB that lie before it. */
	const step = (before: Uint8Array, content: Uint8Array, isWhole: boolean, effort: number): Uint8Array => {
		bytes.set(before, input);
		bytes.set(content, input + before.length);
		const length = compress(effort, before.length, content.length, result, isWhole);
		return bytes.subarray(result, result + length);
	};

	return (content, output, {level, dictionary, isWhole}) => {
		const effort = effortOf(level);
		let before = dictionary ? dictionary.subarray(Math.max(0, dictionary.length - windowBytes)) : new Uint8Array(0);
		let written = 0;
		let start = 0;
		do {
			const end = Math.min(start + stepBytes, content.length);
			const part = content.subarray(start, end);
			const packed = step(before, part, isWhole && end === content.length, effort);
			if (written + packed.length > output.length) {
				throw new Error('There was no room for what was compressed.');
			}

			output.set(packed, written);
			written += packed.length;
			before = part.subarray(Math.max(0, part.length - windowBytes));
			start = end;
		} while (start < content.length);
		return written;
	};
};

/** As Node's documentation says. */
const deflateUsually: DeflateInto = (content, output, {level, dictionary, isWhole}) => {
	const deflated = deflateRawSync(content, {
		level,
		chunkSize: Math.max(4096, Math.min(512 * 1024, content.length)),
		finishFlush: isWhole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
		...(dictionary ? {dictionary} : {}),
	});
	if (deflated.length > output.length) {
		throw new Error('There was no room for what was compressed.');
	}

	output.set(deflated);
	return deflated.length;
};

/** An empty last block: ends a stream that ends at a byte. */
const endOfStream = Uint8Array.of(3, 0);

/** What shrinks much, a little and not at all, so that every kind of block is made. */
const samples = (): readonly Buffer[] => {
	const noise = Buffer.alloc(3000);
	for (let state = 1, index = 0; index < noise.length; index++) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		noise[index] = state >>> 24;
	}

	return [
		Buffer.from('G1 X10.5 Y20.5 E0.4\nG1 X11.25 Y20.125\n'.repeat(100)),
		Buffer.from('G28\nG29'),
		noise,
		Buffer.alloc(0),
	];
};

/** True when zlib reads what was made, at every effort, with and without an end and something before it. */
const isRight = (deflateInto: DeflateInto): boolean => {
	const all = samples();
	const output = Buffer.alloc(8192);
	return all.every(content =>
		[4, 5, 8].every(level =>
			[undefined, all[0]?.subarray(5, 1000)].every(dictionary =>
				[true, false].every(isWhole => {
					const bytes = deflateInto(content, output, {level, isWhole, dictionary});
					const stream = Buffer.concat([output.subarray(0, bytes), isWhole ? Buffer.alloc(0) : endOfStream]);
					return inflateRawSync(stream, {chunkSize: 8192, ...(dictionary ? {dictionary} : {})}).equals(content);
				}),
			),
		),
	);
};

const findDeflater = (): DeflateInto => {
	try {
		const made = makeDeflate();
		return isRight(made) ? made : deflateUsually;
	} catch {
		// A Node that was told to do without WebAssembly, or has no memory for it.
		return deflateUsually;
	}
};

let deflater: DeflateInto | undefined;
let isAllowed = true;

/** False has this thread use zlib: the way that hardly anybody goes otherwise has to be tried out as well. */
export const allowDeflater = (allowed: boolean): void => {
	isAllowed = allowed;
};

/** True where printkeep's own compressor is used. */
export const hasDeflater = (): boolean => {
	deflater ??= findDeflater();
	return isAllowed && deflater !== deflateUsually;
};

/** Room for content of that many bytes, compressed, whatever it is: what either compressor adds at most to what does not shrink, generously. */
export const roomToDeflate = (bytes: number): number => bytes + 1024 + (bytes >> 8);

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
	deflater ??= findDeflater();
	return isAllowed ? deflater(content, output, options) : deflateUsually(content, output, options);
};
