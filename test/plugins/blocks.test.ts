import {describe, expect, test} from 'vitest';
import {readBlocks} from '../../source/plugins/blocks.js';

const refused = (answer: unknown): string => {
	const read = readBlocks(answer);
	return read.type === 'refused' ? read.reason : 'taken';
};

describe('what is on a screen', () => {
	test('is what was answered, of every kind of piece', () => {
		const pieces = [
			{type: 'text', text: 'x', tone: 'ok', strong: true},
			{type: 'text', text: '\u001B[31m'},
			{type: 'table', columns: ['A'], rows: [['1'], ['2']]},
			{type: 'fields', fields: [{label: 'L', value: 'V', tone: 'muted'}]},
			{type: 'progress', label: 'L', percent: 100},
			{type: 'actions', actions: [{title: 'T', command: 'go', data: {a: 1}, confirm: 'Sure?'}]},
		];
		expect(readBlocks(pieces)).toEqual({type: 'blocks', blocks: pieces});
		expect(readBlocks([])).toEqual({type: 'blocks', blocks: []});
	});

	test('is not taken when it is anything else, and says where', () => {
		for (const answer of [null, 1, 'x', {}, [null], [1], [{}], [{type: 'video'}], [[]]]) {
			expect(refused(answer)).toMatch(/^is not made of the pieces there are/u);
		}

		expect(refused([{type: 'text', text: 5}])).toBe('is not made of the pieces there are (at 0.text).');
		expect(refused([{type: 'text', text: 'x', tone: 'loud'}])).toContain('0.tone');
		expect(refused([{type: 'progress', label: 'x', percent: 101}])).toContain('0.percent');
		expect(refused([{type: 'progress', label: 'x', percent: Number.NaN}])).toContain('0.percent');
		expect(refused([{type: 'table', columns: ['A'], rows: [[1]]}])).toContain('0.rows.0.0');
		expect(refused([{type: 'actions', actions: [{title: 'T', command: 'go', data: []}]}])).toContain(
			'0.actions.0.data',
		);
	});

	test('has its bounds', () => {
		expect(refused(Array.from({length: 201}, () => ({type: 'text', text: ''})))).not.toBe('taken');
		expect(refused([{type: 'table', columns: Array.from({length: 13}, () => 'x'), rows: []}])).not.toBe('taken');
		expect(refused([{type: 'table', columns: ['x'], rows: Array.from({length: 5001}, () => ['x'])}])).not.toBe('taken');
		const read = readBlocks([{type: 'text', text: 'x'.repeat(20_000)}]);
		expect(read).toEqual({type: 'blocks', blocks: [{type: 'text', text: 'x'.repeat(10_000)}]});
	});
});
