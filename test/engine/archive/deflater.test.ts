/** Compressing through zlib's handle and as Node's documentation says come to the same bytes. */
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

const samples = fc.record({
	bytes: fc.oneof(fc.nat(5000), fc.nat(300_000)),
	kinds: fc.constantFrom(1, 3, 40, 256),
	seed: fc.nat(1_000_000),
	level: fc.integer({min: 1, max: 9}),
	isWhole: fc.boolean(),
	dictionaryBytes: fc.oneof(fc.constant(0), fc.integer({min: 1, max: 32 * 1024})),
});

test('both ways make the same bytes, whatever was compressed before, and they are what they should be', () => {
	fc.assert(
		fc.property(samples, ({bytes, kinds, seed, level, isWhole, dictionaryBytes}) => {
			const source = content(bytes, kinds, seed);
			const dictionary = dictionaryBytes === 0 ? undefined : content(dictionaryBytes, kinds, seed);
			const options = {level, isWhole, dictionary};
			allowDeflater(true);
			const quick = Buffer.from(deflate(source, options));
			allowDeflater(false);
			const usual = Buffer.from(deflate(source, options));
			expect(quick.equals(usual)).toBe(true);
			// The empty last block ends what does not end itself.
			const stream = isWhole ? quick : Buffer.concat([quick, Buffer.of(3, 0)]);
			expect(inflateRawSync(stream, dictionary ? {dictionary} : {}).equals(source)).toBe(true);
		}),
		{numRuns: 150},
	);
});

test('this Node has what the quick way needs', () => {
	expect(hasDeflater()).toBe(true);
});

test('the worst content fits into the room for it, at every level', () => {
	const noise = content(pieceBytes, 256, 7);
	const output = Buffer.alloc(roomToDeflate(noise.length));
	for (const level of [1, 4, 5, 8, 9]) {
		for (const isWhole of [true, false]) {
			const bytes = deflateInto(noise, output, {level, isWhole});
			const expected = deflateRawSync(noise, {level, ...(isWhole ? {} : {finishFlush: 2})});
			expect(output.subarray(0, bytes).equals(expected)).toBe(true);
		}
	}

	const memory = newPieceMemory();
	new Uint8Array(memory).set(noise);
	const {packed} = packPiece({descriptor: null, position: 0, bytes: noise.length, level: 5, memory}).output;
	expect(packed?.length).toBeGreaterThan(noise.length);
});

test('too little room is told, and nothing else', () => {
	expect(() => deflateInto(content(5000, 256, 3), Buffer.alloc(100), {level: 5, isWhole: true})).toThrow('no room');
});
