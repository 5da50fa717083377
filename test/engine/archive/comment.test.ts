import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {
	commentOf,
	encodeComment,
	hashOffset,
	parseComment,
	unsealedHash,
} from '../../../source/engine/archive/comment.js';
import {sampleHeader} from './helpers.js';

describe('archive comment', () => {
	it('comes back as it was written', () => {
		const comment = commentOf({...sampleHeader, note: 'Düse 0,6 "neu" \u202e🙂\n'});
		expect(parseComment(encodeComment(comment))).toEqual({...comment, sha256: unsealedHash});
	});

	it('is printable ASCII of at most 4,000 bytes, always with its hash at one place, whatever the header says', () => {
		const text = fc.string({unit: 'binary', maxLength: 3000});
		fc.assert(
			fc.property(text, text, text, fc.array(text, {maxLength: 100}), (note, host, instance, excludes) => {
				const header = {...sampleHeader, note, host, instance, excludes};
				const bytes = encodeComment(commentOf(header), 'a'.repeat(64));
				expect(bytes.length).toBeLessThanOrEqual(4000);
				expect(bytes.toString('latin1')).toMatch(/^[\x20-\x7e]*$/);
				expect(bytes.toString('latin1', hashOffset - 22, hashOffset + 42)).toBe('a'.repeat(64));
				expect(parseComment(bytes)).not.toBeNull();
				expect(encodeComment(commentOf(header), 'a'.repeat(64)).equals(bytes)).toBe(true);
			}),
			{numRuns: 200},
		);
	});

	it('is cut, never through a character', () => {
		const {note} = commentOf({...sampleHeader, note: `${'x'.repeat(199)}🙂`});
		expect(note).toBe('x'.repeat(199));
	});

	it('is nobody else’s', () => {
		for (const text of [
			'',
			'hello',
			'{"printkeep":1}',
			'{"printkeep":1,"sha256":"x"}',
			'{"printkeep":"1","sha256":"',
		]) {
			expect(parseComment(Buffer.from(text))).toBeNull();
		}

		const written = encodeComment(commentOf(sampleHeader)).toString('latin1');
		expect(parseComment(Buffer.from(written.replace('"complete"', '"perfect"')))).toBeNull();
		expect(parseComment(Buffer.from(written.replace('"files":1', '"files":-1')))).toBeNull();
	});

	it('of a newer printkeep is told as such', () => {
		expect(() => parseComment(Buffer.from('{"printkeep":2,"anything":true}'))).toThrow(
			expect.objectContaining({code: 'archive-too-new'}),
		);
	});
});
