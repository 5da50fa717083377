import {describe, expect, test} from 'vitest';
import {columnWidths, layOutBlocks, type ViewBlock} from '../../source/dashboard/block-lines.js';
import {asciiSymbols, unicodeSymbols} from '../../source/dashboard/symbols.js';
import {displayWidth} from '../../source/format/width.js';

type Action = {readonly title: string; readonly command: string};

const linesOf = (blocks: readonly ViewBlock<Action>[], width = 40, symbols = unicodeSymbols): readonly string[] =>
	layOutBlocks(blocks, {width, symbols}).lines.map(line =>
		line
			.spans()
			.map(({text}) => text)
			.join(''),
	);

describe('what a plugin puts on a screen', () => {
	test('text goes on in the next line, and breaks where it says so', () => {
		expect(linesOf([{type: 'text', text: 'one two three\nfour'}], 20)).toEqual(['one two three', 'four']);
		expect(linesOf([{type: 'text', text: 'one two three four'}], 9)).toEqual(['one two', 'three', 'four']);
		expect(linesOf([{type: 'text', text: ''}])).toEqual([' ']);
	});

	test('pieces of different kinds are parted, a heading is not parted from what it is over', () => {
		expect(
			linesOf([
				{type: 'text', text: 'a'},
				{type: 'text', text: 'b'},
				{type: 'progress', label: 'c', percent: 0},
				{type: 'text', text: 'Title', strong: true},
				{type: 'fields', fields: [{label: 'x', value: 'y'}]},
			]),
		).toEqual(['a', 'b', ' ', `c  ${'▱'.repeat(13)}  0%`, ' ', 'Title', 'x  y']);
	});

	test('columns share the width: short ones are whole, long ones are cut, wide characters stay aligned', () => {
		const lines = linesOf(
			[
				{
					type: 'table',
					columns: ['Name', 'n', 'Note'],
					rows: [
						['とても長い名前のファイル.zip', '1', 'a note that is much longer than there is room for'],
						['short', '22', ''],
					],
				},
			],
			40,
		);
		expect(lines).toEqual([
			'Name               n   Note',
			'とても長…イル.zip  1   a note that is m…',
			'short              22',
		]);
		for (const line of lines) {
			expect(displayWidth(line)).toBeLessThanOrEqual(40);
		}
	});

	test('widths never add up to more than there is, nor does a column that needs little get less', () => {
		expect(columnWidths([5, 100, 100], 45)).toEqual([5, 20, 20]);
		expect(columnWidths([5, 5, 5], 45)).toEqual([5, 5, 5]);
		expect(columnWidths([], 45)).toEqual([]);
		expect(columnWidths([50, 50], 2)).toEqual([3, 3]);
	});

	test('a row with too many or too few cells is a row', () => {
		expect(linesOf([{type: 'table', columns: ['a', 'b'], rows: [['1', '2', '3'], ['1'], []]}])).toEqual([
			'a  b',
			'1  2',
			'1',
			' ',
		]);
		expect(linesOf([{type: 'table', columns: ['a'], rows: []}])).toEqual(['a', '(nothing)']);
	});

	test('values of fields go on beside their labels', () => {
		expect(linesOf([{type: 'fields', fields: [{label: 'Place', value: 'one two three'}]}], 16)).toEqual([
			'Place  one two',
			'       three',
		]);
	});

	test('what would move the cursor, turn the line or hide is shown, in every piece', () => {
		const evil = '\u001b[2J\u202egpj\r\u0007';
		const lines = linesOf(
			[
				{type: 'text', text: evil},
				{type: 'table', columns: [evil], rows: [[evil]]},
				{type: 'fields', fields: [{label: evil, value: evil}]},
				{type: 'progress', label: evil, percent: 50},
				{type: 'actions', actions: [{title: evil, command: 'x'}]},
			],
			78,
		);
		expect(lines.length).toBeGreaterThan(8);
		for (const line of lines) {
			expect(line).not.toMatch(/[\u0000-\u001f\u007f\u202e]/u);
		}

		expect(lines[0]).toContain('\\x1b[2J\\u{202e}gpj');
	});

	test('actions are found by the lines they stand on', () => {
		const layout = layOutBlocks<Action>(
			[
				{type: 'text', text: 'first'},
				{
					type: 'actions',
					actions: [
						{title: 'One', command: 'one'},
						{title: 'Two', command: 'two'},
					],
				},
				{type: 'actions', actions: [{title: 'Three', command: 'three'}]},
			],
			{width: 40, symbols: unicodeSymbols},
		);
		expect(layout.actionLines).toEqual([2, 3, 4]);
		expect(layout.actions.map(({command}) => command)).toEqual(['one', 'two', 'three']);
		expect(layout.lines.map(({action}) => action)).toEqual([null, null, 0, 1, 2]);
	});

	test('with ASCII symbols it is ASCII', () => {
		for (const line of linesOf([{type: 'progress', label: 'Copy', percent: 40}], 40, asciiSymbols)) {
			expect(line).toMatch(/^[\x20-\x7e]*$/u);
		}
	});

	test('thousands of rows and a million characters are laid out at once', () => {
		const rows = Array.from({length: 5000}, (_, row) => [`row ${row}`, 'x'.repeat(100), '長い'.repeat(20)]);
		const blocks: readonly ViewBlock<Action>[] = [
			{type: 'table', columns: ['a', 'b', 'c'], rows},
			{type: 'fields', fields: Array.from({length: 100}, () => ({label: 'x', value: '長い名前 '.repeat(100)}))},
			...Array.from({length: 150}, () => ({type: 'text', text: '長い名前 '.repeat(1300)}) as const),
		];
		const started = performance.now();
		const layout = layOutBlocks(blocks, {width: 80, symbols: unicodeSymbols});
		expect(performance.now() - started).toBeLessThan(2000);
		expect(layOutBlocks(blocks.slice(0, 1), {width: 80, symbols: unicodeSymbols}).lines).toHaveLength(5001);
		// What is too long to be read is not laid out.
		expect(layout.lines.length).toBeLessThan(5001 + 5000);
		expect(layout.lines.at(-1)?.spans()[0]?.text).toContain('more text than can be shown');
	});
});
