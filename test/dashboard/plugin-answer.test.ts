import {expect, test} from 'vitest';
import {answerLines} from '../../source/dashboard/plugin-answer.js';

test.each([
	[null, []],
	[undefined, []],
	['sent', ['sent']],
	['one\ntwo\n', ['one', 'two']],
	[3, ['3']],
	[false, ['no']],
	[[], []],
	[{}, []],
	[
		['a', 'b'],
		['- a', '- b'],
	],
	[{sent: true, to: 'nas', note: null}, ['sent: yes', 'to: nas', 'note: -']],
	[{copies: [{name: 'a', bytes: 1}], none: []}, ['copies:', '  -', '    name: a', '    bytes: 1', 'none: (nothing)']],
])('%j', (value, lines) => {
	expect(answerLines(value)).toEqual(lines);
});
