import {describe, expect, test} from 'vitest';
import type {BackupSummary} from '../../../source/client/protocol.js';
import {type RenderOptions, renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient} from '../../helpers/scripted-client.js';

const damaged = aBackup(
	30,
	{
		health: {
			type: 'bad',
			error: {code: 'archive-truncated', message: 'The archive ends in the middle of a file.', hint: 'Delete it.'},
		},
		trigger: null,
	},
	'damaged.zip',
);

const backups: readonly BackupSummary[] = [
	aBackup(3, {note: 'before the new nozzle'}),
	aBackup(
		20,
		{health: {type: 'unverified'}, origin: 'server', writtenBy: 'octoprint', trigger: null},
		'octoprint-backup-20261120.zip',
	),
	damaged,
	aBackup(50, {pinned: true, trigger: 'preupgrade'}),
	aBackup(
		99,
		{health: {type: 'partial', reason: '2 files could not be read.'}},
		'ディスク交換前のバックアップ_とても長い名前です_最終版.zip',
	),
];

const open = async (options: Partial<RenderOptions> = {}, list = backups) => {
	const client = createScriptedClient({backups: list});
	const app = await renderApp({client, ...options});
	await app.shows('Last good backup');
	await app.press('2');
	return {app, client};
};

const rowOf = (screen: string): string => screen.split('\n').find(row => row.startsWith('›')) ?? '';

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('at %ix%i', async (columns, rows) => {
	const {app} = await open({columns, rows});
	await expect(await app.shows('When')).toMatchFileSnapshot(`../../frames/backups-${columns}x${rows}.txt`);
});

test('in ASCII the marks are ASCII', async () => {
	const {app} = await open({unicode: false}, backups.slice(0, 4));
	const screen = await app.shows('When');
	await expect(screen).toMatchFileSnapshot('../../frames/backups-ascii.txt');
	expect(screen).toMatch(/^[\x20-\x7e\n]*$/u);
});

test('a bad one says why in its row, and more when it is selected', async () => {
	const {app} = await open();
	expect(await app.screen()).toContain('✗ The archive is cut off');
	await app.press('j', 'j');
	expect(await app.screen()).toContain('The archive ends in the middle of a file. Delete it.');
});

describe('the list is live', () => {
	test('a new backup appears on top, and the selection stays where it was', async () => {
		const {app, client} = await open();
		await app.press('j', 'j', 'j');
		const before = rowOf(await app.screen());
		const added = aBackup(0.1, {}, 'new.zip');
		client.emit({type: 'catalog-changed', store: '/srv/backups', revision: 2, upserted: [added], removed: []});
		const screen = await app.shows('new.zip');
		expect(screen.split('\n')[2]).toContain('new.zip');
		expect(rowOf(screen)).toBe(before);
	});

	test('when the selected one vanishes, the next one is selected', async () => {
		const {app, client} = await open();
		await app.press('j', 'j');
		client.emit({
			type: 'catalog-changed',
			store: '/srv/backups',
			revision: 2,
			upserted: [],
			removed: [{key: 'damaged.zip', origin: 'store'}],
		});
		const screen = await app.hides('cut off');
		expect(rowOf(screen)).toContain('upgrade');
	});
});

describe('the filter', () => {
	test('takes all words, counts, is kept by Enter and cleared by Esc', async () => {
		const {app} = await open();
		await app.press('/');
		await app.type('OCTOPI nozzle');
		await app.shows('Filter: OCTOPI nozzle|   1 of 5');
		await app.press('Enter');
		expect(await app.shows('Filter: OCTOPI nozzle  1 of 5  (Esc clears it)')).not.toContain('upgrade');
		await app.press('Escape');
		expect(await app.shows('upgrade')).not.toContain('Filter');
	});

	test('survives leaving and coming back', async () => {
		const {app} = await open();
		await app.press('/');
		await app.type('pinned');
		await app.press('Enter', '1');
		await app.shows('Last good backup');
		await app.press('2');
		await app.shows('1 of 5');
	});

	test('its letters are text, and an empty result says how to get out', async () => {
		const {app} = await open();
		await app.press('/');
		await app.type('qd?1');
		await app.shows('Filter: qd?1|   0 of 5');
		await app.shows('Nothing matches.');
		expect(app.exits).toEqual([]);
		await app.press('Escape');
		await app.shows('upgrade');
	});
});

describe('deleting', () => {
	test('names the backup, date, size and what remains; Enter alone cancels', async () => {
		const {app, client} = await open();
		await app.press('d');
		const screen = await app.shows('Delete this backup?');
		await expect(screen).toMatchFileSnapshot('../../frames/delete-80x24.txt');
		await app.press('Enter');
		await app.hides('Delete this backup?');
		expect(client.calls.some(({method}) => method === 'job.start')).toBe(false);
	});

	test('is done by choosing it', async () => {
		const {app, client} = await open();
		await app.press('d', 'Right', 'Enter');
		await app.hides('Delete this backup?');
		expect(client.calls.at(-1)).toMatchObject({
			method: 'job.start',
			params: {type: 'delete', keys: [backups[0]?.key], allowPinned: false},
		});
	});

	test('a pinned one needs its name typed; a wrong one says what is expected', async () => {
		const {app, client} = await open();
		await app.press('j', 'j', 'j', 'd');
		await app.shows('Type this to confirm');
		await app.type('no');
		await app.press('Enter');
		await app.shows('It must be exactly the text above.');
		expect(client.calls.some(({method}) => method === 'job.start')).toBe(false);
		await app.press('Ctrl+u');
		await app.type(backups[3]?.key ?? '');
		await app.press('Enter');
		await app.hides('Type this');
		expect(client.calls.at(-1)).toMatchObject({params: {type: 'delete', allowPinned: true}});
	});

	test('several at once need a text typed, and letters are text there', async () => {
		const {app, client} = await open();
		await app.press('Space');
		await app.press('j', 'Space');
		expect(await app.shows('2 marked')).toContain('›');
		await app.press('d');
		await app.shows('Delete 2 backups');
		await app.type('delete 2 backups');
		expect(app.exits).toEqual([]);
		await app.press('Enter');
		await app.hides('Type this');
		expect(client.calls.at(-1)).toMatchObject({params: {type: 'delete', keys: [backups[0]?.key, 'damaged.zip']}});
	});

	test('what the print server keeps is not deleted: the key says why', async () => {
		const {app} = await open();
		await app.press('j', 'd');
		await app.shows('kept by the print server itself');
	});
});

test('an empty store is one sentence and the key that fixes it', async () => {
	const {app} = await open({}, []);
	await app.shows('There is no backup yet. Press b to make the first one.');
});

test('verify works on what is marked', async () => {
	const {app, client} = await open();
	await app.press('Space', 'Space', 'v');
	await app.settle();
	expect(client.calls.at(-1)).toMatchObject({
		method: 'job.start',
		params: {
			type: 'verify',
			sources: [{key: backups[0]?.key}, {key: 'octoprint-backup-20261120.zip', origin: 'server'}],
		},
	});
});
