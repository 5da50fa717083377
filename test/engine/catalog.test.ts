import {copyFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {CatalogChange} from '../../source/engine/catalog.js';
import {createCatalog} from '../../source/engine/catalog.js';
import {systemDisk} from '../../source/engine/disk.js';
import {updateStoreIndex} from '../../source/engine/store-index.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import {makeForeignArchive} from '../helpers/foreign-archive.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

const setUp = async () => {
	const directory = temporaryDirectory();
	const store = join(directory, 'store');
	const native = join(directory, 'native');
	mkdirSync(store);
	mkdirSync(native);
	const ports = systemPorts({environment: {HOME: directory}, stateFolder: join(directory, 'state')});
	const target = {
		instance: {name: 'octoprint', kind: 'octoprint', dataFolder: join(directory, 'data')},
		store,
		keepFreeBytes: 0,
		restoreUnsupported: false,
	} as const;
	const catalog = createCatalog(target, native, ports);
	const changes: CatalogChange[] = [];
	catalog.subscribe(change => changes.push(change));
	return {
		store,
		native,
		catalog,
		changes,
		put: async (folder: string, key: string, at: number) => {
			const path = join(folder, key);
			await makeForeignArchive(path);
			utimesSync(path, at, at);
			return path;
		},
	};
};

test('lists the zip files of both folders, newest first, with their origin', async () => {
	const {store, native, catalog, put} = await setUp();
	await put(store, 'old.zip', 1000);
	await put(native, 'octoprint-backup-20261121-093000.zip', 3000);
	await put(store, 'With Blanks & Ümlaut.ZIP', 2000);
	await catalog.refresh();
	expect(catalog.list().map(({key, origin}) => [key, origin])).toEqual([
		['octoprint-backup-20261121-093000.zip', 'server'],
		['With Blanks & Ümlaut.ZIP', 'store'],
		['old.zip', 'store'],
	]);
	expect(catalog.list()[0]).toMatchObject({
		writtenBy: 'octoprint',
		kind: 'octoprint',
		serverVersion: '1.11.8',
		proof: 'crc32',
		health: {type: 'unverified'},
	});
});

test('a hidden file, a folder and another kind of file are no backups', async () => {
	const {store, catalog, put} = await setUp();
	await put(store, '.octoprint-backup.zip', 1000);
	await put(store, '.printkeep-part-0123.zip', 1000);
	mkdirSync(join(store, 'folder.zip'));
	writeFileSync(join(store, 'notes.txt'), 'x');
	await catalog.refresh();
	expect(catalog.list()).toEqual([]);
});

test('a bad file is listed with the reason', async () => {
	const {store, catalog} = await setUp();
	writeFileSync(join(store, 'broken.zip'), 'this is not a zip');
	await catalog.refresh();
	expect(catalog.list()).toHaveLength(1);
	expect(catalog.list()[0]?.health).toMatchObject({type: 'bad', error: {code: 'not-a-zip'}});
});

test('only what changed is told, whoever asked for the refresh', async () => {
	const {store, catalog, changes, put} = await setUp();
	await put(store, 'a.zip', 1000);
	await catalog.refresh();
	await catalog.refresh();
	expect(changes).toHaveLength(1);
	const path = await put(store, 'b.zip', 2000);
	await catalog.refresh();
	expect(changes.at(-1)).toMatchObject({upserted: [{key: 'b.zip'}], removed: []});
	renameSync(path, join(store, 'c.zip'));
	await catalog.refresh();
	expect(changes.at(-1)).toMatchObject({upserted: [{key: 'c.zip'}], removed: [{key: 'b.zip', origin: 'store'}]});
	rmSync(join(store, 'a.zip'));
	await catalog.refresh();
	expect(changes.at(-1)).toMatchObject({upserted: [], removed: [{key: 'a.zip', origin: 'store'}]});
	expect(catalog.revision()).toBe(4);
});

test('a backup counts as verified only while it is the file that was read', async () => {
	const {store, catalog, put} = await setUp();
	const path = await put(store, 'a.zip', 1000);
	await catalog.refresh();
	const bytes = catalog.list()[0]?.bytes ?? 0;
	await updateStoreIndex(systemDisk, store, 'aa', index => ({
		...index,
		verified: new Map([['store/a.zip', {at: 5, bytes, modified: '1000000000000'}]]),
	}));
	await catalog.refresh();
	expect(catalog.get('a.zip').health).toEqual({type: 'verified', at: 5});
	utimesSync(path, 2000, 2000);
	await catalog.refresh();
	expect(catalog.get('a.zip').health).toEqual({type: 'unverified'});
});

test('a key in both folders means the one in the store unless the origin is named', async () => {
	const {store, native, catalog, put} = await setUp();
	const path = await put(store, 'same.zip', 1000);
	copyFileSync(path, join(native, 'same.zip'));
	await catalog.refresh();
	expect(catalog.get('same.zip').origin).toBe('store');
	expect(catalog.get('same.zip', 'server').origin).toBe('server');
	expect(() => catalog.get('other.zip')).toThrowError(expect.objectContaining({code: 'not-found'}));
});

test('folders that do not exist are empty', async () => {
	const {store, native, catalog} = await setUp();
	rmSync(store, {recursive: true});
	rmSync(native, {recursive: true});
	await catalog.refresh();
	expect(catalog.list()).toEqual([]);
});
