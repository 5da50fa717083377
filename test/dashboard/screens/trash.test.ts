import {expect, test} from 'vitest';
import type {TrashItem} from '../../../source/client/protocol.js';
import {type RenderOptions, renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient, scriptedNow} from '../../helpers/scripted-client.js';

const day = 86_400_000;

const item = (id: string, changes: Partial<TrashItem> = {}): TrashItem => ({
	id,
	key: `octopi_octoprint-octoprint_2026111${id}-090000z_manual.zip`,
	bytes: 12_400_000,
	deletedAt: scriptedNow - Number(id) * day,
	expiresAt: scriptedNow + (7 - Number(id)) * day,
	createdAt: null,
	note: '',
	...changes,
});

const items: readonly TrashItem[] = [
	item('1'),
	item('2', {key: 'ディスク交換前のバックアップ_とても長い名前です_最終版.zip'}),
	item('3', {key: 'evil\u001b[2J\u202egpj.zip', expiresAt: null}),
	item('4', {expiresAt: scriptedNow - day, deletedAt: 0}),
];

const open = async (options: Partial<RenderOptions> = {}, list = items) => {
	const client = createScriptedClient({
		backups: [aBackup(3)],
		answers: {'trash.list': () => ({items: list, bytes: 0, days: 7})},
	});
	const app = await renderApp({client, ...options});
	await app.shows('Last good backup');
	await app.press('T');
	const started = () => client.calls.findLast(({method}) => method === 'job.start')?.params;
	return {app, client, started};
};

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('the trash at %ix%i', async (columns, rows) => {
	const {app} = await open({columns, rows});
	await expect(await app.shows('Goes for good')).toMatchFileSnapshot(`../../frames/trash-${columns}x${rows}.txt`);
	expect(app.terminal.written()).not.toContain('\u{202E}');
});

test('an empty one is a sentence and a key', async () => {
	const {app} = await open({}, []);
	await app.shows('The trash is empty: what d deletes in the list comes here. Esc goes back.');
	await app.press('Escape');
	await app.shows('Last good backup');
});

test('z brings back the selected one, or those that are marked', async () => {
	const {app, started} = await open();
	await app.shows('Goes for good');
	await app.press('j', 'z');
	expect(started()).toMatchObject({type: 'trash-restore', ids: ['2']});
	await app.press('Space', 'Space');
	await app.shows('2 marked');
	await app.press('z');
	expect(started()).toMatchObject({type: 'trash-restore', ids: ['2', '3']});
});

test('one is deleted for good by choosing it; Enter alone cancels', async () => {
	const {app, started} = await open();
	await app.shows('Goes for good');
	await app.press('d');
	expect(await app.shows('Delete 1 backup for good?')).toContain('printkeep trash empty 1');
	await app.press('Enter');
	await app.hides('for good?');
	expect(started()).toBeUndefined();
	await app.press('d', 'Right', 'Enter');
	await app.hides('for good?');
	expect(started()).toMatchObject({type: 'trash-empty', ids: ['1']});
});

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('everything goes only when it is typed, at %ix%i', async (columns, rows) => {
	const {app, started} = await open({columns, rows});
	await app.shows('Goes for good');
	await app.press('D');
	await expect(await app.shows('Type this to confirm')).toMatchFileSnapshot(
		`../../frames/empty-trash-${columns}x${rows}.txt`,
	);
	await app.type('delete 3 for good');
	await app.press('Enter');
	await app.shows('That is not it');
	expect(started()).toBeUndefined();
	await app.press('Ctrl+u');
	await app.type('delete 4 for good');
	await app.press('Enter');
	await app.hides('Type this');
	expect(started()).toMatchObject({type: 'trash-empty', ids: ['1', '2', '3', '4']});
});
