/** A plugin that cannot be asked is not passed over in silence: a job says so, or is not begun. */
import {chmodSync, existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, expect, test} from 'vitest';
import type {JobFinished} from '../helpers/engine-client.js';
import {makePluginEngine, type PluginEngine} from '../helpers/plugin-engine.js';
import {bundlePluginProgram, type PluginProgram} from '../helpers/plugin-host.js';
import {makeTemporaryDirectory, removeDirectory} from '../helpers/temporary.js';

let program: PluginProgram;

beforeAll(async () => {
	const folder = makeTemporaryDirectory();
	program = await bundlePluginProgram(folder);
	return () => removeDirectory(folder);
});

/** What a backup says about plugins. */
const notesOf = ({result}: JobFinished): readonly string[] =>
	result?.type === 'create' ? result.notes.filter(note => note.startsWith('The plugin ')) : [];

const archives = ({store}: PluginEngine): readonly string[] =>
	existsSync(store) ? readdirSync(store).filter(name => name.endsWith('.zip')) : [];

test('a hook may say no as often as it likes, and is asked each time', async () => {
	const engine = makePluginEngine(
		program,
		{strict: `hooks: {beforeBackup(what) { note('asked'); if (what.note !== 'yes') { throw new Error('not now'); } }}`},
		{pluginPolicy: 'abort'},
	);
	for (let count = 1; count <= 5; count++) {
		expect(await engine.create()).toMatchObject({outcome: 'failed', error: {code: 'plugin-failed'}});
		expect(engine.notes()).toHaveLength(count);
	}

	expect(await engine.create({note: 'yes'})).toMatchObject({outcome: 'done'});
	expect(archives(engine)).toHaveLength(1);
});

test('one that is not asked any more ends each backup, or is told of in it, as the policy says', async () => {
	const plugins = {
		stuck: `hooks: {beforeBackup: () => never()}, timeLimits: {beforeBackup: 0.2}`,
		good: `hooks: {beforeBackup: () => note('asked')}`,
	};
	const strict = makePluginEngine(program, plugins, {pluginPolicy: 'abort'});
	expect(await strict.create()).toMatchObject({outcome: 'failed'});
	expect(await strict.create()).toMatchObject({
		outcome: 'failed',
		error: {
			code: 'plugin-failed',
			message: 'The plugin stuck is not asked any more: beforeBackup did not answer within 0.2 seconds.',
		},
	});
	expect([archives(strict), strict.notes()]).toEqual([[], []]);

	const usual = makePluginEngine(program, plugins);
	expect(notesOf(await usual.create())).toEqual([
		'The plugin stuck failed: beforeBackup did not answer within 0.2 seconds.',
	]);
	expect(notesOf(await usual.create())).toEqual([
		'The plugin stuck is not asked any more: beforeBackup did not answer within 0.2 seconds.',
	]);
	expect(notesOf(await makePluginEngine(program, plugins, {pluginPolicy: 'ignore'}).create())).toEqual([]);
	expect(usual.notes()).toEqual(['good asked', 'good asked']);
});

test('one that could not be loaded counts as one that fails; one without hooks does not matter', async () => {
	const plugins = {open: `hooks: {beforeBackup: () => note('asked')}`};
	const strict = makePluginEngine(program, plugins, {pluginPolicy: 'abort'});
	const usual = makePluginEngine(program, plugins);
	for (const {folder} of [strict, usual]) {
		chmodSync(join(folder, 'open.mjs'), 0o666);
	}

	const said =
		/^The plugin .*open\.mjs was not loaded: Its code is not run: .*open\.mjs can be written by everybody\. Put that right with: chmod go-w .*open\.mjs$/u;
	expect(await strict.create()).toMatchObject({outcome: 'failed', error: {message: expect.stringMatching(said)}});
	expect(archives(strict)).toEqual([]);
	expect(notesOf(await usual.create())).toEqual([expect.stringMatching(said)]);
	expect([...strict.notes(), ...usual.notes()]).toEqual([]);

	const mute = makePluginEngine(
		program,
		{mute: `onEvent: () => never(), timeLimits: {onEvent: 0.1}`, last: `onEvent() {}`},
		{pluginPolicy: 'abort'},
	);
	expect(await mute.create()).toMatchObject({outcome: 'done'});
	await expect.poll(() => mute.events.some(({type}) => type === 'plugin-failed')).toBe(true);
	const again = await mute.create();
	expect([again.outcome, notesOf(again)]).toEqual(['done', []]);
});
