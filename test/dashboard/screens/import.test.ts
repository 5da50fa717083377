import {expect, test} from 'vitest';
import type {JobRequest} from '../../../source/client/protocol.js';
import {PrintkeepError} from '../../../source/errors.js';
import {renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient, type Script, scriptedNow} from '../../helpers/scripted-client.js';

const foreign = aBackup(
	30,
	{
		writtenBy: 'octoprint',
		proof: 'crc32',
		health: {type: 'unverified'},
		trigger: null,
		path: '/mnt/usb/octoprint backup.zip',
	},
	'octoprint backup.zip',
);

const folder = (name: string) => ({name, type: 'directory', bytes: 0, modifiedAt: scriptedNow}) as const;
const file = (name: string) => ({name, type: 'file', bytes: 12_000_000, modifiedAt: scriptedNow}) as const;

const tree: Readonly<Record<string, readonly ReturnType<typeof folder | typeof file>[]>> = {
	'/': [folder('mnt'), folder('日本語のフォルダー')],
	'/mnt': [folder('usb'), folder('empty')],
	'/mnt/usb': [file('evil\u001b[2J.zip'), file('octoprint backup.zip')],
	'/mnt/empty': [],
};

const answers: NonNullable<Script['answers']> = {
	'folder.list': ({directory}) => {
		const entries = tree[directory];
		if (!entries) {
			throw new PrintkeepError('missing-folder', `There is no folder ${directory}.`, {
				hint: 'Go up, or type another path.',
			});
		}

		const parent = directory.slice(0, directory.lastIndexOf('/')) || '/';
		return {directory, parent: directory === '/' ? null : parent, entries};
	},
	'backup.details': () => ({
		summary: foreign,
		printkeepVersion: null,
		dataFolder: null,
		parts: [],
		plugins: [],
		skipped: [],
		leftOut: [],
		folders: [],
		databases: [],
		proofText: 'Only the CRC-32 of the ZIP format.',
	}),
};

const open = async (script: Script = {}, columns = 80, rows = 24) => {
	const client = createScriptedClient({...script, answers: {...answers, ...script.answers}});
	const app = await renderApp({client, columns, rows});
	await app.shows('Last good backup');
	await app.press('i');
	await app.shows('mnt/');
	return {
		app,
		asked: () => client.calls.findLast(({method}) => method === 'job.start')?.params as JobRequest | undefined,
	};
};

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('picking a file at %ix%i', async (columns, rows) => {
	const {app} = await open({}, columns, rows);
	await expect(await app.screen()).toMatchFileSnapshot(`../../frames/import-${columns}x${rows}.txt`);
	await app.press('Enter', 'l');
	expect(await app.shows('/mnt/usb')).toContain('evil\\x1b[2J.zip');
	await app.press('j', 'Enter');
	await expect(await app.shows('Only the CRC-32')).toMatchFileSnapshot(
		`../../frames/import-check-${columns}x${rows}.txt`,
	);
});

test('in, out, empty, and the name that may be given', async () => {
	const {app, asked} = await open();
	await app.press('Enter');
	await app.shows('usb/');
	await app.press('j', 'Enter');
	await app.shows('There are no folders or ZIP files here.');
	await app.press('h');
	expect(await app.shows('usb/')).toMatch(/^› empty\//m);
	await app.press('k', 'Enter');
	await app.shows('octoprint backup.zip');
	await app.press('j', 'Enter');
	await app.shows("printkeep import '/mnt/usb/octoprint backup.zip' --as octoprint-b");
	await app.press('Enter');
	await app.shows('There is no backup yet');
	expect(asked()).toMatchObject({type: 'import', path: '/mnt/usb/octoprint backup.zip', as: 'octoprint-backup.zip'});
});

test('a name that is taken asks for another', async () => {
	const {app, asked} = await open({backups: [aBackup(1, {}, 'taken.zip')]});
	await app.press('Tab');
	await app.type('/mnt/usb/Taken.zip');
	await app.press('Enter');
	await app.shows('Taken-2.zip');
	await app.press('Ctrl+u');
	await app.type('TAKEN.zip');
	await app.shows('There is a backup of this name already');
	await app.press('Enter');
	expect(asked()).toBeUndefined();
	await app.press('Ctrl+u');
	await app.type('mine.zip');
	await app.press('Enter');
	await app.shows('Made by');
	expect(asked()).toMatchObject({type: 'import', as: 'mine.zip'});
});

test('a file that is no backup says why, and Esc goes back to the folder', async () => {
	const {app} = await open({
		answers: {
			'backup.details': () => {
				throw new PrintkeepError('not-a-zip', 'This is not a ZIP archive.', {hint: 'Pick another file.'});
			},
		},
	});
	await app.press('Tab');
	await app.type('/mnt/usb/octoprint backup.zip');
	await app.press('Enter');
	expect(await app.shows('Code: not-a-zip')).toContain('Pick another file.');
	await app.press('Escape');
	await app.shows('mnt/');
});

test('a folder that is not there says so, and typing finds another', async () => {
	const {app} = await open();
	await app.press('Tab');
	await app.type('nowhere');
	await app.press('Enter');
	await app.shows('There is no folder /nowhere.');
	await app.press('h');
	await app.shows('mnt/');
});
