import {expect, test} from 'vitest';
import {exportCommand} from '../../../source/dashboard/overlays/export.js';
import {PrintkeepError} from '../../../source/errors.js';
import {renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient, type Script} from '../../helpers/scripted-client.js';

const backup = aBackup(3, {}, 'before-upgrade.zip');
const source = {type: 'backup', key: backup.key, origin: 'store'} as const;

const open = async (files: readonly string[] = [], answers: Script['answers'] = {}, columns = 80, rows = 24) => {
	const client = createScriptedClient({backups: [backup], answers});
	const app = await renderApp({client, columns, rows});
	await app.shows('Last good backup');
	await app.press('5');
	app.dashboard.router.openOverlay({type: 'export', source, files});
	await app.shows('Export');
	return {app, asked: () => client.calls.findLast(({method}) => method === 'job.start')?.params};
};

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('at %ix%i', async (columns, rows) => {
	const {app} = await open([], {}, columns, rows);
	await expect(await app.shows('As a command')).toMatchFileSnapshot(`../../frames/export-${columns}x${rows}.txt`);
});

test('the whole backup goes where it is told', async () => {
	const {app, asked} = await open();
	await app.press('Ctrl+u');
	await app.type('/mnt/usb stick/');
	await app.shows("printkeep export before-upgrade.zip '/mnt/usb stick'");
	await app.press('Enter');
	await app.hides('As a command');
	expect(asked()).toMatchObject({type: 'export', source, destination: '/mnt/usb stick', parts: [], files: []});
});

test('with marks it asks what; digits choose', async () => {
	const {app, asked} = await open(['uploads', 'config.yaml']);
	await expect(await app.shows('1  Only the 2 marked entries')).toMatchFileSnapshot(
		'../../frames/export-what-80x24.txt',
	);
	await app.press('1');
	await app.shows('as a small ZIP.');
	await app.press('Ctrl+u');
	await app.type('/tmp/some.zip');
	await app.press('Enter');
	await app.hides('As a command');
	expect(asked()).toMatchObject({destination: '/tmp/some.zip', files: ['uploads', 'config.yaml']});
});

test('a refusal is said where the path was typed, and can be corrected', async () => {
	const {app} = await open([], {
		'job.start': () => {
			throw new PrintkeepError('busy', 'A restore is running.', {hint: 'Wait for it.'});
		},
	});
	await app.press('Enter');
	const screen = await app.shows('A restore is running. Wait for it.');
	expect(screen).toContain('To ');
	await app.press('Escape');
	await app.hides('As a command');
});

test('an empty destination is not taken for the root', async () => {
	const {app, asked} = await open();
	await app.press('Ctrl+u', 'Enter');
	await app.shows('Type a folder, or the file to write.');
	expect(asked()).toBeUndefined();
});

test('the command names files and a foreign origin', () => {
	expect(exportCommand({...source, origin: 'server'}, '/tmp', ["it's"])).toBe(
		String.raw`printkeep export before-upgrade.zip /tmp --file 'it'\''s' --origin server`,
	);
});
