import {expect, test} from 'vitest';
import type {ArchiveEntryInfo, Holder} from '../../../source/client/protocol.js';
import {displayWidth} from '../../../source/format/width.js';
import {type RenderOptions, renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient, scriptedNow} from '../../helpers/scripted-client.js';

const backup = aBackup(3, {}, 'before-upgrade.zip');

const file = (path: string, changes: Partial<ArchiveEntryInfo> = {}): ArchiveEntryInfo => ({
	path,
	type: 'file',
	bytes: 1234,
	modifiedAt: scriptedNow - 86_400_000,
	files: 0,
	...changes,
});

const entries: readonly ArchiveEntryInfo[] = [
	file('printerProfiles', {type: 'directory', files: 2}),
	file('printerProfiles/ender3.profile'),
	file('printerProfiles/プリンター設定_とても長い名前です_とても長い名前です_とても長い名前です.profile'),
	file('uploads/evil\u001b[2J\u202egpj.gcode'),
	...Array.from({length: 300}, (_, index) => file(`uploads/part-${index}.gcode`)),
];

const open = async (options: Partial<RenderOptions> = {}, holder: Holder | null = null) => {
	const client = createScriptedClient({
		backups: [backup],
		answers: {
			'backups.watch': () => ({revision: 1, holder}),
			'backup.search': ({words, offset, limit}) => {
				const wanted = words.toLowerCase().split(/\s+/u);
				const found = entries.filter(({path}) => wanted.every(word => path.toLowerCase().includes(word)));
				return {items: found.slice(offset, offset + limit), total: found.length, offset};
			},
		},
	});
	const app = await renderApp({client, ...options});
	await app.shows('Last good backup');
	await app.press('f');
	await app.shows('In before-upgrade.zip');
	return {app, client};
};

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('finding at %ix%i', async (columns, rows) => {
	const {app} = await open({columns, rows});
	await expect(await app.screen()).toMatchFileSnapshot(`../../frames/find-empty-${columns}x${rows}.txt`);
	await app.type('profile');
	await app.shows('3 matches');
	await app.press('Enter', 'Down');
	const screen = await app.screen();
	await expect(screen).toMatchFileSnapshot(`../../frames/find-${columns}x${rows}.txt`);
	for (const line of screen.split('\n')) {
		expect(displayWidth(line)).toBeLessThanOrEqual(columns);
	}
});

test('letters are text, also those of keys; all words count', async () => {
	const {app} = await open();
	await app.type('rq PROFILE ender');
	await app.shows('No file of this backup has that');
	await app.press('Ctrl+u');
	await app.type('PROFILE ender');
	await app.shows('1 match');
	expect(app.exits).toEqual([]);
});

test('what is restored is what is selected, or marked', async () => {
	const {app, client} = await open();
	await app.type('profile');
	await app.shows('3 matches');
	await app.press('Enter', 'Down', 'r');
	await app.shows('Restore one entry of before-upgrade.zip');
	expect(client.calls.findLast(({method}) => method === 'job.start')?.params).toMatchObject({
		type: 'plan',
		files: ['printerProfiles/ender3.profile'],
	});
	await app.press('Escape');
	await app.shows('3 matches');
});

test('marks go to a restore together, and Esc clears them before it leaves', async () => {
	const {app, client} = await open();
	await app.type('profile');
	await app.shows('3 matches');
	await app.press('Enter', 'Down', 'Space', 'Space');
	await app.shows('2 entries marked');
	await app.press('r');
	await app.shows('Restore 2 entries');
	expect(client.calls.findLast(({method}) => method === 'job.start')?.params).toMatchObject({
		files: [entries[1]?.path, entries[2]?.path],
	});
	await app.press('Escape', 'Escape');
	await app.hides('marked');
	await app.shows('3 matches');
	await app.press('Escape');
	await app.shows('Last good backup');
});

test('of more than 200 it says that these are the first', async () => {
	const {app} = await open();
	await app.type('part');
	await app.shows('the first 200 of 300');
	await app.press('Enter', 'G');
	await app.shows('part-199.gcode');
});

test('hostile names are shown and not obeyed', async () => {
	const {app} = await open();
	await app.type('evil');
	await app.shows(String.raw`uploads/evil\x1b[2J\u{202e}gpj.gcode`);
	expect(app.terminal.written()).not.toContain('\u{202E}');
});

test('Down leaves the field for the list, / goes back to it', async () => {
	const {app} = await open();
	await app.type('profile');
	await app.shows('3 matches');
	await app.press('Down');
	await app.shows('›');
	await app.press('/');
	await app.type(' ender');
	await app.shows('1 match');
});

test('nothing selected says what to do', async () => {
	const {app} = await open();
	await app.press('Enter', 'r');
	await app.shows('Nothing is selected: type a part of the name first.');
});

test('looking is possible while another printkeep is at work; restoring says why not', async () => {
	const {app} = await open({}, {pid: 812, host: 'octopi', job: 'create', since: scriptedNow});
	await app.type('ender');
	await app.shows('1 match');
	await app.press('Enter', 'r');
	await app.shows('another printkeep (process 812)');
	await app.shows('In before-upgrade.zip');
});
