import fc from 'fast-check';
import {expect, test} from 'vitest';
import {isPrintkeepError} from '../../../source/errors.js';
import {checkMembers, extraMembers, readMetadata} from '../../../source/servers/octoprint/members.js';

const plugin = {key: 'würfel', name: 'OctoPrint-Würfel', url: 'https://example.org/w', version: '1.2'};

test('writes the members as OctoPrint writes them', () => {
	const environment = {version: '1.11.8', versionSource: 'environment', plugins: [plugin]} as const;
	expect(extraMembers({environment, excludes: ['uploads', 'timelapse', 'other']})).toEqual([
		{name: 'metadata.json', content: '{"version": "1.11.8", "excludes": ["uploads", "timelapse", "timelapse_tmp"]}'},
		{
			name: 'plugin_list.json',
			content: '[{"key": "w\\u00fcrfel", "name": "OctoPrint-W\\u00fcrfel", "url": "https://example.org/w"}]',
		},
	]);
});

test('an unknown version is written as one that OctoPrint always takes, and read as unknown', () => {
	const [metadata, ...rest] = extraMembers({
		environment: {version: null, versionSource: 'unknown', plugins: null},
		excludes: [],
	});
	expect(metadata?.content).toBe('{"version": "0.0.0", "excludes": []}');
	expect(rest).toEqual([]);
	expect(readMetadata(new Map([['metadata.json', metadata?.content ?? '']]))).toEqual({
		version: null,
		excludes: [],
		plugins: [],
	});
});

test('reads what was written', () => {
	fc.assert(
		fc.property(
			fc.array(
				fc.record({
					key: fc.string({minLength: 1}),
					name: fc.string({minLength: 1}),
					url: fc.option(fc.string({minLength: 1})),
					version: fc.constant(null),
				}),
			),
			plugins => {
				const environment = {version: '2.0.0rc3', versionSource: 'environment', plugins} as const;
				const members = new Map(
					extraMembers({environment, excludes: ['data']}).map(({name, content}) => [name, content]),
				);
				for (const content of members.values()) {
					expect(content).toMatch(/^[\u0000-\u007E]*$/u);
				}

				expect(readMetadata(members)).toEqual({version: '2.0.0rc3', excludes: ['data'], plugins});
			},
		),
	);
});

test('takes from a stranger only what has the right form', () => {
	expect(
		readMetadata(
			new Map([
				['metadata.json', '{"version": 7, "excludes": ["uploads", 3], "__proto__": {"version": "9"}}'],
				['plugin_list.json', '[{"key": "a"}, {"name": "no key"}, 5, null, {"key": "b", "url": {}}]'],
			]),
		),
	).toEqual({
		version: null,
		excludes: ['uploads'],
		plugins: [
			{key: 'a', name: 'a', url: null, version: null},
			{key: 'b', name: 'b', url: null, version: null},
		],
	});
	expect(
		readMetadata(
			new Map([
				['metadata.json', '{}'],
				['plugin_list.json', '{'],
			]),
		),
	).toEqual({version: null, excludes: null, plugins: []});
	for (const text of ['', '[]', 'null', '"x"', '{']) {
		expect(() => readMetadata(new Map([['metadata.json', text]]))).toThrow(expect.toSatisfy(isPrintkeepError));
	}

	expect(() => readMetadata(new Map())).toThrow('metadata.json');
});

test('looks into the members that must be sound', () => {
	const sound = new Map([
		['metadata.json', '{"version": "1.11.8"}'],
		['basedir/config.yaml', 'server: {}\n'],
	]);
	expect(checkMembers(sound)).toEqual([]);
	expect(checkMembers(new Map([...sound, ['basedir/config.yaml', '']]))).toEqual([
		'Its config.yaml cannot be used, since it holds no settings.',
	]);
	expect(checkMembers(new Map([...sound, ['metadata.json', '[]']]))).toEqual([
		'Its metadata.json cannot be understood.',
	]);
	expect(checkMembers(new Map())).toHaveLength(2);
});
