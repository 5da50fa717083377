import {expect, test} from 'vitest';
import type {ArchiveEntryInfo, BackupDetails, BackupSummary} from '../../../source/client/protocol.js';
import {type RenderOptions, renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient, type Script, scriptedNow} from '../../helpers/scripted-client.js';

const backup = aBackup(3, {note: 'before the upgrade'}, 'octopi_octoprint-octoprint_20261121-080000z_manual.zip');

const details = (summary: BackupSummary = backup): BackupDetails => ({
	summary,
	printkeepVersion: '0.1.0',
	dataFolder: '/home/pi/.octoprint',
	parts: [
		{
			name: 'config',
			title: 'Configuration, users and printer profiles',
			state: 'included',
			reason: '',
			files: 14,
			bytes: 210_000,
			externalSource: null,
		},
		{
			name: 'uploads',
			title: 'G-code files and models',
			state: 'included',
			reason: '',
			files: 200,
			bytes: 47_000_000,
			externalSource: '/mnt/usb/uploads',
		},
		{
			name: 'timelapse',
			title: 'Timelapse videos',
			state: 'excluded',
			reason: '',
			files: 0,
			bytes: 0,
			externalSource: null,
		},
		{
			name: 'logs',
			title: 'Log files',
			state: 'never',
			reason: 'They grow without bound',
			files: 0,
			bytes: 0,
			externalSource: null,
		},
	],
	plugins: [{key: 'octolapse', name: 'Octolapse', url: 'https://example.org/octolapse', version: '0.4.2'}],
	skipped: [{path: 'uploads/\u001b[2Jlocked.gcode', reason: 'permission was denied'}],
	leftOut: [{path: 'data/octolapse/t\u001b[2Jmp', plugin: 'octolapse', reason: 'The plugin Octolapse leaves it out.'}],
	folders: [
		{path: 'uploads', files: 200, bytes: 47_000_000},
		{path: 'data', files: 3, bytes: 900_000},
	],
	databases: [{path: 'data/printhistory.db', tables: 4, rows: 1234}],
	proofText: 'A SHA-256 over all bytes, and one for each file: any changed bit is found.',
});

const entry = (path: string, changes: Partial<ArchiveEntryInfo> = {}): ArchiveEntryInfo => ({
	path,
	type: 'file',
	bytes: 1_234_000,
	modifiedAt: scriptedNow,
	files: 0,
	...changes,
});

const tree: Readonly<Record<string, readonly ArchiveEntryInfo[]>> = {
	'': [
		entry('uploads', {type: 'directory', bytes: 47_000_000, files: 200}),
		entry('virtualSd', {type: 'directory', bytes: 0, files: 0}),
		entry('config.yaml', {bytes: 12_000}),
	],
	uploads: Array.from({length: 450}, (_, index) => entry(`uploads/part-${String(index).padStart(3, '0')}.gcode`)),
	virtualSd: [],
};

const answers: NonNullable<Script['answers']> = {
	'backup.details': () => details(),
	'backup.entries': ({directory, offset, limit}) => {
		const items = tree[directory] ?? [];
		return {items: items.slice(offset, offset + limit), total: items.length, offset};
	},
};

const open = async (options: Partial<RenderOptions> = {}, more: Script = {}) => {
	const client = createScriptedClient({backups: [backup], ...more, answers: {...answers, ...more.answers}});
	const app = await renderApp({client, ...options});
	await app.shows('Last good backup');
	await app.press('2', 'Enter');
	return {app, client};
};

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('about a backup at %ix%i', async (columns, rows) => {
	const {app} = await open({columns, rows});
	await app.shows('Made ');
	await expect(await app.shows('Made ')).toMatchFileSnapshot(`../../frames/details-${columns}x${rows}.txt`);
});

test('scrolls to the plugins, and shows hostile names escaped', async () => {
	const {app} = await open();
	await app.shows('Made ');
	await app.press('G');
	const screen = await app.shows('Octolapse 0.4.2');
	expect(screen).toContain('uploads/\\x1b[2Jlocked.gcode: permission was denied');
	await app.press('g');
	await app.shows('before the upgrade');
});

test('files: in, out with the cursor where it was, and marks for an export', async () => {
	const {app} = await open();
	await app.shows('Made ');
	await app.press('Tab');
	await expect(await app.shows('config.yaml')).toMatchFileSnapshot('../../frames/details-files-80x24.txt');
	await app.press('Enter');
	await app.shows('/uploads  450 entries');
	await app.press('G');
	await app.shows('part-449.gcode');
	await app.press('Space', 'h');
	await app.shows('/  3 entries');
	expect(await app.shows('1 entry marked')).toMatch(/^›~uploads\//m);
	await app.press('j', 'l');
	await app.shows('This folder is empty');
	await app.press('Left', 'e');
	expect(app.dashboard.router.get().overlays.at(-1)).toMatchObject({type: 'export', files: ['uploads/part-449.gcode']});
});

test('what a marked folder covers says why it cannot be unmarked', async () => {
	const {app} = await open();
	await app.shows('Made ');
	await app.press('Tab');
	await app.shows('config.yaml');
	await app.press('Space', 'k', 'l');
	await app.shows('part-000.gcode');
	await app.press('Space');
	await app.shows('The folder above is marked');
});

test('a damaged one says why and what to do, and cannot be restored', async () => {
	const bad = aBackup(3, {
		health: {
			type: 'bad',
			error: {code: 'archive-truncated', message: 'The end of the archive is missing.', hint: 'Delete it.'},
		},
	});
	const {app} = await open(
		{},
		{
			backups: [bad],
			answers: {
				'backup.details': () => {
					throw Object.assign(new Error('The end of the archive is missing.'), {
						name: 'PrintkeepError',
						code: 'archive-truncated',
						hint: 'Delete it.',
					});
				},
			},
		},
	);
	expect(await app.shows('Code: archive-truncated')).toContain('Delete it.');
	await app.press('r');
	await app.shows('This backup cannot be used');
});

test('a backup that another program removes says so', async () => {
	const {app, client} = await open();
	await app.shows('Made ');
	client.emit({
		type: 'catalog-changed',
		store: '/srv/backups',
		revision: 2,
		upserted: [],
		removed: [{key: backup.key, origin: 'store'}],
	});
	await app.shows('This backup is not there any more. Esc goes back');
	await app.press('Escape');
	await app.shows('There is no backup yet');
});
