import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {expect, test} from 'vitest';
import {makeDatabase} from '../../helpers/sqlite.js';
import {newScene} from './scene.js';

test('a database nobody changed counts as kept, although copying it rewrote fields of its header', async () => {
	const scene = newScene();
	makeDatabase(join(scene.instance.dataFolder, 'data/quiet.db'), 3000);
	const plan = await scene.plan(await scene.create());
	// The live database of the instance has rows in its write-ahead log only: its file differs, and the log leaves.
	expect(plan.counts).toMatchObject({added: 0, changed: 1, removed: 1});
});

test('a database with one changed value counts as changed', async () => {
	const scene = newScene();
	const path = join(scene.instance.dataFolder, 'data/quiet.db');
	makeDatabase(path, 3000);
	const before = (await scene.plan(await scene.create())).counts.changed;
	const archive = await scene.create();
	const database = new DatabaseSync(path);
	database.exec("UPDATE spools SET material = 'ABS' WHERE id = 1500");
	database.close();
	expect((await scene.plan(archive)).counts.changed).toBe(before + 1);
});
