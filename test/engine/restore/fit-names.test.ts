import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {emptyPath, toBytePath} from '../../../source/engine/restore/byte-path.js';
import {
	collisionKey,
	type NameHabits,
	nameHabitsOf,
	refuseUnfitNames,
	windowsNameProblem,
} from '../../../source/engine/restore/fit-names.js';
import type {SwapPlace} from '../../../source/engine/restore/places.js';
import {createTree, type WantedFile} from '../../../source/engine/restore/wanted-tree.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

const exact: NameHabits = {foldsCase: false, isWindows: false};
const folding: NameHabits = {foldsCase: true, isWindows: false};
const windows: NameHabits = {foldsCase: true, isWindows: true};

const treeOf = (...names: readonly string[]) => {
	const {root, builder} = createTree();
	for (const name of names) {
		builder.add({type: 'file', target: toBytePath(name), name} as WantedFile);
	}

	return root;
};

const place = (target: string, live: string): SwapPlace => ({
	target: target === '' ? emptyPath : toBytePath(target),
	live: toBytePath(live),
	work: emptyPath,
	made: false,
	only: null,
});

const refusing =
	(habits: NameHabits, ...names: readonly string[]) =>
	() =>
		refuseUnfitNames(treeOf(...names), [place('', '/data')], () => habits);

test.each([
	['uploads/Benchy.gcode', 'uploads/benchy.GCODE'],
	['uploads/W\u00fcrfel.gcode', 'uploads/Wu\u0308rfel.gcode'],
	['uploads/ﬁ.gcode', 'uploads/fi.gcode'],
	['uploads/straße', 'uploads/STRASSE'],
	['uploads/a', 'uploads/a.'],
	['uploads/a', 'uploads/a '],
	['Uploads/x', 'uploads/y'],
])('%j and %j are two files on ext4, and one on a disk that folds names', (first, second) => {
	expect(refusing(exact, first, second)).not.toThrow();
	expect(refusing(folding, first, second)).toThrow(expect.objectContaining({code: 'zip-colliding-name'}));
	expect(refusing(folding, first, `other-${second}`)).not.toThrow();
});

test.each(['CON', 'con.gcode', 'nul', 'COM1.txt', 'lpt9', 'a:b', 'a?b', 'a*', 'a|b', 'a"b', 'a<b', 'x.', 'x '])(
	'%j cannot be held by Windows’ file systems, and by others it can',
	name => {
		expect(refusing(windows, `uploads/${name}`)).toThrow(expect.objectContaining({code: 'zip-reserved-name'}));
		expect(refusing(folding, `uploads/${name}`)).not.toThrow();
		expect(windowsNameProblem(`ok ${name}`.replaceAll(/[^\w]|[. ]$/g, ''))).toBeNull();
	},
);

test('each place is asked for itself', () => {
	const places = [place('', '/data'), place('uploads', '/media/stick')];
	const habitsOf = (folder: string): NameHabits => (folder === '/media/stick' ? windows : exact);
	expect(() => refuseUnfitNames(treeOf('data/A', 'data/a', 'uploads/b'), places, habitsOf)).not.toThrow();
	expect(() => refuseUnfitNames(treeOf('data/a', 'uploads/B', 'uploads/b'), places, habitsOf)).toThrow(
		/"uploads\/b" cannot be restored to \/media\/stick: it would be the same file there as "uploads\/B"/,
	);
});

test('this machine’s own file system is asked without writing to it', () => {
	const root = temporaryDirectory();
	mkdirSync(join(root, 'full'));
	writeFileSync(join(root, 'full/Name'), '');
	for (const path of [root, join(root, 'full'), join(root, 'missing/deep')]) {
		expect(nameHabitsOf(toBytePath(path))).toEqual(exact);
	}
});

test('the key of a name is that of every name that could be taken for it', () => {
	expect(collisionKey('Straße.')).toBe(collisionKey('STRASSE'));
	expect(collisionKey('a')).not.toBe(collisionKey('b'));
});
