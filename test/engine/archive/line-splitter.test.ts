import {expect, test} from 'vitest';
import {createLineSplitter} from '../../../source/engine/archive/line-splitter.js';

const split = (chunks: readonly Buffer[]): readonly string[] => {
	const lines: string[] = [];
	const splitter = createLineSplitter(line => lines.push(line));
	for (const chunk of chunks) {
		splitter.push(chunk);
	}

	splitter.end();
	return lines;
};

test.each([
	['', []],
	['one', ['one']],
	['one\n', ['one']],
	['\n\none\n\ntwo', ['', '', 'one', '', 'two']],
	['ä€😀\nß', ['ä€😀', 'ß']],
])('%j has the same lines however it comes in chunks', (text, lines) => {
	const bytes = Buffer.from(text);
	for (let size = 1; size <= bytes.length + 1; size++) {
		const chunks: Buffer[] = [];
		for (let start = 0; start < bytes.length; start += size) {
			chunks.push(bytes.subarray(start, start + size));
		}

		expect(split(chunks)).toEqual(lines);
	}
});

test('a line that never ends is refused, however small the chunks, in a time that grows with its length alone', () => {
	const chunk = Buffer.alloc(1024, 'x');
	const splitter = createLineSplitter(() => undefined);
	for (let taken = 0; taken < 16 * 1024 * 1024; taken += chunk.length) {
		splitter.push(chunk);
	}

	expect(() => splitter.push(Buffer.from('x'))).toThrow(
		expect.objectContaining({
			code: 'archive-damaged',
			message: 'The manifest of the archive cannot be understood: a line is too long.',
		}),
	);
});
