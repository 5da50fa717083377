import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {parseConfiguration, parseMapping, readConfiguration} from '../../../source/servers/octoprint/configuration.js';
import {inTemporaryDirectory} from '../../helpers/temporary.js';

const base = '/home/pi/.octoprint';

test('reads what is configured elsewhere', () => {
	const configuration = parseConfiguration(
		`accessControl:
  userfile: /etc/octoprint/users.yaml
folder:
  uploads: /mnt/usb/gcode
  timelapse_tmp: relative/tmp
  logs: 7
  unknown: /x
plugins:
  backup:
    path: /mnt/nas/backups
    restore_unsupported: yes
server:
  commands:
    serverRestartCommand: sudo service octoprint restart
  host: 127.0.0.1
  port: '5001'
api:
  key: ABCDEF
`,
		base,
	);
	expect(configuration).toEqual({
		folders: new Map([
			['uploads', '/mnt/usb/gcode'],
			['timelapse_tmp', '/home/pi/.octoprint/relative/tmp'],
		]),
		userFile: '/etc/octoprint/users.yaml',
		groupFile: null,
		backupFolder: '/mnt/nas/backups',
		restoreUnsupported: true,
		restartCommand: 'sudo service octoprint restart',
		host: '127.0.0.1',
		port: 5001,
		apiKey: 'ABCDEF',
		problem: '',
	});
});

test('reads what Python reads: unknown tags, equal keys, merged mappings', () => {
	const {folders, problem} = parseConfiguration(
		`defaults: &defaults
  uploads: /a
  data: /data
folder:
  <<: *defaults
  uploads: /b
  uploads: /c
other: !!python/object:foo.Bar {x: 1}
date: !custom 2020-01-01
`,
		base,
	);
	expect(problem).toBe('');
	expect(folders.get('uploads')).toBe('/c');
	expect(folders.get('data')).toBe('/data');
});

test.each([
	['folder: [', 'it is no valid YAML (line 1)'],
	['a: 1\n\tb: 2', 'it is no valid YAML (line 2)'],
	['', 'it holds no settings'],
	['- a\n- b', 'it holds no settings'],
	['just text', 'it holds no settings'],
])('what is no configuration is told: %j', (text, problem) => {
	expect(parseConfiguration(text, base)).toMatchObject({problem, folders: new Map()});
});

test('aliases that would fill the memory are refused', () => {
	const bomb = Array.from(
		{length: 12},
		(_, level) =>
			`a${level}: &a${level} [${Array.from({length: 10}, () => (level === 0 ? 'x' : `*a${level - 1}`)).join(', ')}]`,
	);
	expect(parseConfiguration(bomb.join('\n'), base).problem).toBe('it is nested too deep or refers to itself too often');
	expect(parseConfiguration(`a: ${'['.repeat(50_000)}`, base).problem).not.toBe('');
});

test('never throws, and never lets a name of its own object through', () => {
	fc.assert(fc.property(fc.string(), text => parseConfiguration(text, base).folders instanceof Map));
	expect(
		parseConfiguration('__proto__: {folder: {uploads: /x}}\nfolder: {__proto__: {uploads: /y}}', base).folders.size,
	).toBe(0);
	expect(parseConfiguration('folder: {uploads: "a\\0b"}', base).folders.size).toBe(0);
});

test('a file that is missing or no file counts as empty, with the reason', async () =>
	inTemporaryDirectory(directory => {
		expect(readConfiguration({dataFolder: directory})).toMatchObject({problem: 'it does not exist', userFile: null});
		expect(readConfiguration({dataFolder: directory, configFile: directory})).toMatchObject({problem: 'it is no file'});
		writeFileSync(join(directory, 'other.yaml'), 'folder: {data: /d}');
		expect(
			readConfiguration({dataFolder: directory, configFile: join(directory, 'other.yaml')}).folders.get('data'),
		).toBe('/d');
	}));

test('does not parse the same text again, and sees every change of it', () => {
	const text = 'folder: {uploads: /a}';
	const {mapping} = parseMapping(text);
	expect(parseMapping(text).mapping).toBe(mapping);
	expect(parseConfiguration('folder: {uploads: /b}', base).folders.get('uploads')).toBe('/b');
	expect(parseConfiguration(text, base).folders.get('uploads')).toBe('/a');
});
