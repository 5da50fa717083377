import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {ArchiveEntry} from '../../source/engine/archive/types.js';
import {searchEntries} from '../../source/engine/search.js';

const entry = (name: string): ArchiveEntry => ({
	name,
	type: name.endsWith('/') ? 'directory' : 'file',
	method: 8,
	crc32: 0,
	compressedBytes: 5,
	bytes: name.endsWith('/') ? 0 : 10,
	headerOffset: 0,
	mode: 0,
	modifiedAt: 1000,
});

const archiveOf = (...names: readonly string[]) => ({entries: names.map(name => entry(name))});

const find = (archive: {readonly entries: readonly ArchiveEntry[]}, words: string, offset = 0, limit = 200) =>
	searchEntries(archive, 'basedir/', {words, offset, limit});

const pathsOf = (archive: {readonly entries: readonly ArchiveEntry[]}, words: string): readonly string[] =>
	find(archive, words).items.map(({path}) => path);

const archive = archiveOf(
	'metadata.json',
	'printkeep.json',
	'basedir/config.yaml',
	'basedir/printerProfiles/Ender3.profile',
	'basedir/printerProfiles/_default.profile',
	'basedir/uploads/leer/',
	'basedir/uploads/Würfel/größe 2.gcode',
	'basedir/uploads/Würfel/tief/benchy.gcode',
);

test('all words, in any order and case, anywhere in the path', () => {
	expect(pathsOf(archive, 'ENDER')).toEqual(['printerProfiles/Ender3.profile']);
	expect(pathsOf(archive, 'gcode tief')).toEqual(['uploads/Würfel/tief/benchy.gcode']);
	expect(pathsOf(archive, 'gcode profile')).toEqual([]);
	expect(pathsOf(archive, '  größe\t2 ')).toEqual(['uploads/Würfel/größe 2.gcode']);
});

test('letters are the same however they are composed', () => {
	expect(pathsOf(archive, 'GRO\u0308SSE')).toEqual([]);
	expect(pathsOf(archive, 'gro\u0308ße')).toEqual(['uploads/Würfel/größe 2.gcode']);
	expect(pathsOf(archiveOf('basedir/Wu\u0308rfel.stl'), 'würfel')).toEqual(['Wu\u0308rfel.stl']);
});

test('folders are found by their own name, with what lies below them', () => {
	expect(find(archive, 'würfel').items).toEqual([
		{path: 'uploads/Würfel', type: 'directory', bytes: 20, modifiedAt: 1000, files: 2},
		expect.objectContaining({path: 'uploads/Würfel/größe 2.gcode', type: 'file', files: 0}),
		expect.objectContaining({path: 'uploads/Würfel/tief/benchy.gcode'}),
	]);
	expect(find(archive, 'leer').items).toEqual([expect.objectContaining({path: 'uploads/leer', files: 0, bytes: 0})]);
});

test('only data is searched', () => {
	expect(pathsOf(archive, 'json')).toEqual([]);
	expect(find(archive, '').total).toBe(5 + 5);
});

test('pages continue each other and are at most 200 long', () => {
	const large = archiveOf(...Array.from({length: 450}, (_, number) => `basedir/uploads/${number}.gcode`));
	const pages = [0, 200, 400].map(offset => find(large, 'gcode', offset, 1000));
	expect(pages.map(({items, total}) => [items.length, total])).toEqual([
		[200, 450],
		[200, 450],
		[50, 450],
	]);
	expect(new Set(pages.flatMap(({items}) => items.map(({path}) => path))).size).toBe(450);
});

test('finds what a plain search finds', () => {
	const name = fc
		.array(fc.constantFrom('a', 'B', 'ä', 'A\u0308', ' ', '.'), {minLength: 1, maxLength: 4})
		.map(all => all.join(''));
	fc.assert(
		fc.property(fc.uniqueArray(fc.tuple(name, name), {selector: pair => pair.join('/')}), name, (pairs, words) => {
			const paths = pairs.map(([folder, file]) => `${folder}/${file}x`);
			const fold = (text: string) => text.normalize('NFC').toLowerCase();
			const wanted = fold(words).split(/\s+/u).filter(Boolean);
			const expected = paths.filter(path => wanted.every(word => fold(path).includes(word)));
			const found = find(archiveOf(...paths.map(path => `basedir/${path}`)), words).items;
			expect(found.filter(({type}) => type === 'file').map(({path}) => path)).toEqual([...expected].sort());
		}),
	);
});

test('a list of 200,000 files is searched well within a tenth of a second once it was read', () => {
	const large = {
		entries: Array.from({length: 200_000}, (_, number) =>
			entry(`basedir/uploads/Project ${number % 500}/Part ${number} Würfel.gcode`),
		),
	};
	find(large, '');
	const times = ['gcode', 'part 19 würfel', 'nowhere', ''].map(words => {
		// Time of the processor: a machine that is busy with other tests makes it wait, not work.
		const start = process.cpuUsage();
		find(large, words);
		const {user, system} = process.cpuUsage(start);
		return (user + system) / 1000;
	});
	// Not the slowest, in which memory may have been tidied up.
	expect(times.sort((a, b) => a - b)[1]).toBeLessThan(100);
});
