/** Every screen on a terminal without colours and without Unicode: no colour sequences, nothing but ASCII. */
import {expect, test} from 'vitest';
import type {Leftover} from '../../source/client/protocol.js';
import {settingKeys} from '../../source/settings/keys.js';
import {makeInstance, makePart, makeParts} from '../helpers/make-model.js';
import {type RenderedApp, renderApp} from '../helpers/render-app.js';
import {aBackup, createScriptedClient, scriptedNow} from '../helpers/scripted-client.js';
import {partAnswers} from '../helpers/scripted-parts.js';

const backup = aBackup(3, {pinned: true}, 'before-upgrade.zip');

const leftovers: readonly Leftover[] = (
	['partial-archive', 'stale-lock', 'interrupted-restore', 'stage', 'server-partial', 'server-rollback'] as const
).map(type => ({id: type, type, path: `/srv/${type}`, bytes: 1, explanation: 'It’s left “over”…', remedy: 'clean'}));

const open = async (target?: Readonly<Record<string, never>>): Promise<RenderedApp> =>
	renderApp({
		unicode: false,
		color: false,
		...(target ? {target} : {}),
		client: createScriptedClient({
			backups: [
				backup,
				aBackup(4, {health: {type: 'bad', error: {code: 'not-a-zip', message: 'It’s no ZIP.', hint: ''}}}, 'bad.zip'),
			],
			status: {leftovers},
			answers: {
				...partAnswers,
				'parts.list': () => [
					...makeParts(),
					makePart({name: 'webcam', inclusion: 'excluded', reason: 'They’re large…'}),
				],
				'instances.find': () => ({found: [makeInstance()], unusable: []}),
				'backup.details': () => ({
					summary: backup,
					printkeepVersion: '0.1.0',
					dataFolder: '/home/pi/.octoprint',
					parts: [
						{
							name: 'logs',
							title: 'Log files',
							state: 'never',
							reason: 'They’re large…',
							files: 0,
							bytes: 0,
							externalSource: null,
						},
					],
					plugins: [],
					skipped: [{path: 'a', reason: 'it’s gone'}],
					leftOut: [],
					folders: [{path: 'uploads', files: 1, bytes: 1}],
					databases: [],
					proofText: 'SHA-256 – of everything.',
				}),
				'backup.entries': ({offset}) => ({
					items: [{path: 'uploads', type: 'directory', bytes: 1, modifiedAt: scriptedNow, files: 1}],
					total: 1,
					offset,
				}),
				'folder.list': ({directory}) => ({
					directory,
					parent: null,
					entries: [{name: 'old', type: 'directory', bytes: 0, modifiedAt: scriptedNow}],
				}),
			},
		}),
	});

const expectPlain = async (app: RenderedApp): Promise<void> => {
	expect(await app.screen()).toMatch(/^[\x20-\x7e\n]*$/);
	expect(app.terminal.written()).not.toMatch(/\u001b\[[0-9;:]*m/);
};

test.each([
	['home', [], 'Last good backup'],
	['the list', ['2'], 'Made by'],
	['a part', ['3', 'G'], 'Usually left out'],
	['a backup', ['2', 'Enter'], 'SHA-256'],
	['its files', ['2', 'Enter', 'Tab'], 'uploads/'],
	['a bad backup', ['2', 'j', 'Enter'], 'bad.zip'],
	['export', ['2', 'e'], 'As a command'],
	['deleting', ['2', 'd'], 'before-upgrade.zip'],
	['import', ['i'], 'old/'],
	['leftovers', ['X'], 'left behind by an earlier run'],
	['the log', ['5'], 'Events'],
	['help', ['2', '?'], 'Help'],
] as const)('%s', async (_name, keys, text) => {
	const app = await open();
	await app.shows('Last good backup');
	await app.press(...keys);
	await app.shows(text);
	await expectPlain(app);
});

test('the first run', async () => {
	const app = await open({});
	await app.shows('2.3 GB');
	await expectPlain(app);
	await app.press('Enter');
	await app.shows('On another disk');
	await expectPlain(app);
	await app.press('Enter');
	await app.shows('3 of 3');
	await expectPlain(app);
});

test('every setting and its editor', async () => {
	const app = await open();
	await app.shows('Last good backup');
	await app.press('4');
	for (const {title} of settingKeys) {
		await app.shows(`> ${title}`);
		await expectPlain(app);
		await app.press('Enter');
		await expectPlain(app);
		await app.press('Escape', 'j');
	}
});
