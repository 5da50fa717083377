import fc from 'fast-check';
import {expect, test} from 'vitest';
import {suggest} from '../../source/commands/suggest.js';

const words = ['backup', 'restore', 'verify', 'delete', 'export', 'import', 'exclude', 'include', 'pin', 'unpin'];

test.each([
	['bakcup', 'backup'],
	['restroe', 'restore'],
	['veri', 'verify'],
	['exlcude', 'exclude'],
	['Delete', 'delete'],
	['pim', 'pin'],
	['timelapse', undefined],
	['', undefined],
])('%j probably means %j', (typed, meant) => {
	expect(suggest(typed, words)).toBe(meant);
});

test('a word is its own best suggestion, and length never makes it slow', () => {
	for (const word of words) {
		expect(suggest(word, words)).toBe(word);
	}

	fc.assert(
		fc.property(fc.string({maxLength: 500}), typed => {
			const meant = suggest(typed, words);
			expect(meant === undefined || words.includes(meant)).toBe(true);
		}),
	);
});
