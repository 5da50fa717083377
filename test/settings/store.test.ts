import {mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {parseSettings} from '../../source/settings/file-schema.js';
import {resolvePaths} from '../../source/settings/paths.js';
import {settingsFor} from '../../source/settings/resolve-target.js';
import type {InstanceSettings} from '../../source/settings/schema.js';
import {defaultSettings} from '../../source/settings/schema.js';
import {openSettings} from '../../source/settings/store.js';
import {inTemporaryDirectory} from '../helpers/temporary.js';

const pathsIn = (folder: string) =>
	resolvePaths({environment: {PRINTKEEP_CONFIG_DIR: join(folder, 'deep', 'settings')}, homeDirectory: folder});

const instance = settingsFor({name: 'octoprint', kind: 'octoprint', dataFolder: '/home/pi/.octoprint'});

test('without a file the defaults hold, and reading makes nothing', async () => {
	await inTemporaryDirectory(folder => {
		expect(openSettings(pathsIn(folder)).read()).toEqual(defaultSettings);
		expect(readdirSync(folder)).toEqual([]);
	});
});

test('what is set is read back by another reader, private from the first byte', async () => {
	await inTemporaryDirectory(async folder => {
		const paths = pathsIn(folder);
		const umask = process.umask(0);
		try {
			const store = openSettings(paths);
			await store.setInstance('octoprint', {...instance, store: '/mnt/usb', excludes: ['timelapse']});
			await store.setInstance('ender', instance);
			await store.setGlobal({defaultInstance: 'ender', windowTitle: false});
			await store.removeInstance('ender');
		} finally {
			process.umask(umask);
		}

		expect(openSettings(paths).read()).toEqual({
			...defaultSettings,
			defaultInstance: 'ender',
			windowTitle: false,
			instances: {octoprint: {...instance, store: '/mnt/usb', excludes: ['timelapse']}},
		});
		expect((statSync(paths.settingsFile).mode & 0o777).toString(8)).toBe('600');
		expect((statSync(paths.settingsFolder).mode & 0o777).toString(8)).toBe('700');
		expect(readdirSync(paths.settingsFolder)).toEqual(['settings.json']);
	});
});

test('values that are the default are not written, so that a later default reaches everyone', async () => {
	await inTemporaryDirectory(async folder => {
		const paths = pathsIn(folder);
		await openSettings(paths).setInstance('octoprint', {...instance, keepFreeMegabytes: 500});
		expect(JSON.parse(readFileSync(paths.settingsFile, 'utf8'))).toEqual({
			instances: {octoprint: {kind: 'octoprint', dataFolder: '/home/pi/.octoprint', keepFreeMegabytes: 500}},
		});
	});
});

test('every value of an instance comes back from the file', async () => {
	await inTemporaryDirectory(async folder => {
		const full = {
			...instance,
			configFile: '/c.yaml',
			python: '/p',
			store: '/s',
			excludes: ['uploads'],
			includes: ['webcam'],
			overdueAfterHours: 12,
			keepFreeMegabytes: 1,
			restoreUnsupported: true,
			trashDays: 0,
			keepRollbackDays: 1,
			serverUrl: 'http://127.0.0.1:5001',
			apiKeyFile: '/home/pi/key',
			stopCommand: 'docker stop octoprint',
			startCommand: 'docker start octoprint',
			limitEntries: 2000,
			limitTotalMegabytes: 500,
			limitRatio: 100,
			limitNameBytes: 512,
			profile: 'small',
			jobs: 2,
			maxMemoryMegabytes: 64,
			maxBytesPerSecond: 20_000_000,
			nice: false,
			skipUnchanged: true,
			pluginPolicy: 'abort',
		} satisfies Required<InstanceSettings>;
		const store = openSettings(pathsIn(folder));
		await store.setInstance('octoprint', full);
		expect(store.read().instances.octoprint).toEqual(full);
		// What is unset again is gone from the file, so that the default holds.
		await store.setInstance('octoprint', instance);
		expect(JSON.parse(readFileSync(store.path, 'utf8'))).toEqual({
			instances: {octoprint: {kind: 'octoprint', dataFolder: '/home/pi/.octoprint'}},
		});
	});
});

test('a name that is also a member of every object is a name like any other', async () => {
	await inTemporaryDirectory(async folder => {
		const paths = pathsIn(folder);
		const store = openSettings(paths);
		await store.setInstance('constructor', instance);
		expect(store.read().instances).toEqual({constructor: instance});
	});
});

test('what a later version keeps in the file survives a change', async () => {
	await inTemporaryDirectory(async folder => {
		const paths = pathsIn(folder);
		mkdirSync(paths.settingsFolder, {recursive: true});
		const file = {
			timetable: {nightly: '03:30'},
			instances: {octoprint: {kind: 'octoprint', dataFolder: '/x', agents: ['nas']}},
		};
		writeFileSync(paths.settingsFile, JSON.stringify(file));
		const store = openSettings(paths);
		await store.setInstance('octoprint', {...instance, dataFolder: '/y'});
		await store.setGlobal({symbols: 'ascii'});
		expect(JSON.parse(readFileSync(paths.settingsFile, 'utf8'))).toEqual({
			timetable: {nightly: '03:30'},
			symbols: 'ascii',
			instances: {octoprint: {kind: 'octoprint', dataFolder: '/y', agents: ['nas']}},
		});
	});
});

test.each([
	['{"instances":', 'not valid JSON'],
	['', 'not valid JSON'],
	['[]', 'a list'],
	['"text"', 'expected'],
	['{"symbols": "emoji"}', 'symbols'],
	['{"instances": {"a": {"kind": "octoprint"}}}', 'instances.a.dataFolder'],
	['{"instances": {"a": {"kind": "octoprint", "dataFolder": "/x", "excludes": "uploads"}}}', 'instances.a.excludes'],
	['{"instances": {"a": {"kind": "octoprint", "dataFolder": "/x", "trashDays": -1}}}', 'instances.a.trashDays'],
	['{"instances": {"a": {"kind": "octoprint", "dataFolder": "/x", "limitRatio": "9"}}}', 'instances.a.limitRatio'],
])('the damaged file %j is named, refused and left as it is', async (content, words) => {
	await inTemporaryDirectory(async folder => {
		const paths = pathsIn(folder);
		mkdirSync(paths.settingsFolder, {recursive: true});
		writeFileSync(paths.settingsFile, content);
		const store = openSettings(paths);
		const expected = expect.objectContaining({
			code: 'invalid-setting',
			message: expect.stringMatching(new RegExp(`${paths.settingsFile}.*${words}`)),
		});
		expect(() => store.read()).toThrow(expected);
		await expect(store.setGlobal({color: 'never'})).rejects.toThrow(expected);
		await expect(store.setInstance('octoprint', instance)).rejects.toThrow(expected);
		expect(readFileSync(paths.settingsFile, 'utf8')).toBe(content);
	});
});

test('whatever is in the file, reading it either works or says why not', () => {
	fc.assert(
		fc.property(fc.oneof(fc.string(), fc.json()), content => {
			const parsed = parseSettings(content);
			expect(parsed.type === 'settings' || parsed.why !== '').toBe(true);
		}),
	);
});
