import fc from 'fast-check';
import {expect, test} from 'vitest';
import {
	baseName,
	holdsMarks,
	isCovered,
	noMarkedPaths,
	parentOf,
	toggleMark,
} from '../../source/dashboard/marked-paths.js';

test('a marked folder covers what lies below it, and takes its marks over', () => {
	const marks = toggleMark(toggleMark(noMarkedPaths, 'uploads/a.gcode'), 'uploads');
	expect([...marks]).toEqual(['uploads']);
	expect(isCovered(marks, 'uploads/deep/b.gcode')).toBe(true);
	expect(isCovered(marks, 'uploads2/b.gcode')).toBe(false);
	expect(holdsMarks(marks, 'uploads')).toBe(false);
});

test('what a marked folder covers stays covered', () => {
	const marks = toggleMark(noMarkedPaths, 'uploads');
	expect([...toggleMark(marks, 'uploads/a.gcode')]).toEqual(['uploads']);
	expect([...toggleMark(marks, 'uploads')]).toEqual([]);
});

test('a folder shows that something in it is marked', () => {
	const marks = toggleMark(noMarkedPaths, 'uploads/deep/a.gcode');
	expect(holdsMarks(marks, 'uploads')).toBe(true);
	expect(holdsMarks(marks, 'timelapse')).toBe(false);
});

test('paths are taken apart', () => {
	expect([parentOf('a/b/c'), parentOf('a'), baseName('a/b/c'), baseName('a')]).toEqual(['a/b', '', 'c', 'a']);
});

test('no mark lies below another, whatever is toggled', () => {
	const path = fc.array(fc.constantFrom('a', 'b'), {minLength: 1, maxLength: 4}).map(names => names.join('/'));
	fc.assert(
		fc.property(fc.array(path, {maxLength: 20}), paths => {
			const marks = paths.reduce(toggleMark, noMarkedPaths);
			for (const marked of marks) {
				expect(isCovered(marks, parentOf(marked))).toBe(false);
			}
		}),
	);
});
