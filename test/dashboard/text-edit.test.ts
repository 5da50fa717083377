import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {fieldView} from '../../source/dashboard/components/text-field.js';
import {characters, editText, insertText, type TextEdit, textOf} from '../../source/dashboard/text-edit.js';
import {displayWidth} from '../../source/format/width.js';

describe('editing a line', () => {
	test('writes at the cursor and counts characters as a person does', () => {
		const typed = insertText(editText(textOf('ab'), 'cursor-left'), '👩‍🔧');
		expect(typed).toEqual({value: 'a👩‍🔧b', cursor: 2});
		expect(editText(typed, 'erase')).toEqual({value: 'ab', cursor: 1});
	});

	test('a paste is text: line ends become blanks, control characters nothing', () => {
		expect(insertText(textOf(''), 'rm -rf\r\n\u{1B}[2J~').value).toBe('rm -rf [2J~');
	});

	test('Ctrl+U clears', () => {
		expect(editText(textOf('abc'), 'clear-field')).toEqual({value: '', cursor: 0});
	});

	test('the cursor is never outside of the text, and the view never wider than the field', () => {
		const edit = fc.constantFrom<TextEdit>(
			'erase',
			'erase-forward',
			'clear-field',
			'cursor-left',
			'cursor-right',
			'cursor-start',
			'cursor-end',
		);
		fc.assert(
			fc.property(
				fc.array(
					fc.oneof(
						edit.map(name => ({edit: name})),
						fc.string({unit: 'grapheme'}).map(text => ({text})),
					),
				),
				fc.integer({min: 4, max: 40}),
				(steps, width) => {
					let state = textOf('');
					for (const step of steps) {
						state = 'edit' in step ? editText(state, step.edit) : insertText(state, step.text);
						expect(state.cursor).toBeGreaterThanOrEqual(0);
						expect(state.cursor).toBeLessThanOrEqual(characters(state.value).length);
						const {before, under, after} = fieldView(state, width);
						if (displayWidth(under) <= width) {
							expect(displayWidth(before) + displayWidth(under) + displayWidth(after)).toBeLessThanOrEqual(width);
						}
					}
				},
			),
		);
	});
});
