import {cpSync, mkdirSync, rmSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Client} from '../../source/client/client.js';
import {createInProcessClient} from '../../source/client/in-process.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import {resolvePaths} from '../../source/settings/paths.js';
import {resolveTarget, settingsFor} from '../../source/settings/resolve-target.js';
import type {Settings} from '../../source/settings/schema.js';
import {defaultSettings} from '../../source/settings/schema.js';
import {toTarget} from '../../source/settings/to-target.js';
import {makeInstance} from '../helpers/make-instance.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';

let folder: string;
let client: Client;
let dataFolder: string;
let second: string;

beforeEach(() => {
	folder = makeTemporaryDirectory();
	({dataFolder} = makeInstance(folder));
	second = join(folder, 'second');
	cpSync(dataFolder, second, {recursive: true});
	client = createInProcessClient(systemPorts({environment: {HOME: folder}, stateFolder: join(folder, 'state')}));
});

afterEach(async () => {
	await client.close();
	removeDirectory(folder);
});

const paths = resolvePaths({environment: {XDG_DATA_HOME: '/share'}, homeDirectory: '/home/pi'});

const registered = (names: Readonly<Record<string, string>>, changes: Partial<Settings> = {}): Settings => ({
	...defaultSettings,
	instances: Object.fromEntries(
		Object.entries(names).map(([name, path]) => [name, settingsFor({name, kind: 'octoprint', dataFolder: path})]),
	),
	...changes,
});

test('the only registered instance is meant when none is named', async () => {
	const resolved = await resolveTarget(client, registered({ender: dataFolder}), paths);
	expect(resolved).toMatchObject({
		registered: true,
		instance: {name: 'ender', dataFolder, version: '1.11.8'},
		target: {
			instance: {name: 'ender', kind: 'octoprint', dataFolder},
			store: '/share/printkeep/backups/ender',
			keepFreeBytes: 100_000_000,
			restoreUnsupported: false,
		},
	});
});

test('of several, one has to be named, or be the default', async () => {
	const names = {ender: dataFolder, prusa: second};
	await expect(resolveTarget(client, registered(names), paths)).rejects.toThrow(
		expect.objectContaining({code: 'ambiguous-instance', message: expect.stringContaining('ender, prusa')}),
	);
	const named = await resolveTarget(client, registered(names), paths, {instance: 'prusa'});
	expect(named.instance.dataFolder).toBe(second);
	const byDefault = await resolveTarget(client, registered(names, {defaultInstance: 'prusa'}), paths);
	expect(byDefault.instance.dataFolder).toBe(second);
});

test('what is set reaches the jobs, and what is not is left to them', () => {
	const ref = {name: 'ender', kind: 'octoprint', dataFolder: '/x'} as const;
	const own = settingsFor(ref);
	expect(toTarget(ref, own, paths)).toEqual({
		instance: ref,
		store: '/share/printkeep/backups/ender',
		keepFreeBytes: 100_000_000,
		restoreUnsupported: false,
	});
	const set = {
		...own,
		trashDays: 0,
		keepRollbackDays: 30,
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
	} as const;
	expect(toTarget(ref, set, paths)).toMatchObject({
		trashDays: 0,
		rollbackDays: 30,
		service: {
			url: 'http://127.0.0.1:5001',
			keyFile: '/home/pi/key',
			stopCommand: 'docker stop octoprint',
			startCommand: 'docker start octoprint',
		},
		limits: {entries: 2000, totalBytes: 500_000_000, entryRatio: 100, nameBytes: 512},
		effort: {profile: 'small', jobs: 2, maxMemoryBytes: 64_000_000, maxBytesPerSecond: 20_000_000, nice: false},
		skipUnchanged: true,
	});
	expect(toTarget(ref, {...own, limitRatio: 100}, paths)).toMatchObject({limits: {entryRatio: 100}});
	expect(Object.keys(toTarget(ref, {...own, limitRatio: 100}, paths).limits ?? {})).toEqual(['entryRatio']);
});

test('--basedir means the registered instance of that folder, however it is spelled', async () => {
	symlinkSync(dataFolder, join(folder, 'link'));
	const resolved = await resolveTarget(client, registered({ender: dataFolder}), paths, {basedir: join(folder, 'link')});
	expect([resolved.registered, resolved.instance.name]).toEqual([true, 'ender']);
	const other = await resolveTarget(client, registered({ender: dataFolder}), paths, {basedir: second});
	expect([other.registered, other.instance.dataFolder]).toEqual([false, second]);
});

test('a folder nobody has set anything for does not share the store of another of the same name', async () => {
	const settings = registered({octoprint: dataFolder});
	const {instance, target} = await resolveTarget(client, settings, paths, {basedir: second});
	const namesake = await resolveTarget(client, registered({[instance.name]: dataFolder}), paths, {basedir: second});
	expect(instance.name).not.toBe('octoprint');
	expect(namesake.instance.name).toBe(`${instance.name}-2`);
	expect(namesake.target.instance.name).toBe(namesake.instance.name);
	expect(namesake.target.store).toBe(`${target.store}-2`);
	const meant = await resolveTarget(client, settings, paths, {basedir: second, instance: 'octoprint'});
	expect(meant.target.store).toBe('/share/printkeep/backups/octoprint');
});

test('--store and --config go before the settings', async () => {
	const config = join(second, 'config.yaml');
	const resolved = await resolveTarget(client, registered({ender: dataFolder}), paths, {store: '/mnt/usb', config});
	expect([resolved.target.store, resolved.target.instance.configFile]).toEqual(['/mnt/usb', config]);
});

test('an instance whose folder is gone can still be named, with the reason', async () => {
	rmSync(dataFolder, {recursive: true});
	const {instance, target} = await resolveTarget(client, registered({ender: dataFolder}), paths);
	expect(instance).toMatchObject({
		name: 'ender',
		version: null,
		running: null,
		problems: [expect.stringContaining(dataFolder)],
	});
	expect(target.store).toBe('/share/printkeep/backups/ender');
});

test('what is not there is said so', async () => {
	mkdirSync(join(folder, 'empty'));
	await expect(
		resolveTarget(client, registered({ender: dataFolder}), paths, {instance: 'constructor'}),
	).rejects.toThrow(expect.objectContaining({code: 'no-instance', hint: expect.stringContaining('ender')}));
	await expect(resolveTarget(client, defaultSettings, paths, {basedir: join(folder, 'empty')})).rejects.toThrow(
		expect.objectContaining({code: 'no-instance'}),
	);
	await expect(resolveTarget(client, defaultSettings, paths, {basedir: join(folder, 'gone')})).rejects.toThrow(
		expect.objectContaining({code: 'missing-folder'}),
	);
});

test('an instance in a usual place is found without being registered', async () => {
	cpSync(dataFolder, join(folder, '.octoprint'), {recursive: true});
	const resolved = await resolveTarget(client, defaultSettings, paths, {instance: 'octoprint'});
	expect([resolved.registered, resolved.instance.dataFolder]).toEqual([false, join(folder, '.octoprint')]);
});
