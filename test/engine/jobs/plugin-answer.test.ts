import {posix} from 'node:path';
import * as fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {knownPlaces, meantByAnswer} from '../../../source/engine/jobs/plugin-answer.js';

const places = [
	{path: '/home/pi/.octoprint/uploads', target: 'uploads'},
	{path: '/mnt/usb/data', target: 'data'},
];

const pathsOf = (answer: unknown, plugin = 'foo'): readonly string[] => meantByAnswer(plugin, answer, places).paths;

describe('what an answer means', () => {
	test.each([
		[['a.txt'], ['data/foo/a.txt']],
		[['sub'], ['data/foo/sub']],
		[['sub/b.txt', 'sub/b.txt'], ['data/foo/sub/b.txt']],
		[['.'], ['data/foo']],
		[['a.txt', '.'], ['data/foo']],
		[['.', 7], ['data/foo']],
		[['a.txt', 7], []],
		[['..', '../../uploads', './sub', 'sub/', 'sub//b', 'sub/./b', '', 'a\0b'], []],
		[['*.txt'], ['data/foo/*.txt']],
		[['/home/pi/.octoprint/uploads/big.gcode'], ['uploads/big.gcode']],
		[['/home/pi/.octoprint/uploads'], ['uploads']],
		[['/mnt/usb/data/bar/cache'], ['data/bar/cache']],
		[['/mnt/usb/data/', '/mnt/usb/data/../x', '/mnt/usb/database', '/etc/passwd', '/'], []],
		[
			['caf\u00e9', 'a\tb', 'x\udcffy'],
			['data/foo/caf\u00e9', 'data/foo/a%09b', 'data/foo/x%FFy'],
		],
		['a.txt', []],
		[{0: 'a.txt', length: 1}, []],
		[null, []],
		[undefined, []],
	])('%j', (answer, paths) => {
		expect(pathsOf(answer)).toEqual(paths);
	});

	test('the plugins that come later are told everything, as it was given', () => {
		expect(meantByAnswer('foo', ['a', 'b/', '../c', '/etc'], places).told).toEqual([
			'data/foo/a',
			'data/foo/b/',
			'data/foo/../c',
			'/etc',
		]);
		expect(meantByAnswer('foo', ['a', '.'], places).told).toEqual(['data/foo']);
		expect(meantByAnswer('foo', ['a', null, 'b'], places)).toEqual({told: ['data/foo/a'], paths: []});
	});

	test('an identifier that leads elsewhere has no effect', () => {
		expect(pathsOf(['a'], '../x')).toEqual([]);
		expect(pathsOf(['.'], '')).toEqual([]);
		expect(pathsOf(['uploads/a'], '/home/pi/.octoprint')).toEqual(['uploads/a']);
	});
});

test('whatever is answered, what is meant are clean paths in the data folder, and the same as joining and comparing exactly gives', () => {
	const name = fc.oneof(fc.constantFrom('', '.', '..', 'a', 'b', 'uploads', '*'), fc.string({maxLength: 4}));
	const item = fc.oneof(
		fc.array(name, {maxLength: 4}).map(names => names.join('/')),
		fc.array(name, {maxLength: 3}).map(names => ['/mnt/usb/data', ...names].join('/')),
		fc.anything(),
	);
	fc.assert(
		fc.property(fc.oneof(fc.array(item, {maxLength: 5}), fc.anything()), answer => {
			const {paths} = meantByAnswer('foo', answer, places);
			expect(new Set(paths).size).toBe(paths.length);
			for (const path of paths) {
				expect(posix.normalize(path)).toBe(path);
				expect(path.startsWith('/') || path.startsWith('..') || path.endsWith('/')).toBe(false);
				expect(['data', 'uploads']).toContain(path.split('/')[0]);
			}

			if (!Array.isArray(answer)) {
				expect(paths).toEqual([]);
			} else if (answer.includes('.')) {
				expect(paths).toEqual(['data/foo']);
			} else if (answer.some(one => typeof one !== 'string')) {
				expect(paths).toEqual([]);
			}
		}),
	);
	fc.assert(
		fc.property(fc.array(fc.stringMatching(/^[a-z]{1,3}(?:\/[a-z]{1,3}){0,3}$/), {minLength: 1}), items => {
			expect(pathsOf(items)).toEqual([...new Set(items)].map(one => `data/foo/${one}`));
		}),
	);
});

test('places have the names they are known by: in the data folder, and where they really are', () => {
	const part = {name: 'p', title: '', inclusion: 'included', reason: ''} as const;
	expect(
		knownPlaces(
			{
				parts: [
					{...part, roots: [{source: '/base/data', target: 'data', type: 'directory', external: false}]},
					{
						...part,
						roots: [{source: '/disk/u', target: 'uploads', type: 'directory', external: true, link: '/disk/u'}],
					},
					{...part, roots: [{source: '/disk/t', target: 'timelapse', type: 'directory', external: true}]},
				],
			},
			{dataFolder: '/home/pi/base'},
		),
	).toEqual([
		{path: '/base/data', target: 'data'},
		{path: '/home/pi/base/data', target: 'data'},
		{path: '/disk/u', target: 'uploads'},
		{path: '/home/pi/base/uploads', target: 'uploads'},
		{path: '/disk/t', target: 'timelapse'},
	]);
});
