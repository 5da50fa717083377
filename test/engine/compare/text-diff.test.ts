import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {DiffLine} from '../../../source/client/protocol.js';
import {compareTexts} from '../../../source/engine/compare/text-diff.js';

const compared = async (left: string, right: string) => {
	const result = await compareTexts(left, right);
	if (typeof result === 'string') {
		throw new Error(result);
	}

	return result;
};

const signs = {same: ' ', added: '+', removed: '-'} as const;

const shown = (lines: readonly DiffLine[]): readonly string[] =>
	lines.map(line => (line.type === 'gap' ? `@ ${line.lines}` : `${signs[line.type]}${line.text}`));

const numbered = (count: number, change: (line: number) => string = String): string =>
	Array.from({length: count}, (_, index) => `${change(index + 1)}\n`).join('');

test('what the left has more is added, what only the right has is removed', async () => {
	const {lines, added, removed, hidden} = await compared('a\nb\nX\n', 'a\nb\nc\nd\n');
	expect(shown(lines)).toEqual([' a', ' b', '-c', '-d', '+X']);
	expect([added, removed, hidden]).toEqual([1, 2, 0]);
	expect(lines.at(-1)).toEqual({type: 'added', left: 3, right: null, text: 'X'});
	expect(lines[2]).toEqual({type: 'removed', left: null, right: 3, text: 'c'});
});

test('three lines around a change are shown, and how many are left out', async () => {
	const {lines} = await compared(
		numbered(40, line => (line === 10 || line === 16 || line === 30 ? 'new' : String(line))),
		numbered(40),
	);
	expect(shown(lines)).toEqual([
		...['@ 6', ' 7', ' 8', ' 9', '-10', '+new', ' 11', ' 12', ' 13', ' 14', ' 15', '-16', '+new', ' 17', ' 18', ' 19'],
		...['@ 7', ' 27', ' 28', ' 29', '-30', '+new', ' 31', ' 32', ' 33', '@ 7'],
	]);
});

test('what is the same is one gap', async () => {
	expect(await compared(numbered(9), numbered(9))).toEqual({
		type: 'text',
		lines: [{type: 'gap', lines: 9}],
		added: 0,
		removed: 0,
		hidden: 0,
	});
	expect((await compared('', '')).lines).toEqual([]);
});

test('a file that is only on one side is added or removed as a whole', async () => {
	expect(shown((await compared(numbered(3), '')).lines)).toEqual(['+1', '+2', '+3']);
	expect(shown((await compared('', numbered(3))).lines)).toEqual(['-1', '-2', '-3']);
});

test('a lost line end is a change, and so are other line ends', async () => {
	expect(shown((await compared('a\nb\n', 'a\nb')).lines)).toEqual([' a', '-b', '+b']);
	expect(shown((await compared('a\r\n', 'a\n')).lines)).toEqual(['-a', '+a\r']);
	expect(shown((await compared('a\r\nb\r\n', 'a\r\nc\r\n')).lines)).toEqual([' a', '-c', '+b']);
});

test('secrets are hidden and counted, and shown as changed where they are', async () => {
	const {lines, hidden, added, removed} = await compared(
		'api:\n  key: 0123456789\n  salt: abcdef\n',
		'api:\n  key: 9876543210\n  salt: abcdef\n',
	);
	expect(shown(lines)).toEqual([' api:', '-  key: ‹hidden›', '+  key: ‹hidden›', '   salt: ‹hidden›']);
	expect([hidden, added, removed]).toEqual([3, 1, 1]);
});

test('too many lines and too different ones end in words, soon', async () => {
	expect(await compareTexts(numbered(20_001), '')).toBe('It has more than 20,000 lines.');
	const start = performance.now();
	expect(
		await compareTexts(
			numbered(20_000),
			numbered(20_000, line => `other ${line}`),
		),
	).toBe('The two are too different to be compared line by line.');
	// The limit is of edits or of two seconds; the machine may be busy with other tests.
	expect(performance.now() - start).toBeLessThan(10_000);
});

test('what is shown makes the one of the other', async () => {
	const text = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'd'), {maxLength: 40}).map(all => all.join(''));
	await fc.assert(
		fc.asyncProperty(text, text, async (left, right) => {
			const {lines, added, removed} = await compared(left, right);
			const leftLines = left.match(/[^\n]*\n|[^\n]+/g) ?? [];
			const rightLines = right.match(/[^\n]*\n|[^\n]+/g) ?? [];
			let leftIndex = 0;
			let rightIndex = 0;
			for (const line of lines) {
				if (line.type === 'gap') {
					expect(leftLines.slice(leftIndex, leftIndex + line.lines)).toEqual(
						rightLines.slice(rightIndex, rightIndex + line.lines),
					);
					leftIndex += line.lines;
					rightIndex += line.lines;
					continue;
				}

				if (line.type !== 'removed') {
					expect([line.left, line.text]).toEqual([leftIndex + 1, leftLines[leftIndex]?.replace('\n', '')]);
					leftIndex++;
				}

				if (line.type !== 'added') {
					expect([line.right, line.text]).toEqual([rightIndex + 1, rightLines[rightIndex]?.replace('\n', '')]);
					rightIndex++;
				}
			}

			expect([leftIndex, rightIndex]).toEqual([leftLines.length, rightLines.length]);
			expect(leftLines.length - rightLines.length).toBe(added - removed);
		}),
		{numRuns: 300},
	);
});
