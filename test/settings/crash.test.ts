/**
 * The settings file is written by conf, which knows no port of ours. Here Node's own file functions die, fail or write too little at every call, before
 * conf gets hold of them: what is there afterwards must be the old settings or the new ones.
 */
import fs from 'node:fs';
import {join} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest';
import {withMutex} from '../../source/engine/mutex.js';
import {isPrintkeepError} from '../../source/errors.js';
import {resolvePaths} from '../../source/settings/paths.js';
import {settingsFor} from '../../source/settings/resolve-target.js';
import {openSettings, type SettingsStore} from '../../source/settings/store.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

const names = [
	'openSync',
	'writeSync',
	'fsyncSync',
	'closeSync',
	'renameSync',
	'unlinkSync',
	'chmodSync',
	'mkdirSync',
	'rmSync',
	'writeFileSync',
	'unlink',
	'fsync',
] as const;

type Fault = (name: string, call: number) => 'pass' | 'die' | 'short' | string;

const original = Object.fromEntries(names.map(name => [name, fs[name]]));
let fault: Fault = () => 'pass';
let calls = 0;
let isDead = false;
let seen: string[] = [];

const isChanging = (name: string, args: readonly unknown[]): boolean =>
	name !== 'openSync' ||
	(typeof args[1] === 'string' ? args[1] !== 'r' : (Number(args[1]) & fs.constants.O_CREAT) !== 0);

beforeAll(async () => {
	for (const name of names) {
		const call = original[name] as (...args: readonly unknown[]) => unknown;
		Object.defineProperty(fs, name, {
			configurable: true,
			writable: true,
			value(...args: readonly unknown[]) {
				if (!isChanging(name, args) || name === 'closeSync') {
					return call(...args);
				}

				seen.push(name);
				calls++;
				const verdict = isDead ? 'die' : fault(name, calls);
				switch (verdict) {
					case 'pass': {
						return call(...args);
					}
					case 'die': {
						isDead = true;
						throw new Error('the process is gone');
					}
					case 'short': {
						return call(args[0], String(args[1]).slice(0, 20));
					}
					default: {
						throw Object.assign(new Error(`${verdict}: injected, ${name}`), {code: verdict, syscall: name});
					}
				}
			},
		});
	}

	// conf binds the functions when it is loaded.
	await import('conf');
});

afterAll(() => {
	for (const name of names) {
		Object.defineProperty(fs, name, {configurable: true, writable: true, value: original[name]});
	}
});

const heal = (): void => {
	fault = () => 'pass';
	calls = 0;
	isDead = false;
	seen = [];
};

beforeEach(heal);

const instance = settingsFor({name: 'octoprint', kind: 'octoprint', dataFolder: '/home/pi/.octoprint'});

const newStore = async (): Promise<{readonly store: SettingsStore; readonly folder: string}> => {
	const paths = resolvePaths({
		environment: {PRINTKEEP_CONFIG_DIR: join(temporaryDirectory(), 'settings')},
		homeDirectory: '/nowhere',
	});
	const store = openSettings(paths);
	await store.setInstance('octoprint', {...instance, store: '/old'});
	heal();
	return {store, folder: paths.settingsFolder};
};

/** Conf removes its temporary file in the background: it may be gone between the list and the look. */
const modesIn = (folder: string): readonly string[] =>
	fs
		.readdirSync(folder)
		.map(name => fs.statSync(join(folder, name), {throwIfNoEntry: false}))
		.filter(stats => stats !== undefined)
		.map(({mode}) => (mode & 0o777).toString(8));

const tryToChange = async (store: SettingsStore): Promise<unknown> =>
	store.setInstance('octoprint', {...instance, store: '/new'}).then(
		() => null,
		(error: unknown) => error,
	);

const stateOf = (store: SettingsStore): string | undefined => store.read().instances.octoprint?.store;

test('killed at every call, the settings are the old or the new ones, private, and can be changed again', async () => {
	const states: (string | undefined)[] = [];
	for (let lives = 0; ; lives++) {
		const {store, folder} = await newStore();
		fault = (_name, call) => (call > lives ? 'die' : 'pass');
		const error = await tryToChange(store);
		const died = isDead;
		const written = [...seen];
		heal();
		states.push(stateOf(store));
		expect(['/old', '/new']).toContain(stateOf(store));
		expect(new Set(modesIn(folder))).toEqual(new Set(['600']));
		// What was left is swept by a later change, once it is old.
		for (const name of fs.readdirSync(folder).filter(each => each.includes('.tmp-'))) {
			fs.utimesSync(join(folder, name), 1_700_000_000, 1_700_000_000);
		}

		await store.setInstance('octoprint', {...instance, store: '/later'});
		expect([stateOf(store), fs.readdirSync(folder)]).toEqual(['/later', ['settings.json']]);
		if (!died) {
			expect(error).toBeNull();
			expect(written).toEqual(expect.arrayContaining(['openSync', 'writeSync', 'fsyncSync', 'renameSync']));
			break;
		}
	}

	expect(new Set(states)).toEqual(new Set(['/old', '/new']));
	expect(states.length).toBeGreaterThan(5);
});

test.each(['ENOSPC', 'EIO', 'EROFS'])('%s at every call: old or new, in words, nothing left behind', async code => {
	let failures = 0;
	for (let number = 1; ; number++) {
		const {store, folder} = await newStore();
		fault = (_name, call) => (call === number ? code : 'pass');
		const error = await tryToChange(store);
		const reached = calls >= number;
		heal();
		if (!reached) {
			break;
		}

		expect(['/old', '/new']).toContain(stateOf(store));
		if (error === null) {
			expect(stateOf(store)).toBe('/new');
		} else {
			failures++;
			expect(isPrintkeepError(error)).toBe(true);
			expect((error as Error).message).toContain('settings');
		}

		expect(new Set(modesIn(folder))).toEqual(new Set(['600']));
	}

	expect(failures).toBeGreaterThan(2);
});

test('a write that the disk cuts short does not pass for the settings', async () => {
	const {store, folder} = await newStore();
	let isShort = true;
	fault = name => {
		const verdict = isShort && name === 'writeSync' ? 'short' : 'pass';
		isShort &&= verdict === 'pass';
		return verdict;
	};
	expect(await tryToChange(store)).toMatchObject({code: 'io-error', hint: expect.stringContaining('as they were')});
	heal();
	expect([stateOf(store), fs.readdirSync(folder)]).toEqual(['/old', ['settings.json']]);
});

test('two changes at the same time are both kept', async () => {
	const {store} = await newStore();
	await Promise.all([
		store.setInstance('ender', instance),
		store.setInstance('prusa', instance),
		store.setGlobal({defaultInstance: 'ender'}),
		store.removeInstance('octoprint'),
	]);
	expect(store.read()).toMatchObject({defaultInstance: 'ender'});
	expect(Object.keys(store.read().instances).sort()).toEqual(['ender', 'prusa']);
});

test('while another process changes the settings, this one waits', async () => {
	const {store} = await newStore();
	let change: Promise<unknown> = Promise.resolve();
	await withMutex(store.path, async () => {
		change = tryToChange(store);
		// Far longer than a change takes that does not wait.
		await Promise.race([change, setTimeout(300)]);
		expect(stateOf(store)).toBe('/old');
	});
	expect(await change).toBeNull();
	expect(stateOf(store)).toBe('/new');
});
