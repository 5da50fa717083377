/** The compressor: what it makes is read by zlib, depends on nothing but what it was given, and always has room. */
import {readFileSync} from 'node:fs';
import {deflateRawSync, inflateRawSync} from 'node:zlib';
import fc from 'fast-check';
import {afterEach, expect, test} from 'vitest';
import {
	allowDeflater,
	deflate,
	deflateInto,
	hasDeflater,
	roomToDeflate,
} from '../../../source/engine/archive/deflater.js';
import {newPieceMemory, packPiece, pieceBytes} from '../../../source/engine/archive/pack-piece.js';

afterEach(() => allowDeflater(true));

/** From text that shrinks well to noise that does not at all. */
const content = (bytes: number, kinds: number, seed: number): Buffer => {
	const result = Buffer.alloc(bytes);
	let state = seed;
	for (let index = 0; index < bytes; index++) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		result[index] = (state >>> 24) % kinds;
	}

	return result;
};

/** G-code, as far as a compressor can tell: short moves, so that the first digits are often those of the line before. */
const gcode = (bytes: number, seed: number): Buffer => {
	const noise = content(Math.ceil(bytes / 8), 256, seed);
	const lines: string[] = [];
	let x = 100;
	let y = 100;
	for (let length = 0, index = 0; length < bytes; index += 2) {
		x += ((noise[index % noise.length] ?? 0) - 127.5) / 60;
		y += ((noise[(index + 1) % noise.length] ?? 0) - 127.5) / 60;
		const line = `G1 X${x.toFixed(3)} Y${y.toFixed(3)} E${(index / 50).toFixed(5)}\n`;
		lines.push(line);
		length += line.length;
	}

	return Buffer.from(lines.join('')).subarray(0, bytes);
};

/** Parts of different kinds, with repetitions near and far: what makes every kind of block and of match. */
const mixture = (seed: number, parts: ReadonlyArray<{readonly kind: number; readonly bytes: number}>): Buffer => {
	const made: Buffer[] = [];
	for (const [index, {kind, bytes}] of parts.entries()) {
		const before = made[index - 1 - (kind % 3)];
		made.push(
			kind > 6 && before
				? Buffer.concat([before, Buffer.from('~'), before]).subarray(0, bytes)
				: kind === 6
					? gcode(bytes, seed + index)
					: kind === 5
						? Buffer.alloc(bytes, index)
						: content(bytes, [1, 2, 10, 60, 256][kind] ?? 256, seed + index),
		);
	}

	return Buffer.concat(made);
};

const mixtures = fc
	.tuple(
		fc.nat(1_000_000),
		fc.array(fc.record({kind: fc.nat(9), bytes: fc.oneof(fc.nat(20), fc.nat(3000), fc.nat(90_000), fc.nat(300_000))}), {
			maxLength: 8,
		}),
	)
	.map(([seed, parts]) => mixture(seed, parts));

const options = fc.record({
	level: fc.integer({min: 1, max: 9}),
	isWhole: fc.boolean(),
	dictionaryBytes: fc.oneof(fc.constant(0), fc.integer({min: 1, max: 40 * 1024})),
});

const inflate = (packed: Uint8Array, isWhole: boolean, dictionary: Uint8Array | undefined): Buffer =>
	// The empty last block ends what does not end itself.
	inflateRawSync(
		isWhole ? packed : Buffer.concat([packed, Buffer.of(3, 0)]),
		dictionary ? {dictionary: dictionary.subarray(-32 * 1024)} : {},
	);

test('zlib reads what is made, and it fits into the room for it', () => {
	fc.assert(
		fc.property(mixtures, options, fc.boolean(), (all, {level, isWhole, dictionaryBytes}, own) => {
			const start = Math.min(dictionaryBytes, all.length);
			const dictionary = start === 0 ? undefined : all.subarray(0, start);
			const source = all.subarray(start);
			allowDeflater(own);
			const packed = deflate(source, {level, isWhole, dictionary});
			expect(packed.length).toBeLessThanOrEqual(roomToDeflate(source.length));
			expect(inflate(packed, isWhole, dictionary).equals(source)).toBe(true);
		}),
		{numRuns: 200},
	);
});

test('whatever was compressed before, the same content comes to the same bytes', () => {
	const first = new Map<string, Buffer>();
	const sources = [
		gcode(300_000, 1),
		content(70_000, 40, 2),
		Buffer.alloc(200_000, 'ab'),
		content(500, 5, 3),
		Buffer.alloc(0),
	];
	fc.assert(
		fc.property(
			fc.nat(sources.length - 1),
			fc.constantFrom(4, 5, 8),
			fc.boolean(),
			fc.boolean(),
			(which, level, isWhole, hasDictionary) => {
				const source = sources[which] ?? Buffer.alloc(0);
				const dictionary = hasDictionary ? sources[0]?.subarray(100, 20_000) : undefined;
				const packed = Buffer.from(deflate(source, {level, isWhole, dictionary}));
				const name = `${which} ${level} ${isWhole} ${hasDictionary}`;
				expect(packed.equals(first.get(name) ?? packed)).toBe(true);
				first.set(name, packed);
			},
		),
		{numRuns: 400},
	);
});

test('content of more than one step is one stream, and refers to what came before', () => {
	const source = Buffer.concat([gcode(1_500_000, 5), content(700_000, 256, 9), gcode(1_500_000, 5)]);
	for (const isWhole of [true, false]) {
		const packed = deflate(source, {level: 5, isWhole});
		expect(inflate(packed, isWhole, undefined).equals(source)).toBe(true);
	}

	// A step begins with a repetition of what lies before it.
	const repeated = content(32 * 1024, 256, 11);
	const far = Buffer.concat([content(pieceBytes - repeated.length, 2, 1), repeated, repeated]);
	const alone = deflate(far.subarray(0, pieceBytes), {level: 5, isWhole: true}).length;
	expect(deflate(far, {level: 5, isWhole: true}).length - alone).toBeLessThan(2000);
});

test('more effort comes to fewer bytes, and the usual one to at most a hundredth more than zlib’s level 6', () => {
	const source = gcode(1_000_000, 3);
	const [fast = 0, balanced = 0, small = 0] = [4, 5, 8].map(level => deflate(source, {level, isWhole: true}).length);
	expect(balanced).toBeLessThan(fast);
	expect(small).toBeLessThanOrEqual(balanced);
	const json = readFileSync(new URL('../../../package-lock.json', import.meta.url));
	for (const other of [source, content(300_000, 40, 1), json]) {
		const usual = deflate(other, {level: 5, isWhole: true}).length;
		expect(usual).toBeLessThan(deflateRawSync(other, {level: 6}).length * 1.01);
	}
});

test('layers that repeat are found again, as far back as a stream can refer to', () => {
	for (const layerBytes of [3000, 12_000, 28_000]) {
		const layer = gcode(layerBytes, 7);
		const source = Buffer.concat(
			Array.from({length: 40}, (_, index) => [Buffer.from(`;LAYER:${index}\nG1 Z${index / 5}\n`), layer]).flat(),
		);
		const once = deflate(layer, {level: 5, isWhole: true}).length;
		const again = deflate(source, {level: 5, isWhole: true}).length - once;
		expect(again / source.length).toBeLessThan(0.015);
	}
});

test('this Node runs it', () => {
	expect(hasDeflater()).toBe(true);
	allowDeflater(false);
	expect(hasDeflater()).toBe(false);
});

test('the worst content fits into the room for it, at every level', () => {
	const noise = content(pieceBytes, 256, 7);
	const output = Buffer.alloc(roomToDeflate(noise.length));
	for (const own of [true, false]) {
		allowDeflater(own);
		for (const level of [1, 4, 5, 8, 9]) {
			for (const isWhole of [true, false]) {
				const bytes = deflateInto(noise, output, {level, isWhole});
				expect(inflate(output.subarray(0, bytes), isWhole, undefined).equals(noise)).toBe(true);
			}
		}
	}

	allowDeflater(true);
	const memory = newPieceMemory();
	new Uint8Array(memory).set(noise);
	const {packed} = packPiece({descriptor: null, position: 0, bytes: noise.length, level: 5, memory}).output;
	expect(packed?.length).toBeGreaterThan(noise.length);
});

test('too little room is told, and nothing else', () => {
	for (const own of [true, false]) {
		allowDeflater(own);
		expect(() => deflateInto(content(5000, 256, 3), Buffer.alloc(100), {level: 5, isWhole: true})).toThrow('no room');
	}
});
