import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {Instance} from '../../../source/client/protocol.js';
import {storeFacts, storeRefusal} from '../../../source/dashboard/welcome-facts.js';
import {PrintkeepError} from '../../../source/errors.js';
import {nameFor} from '../../../source/settings/instance-name.js';
import {defaultInstanceSettings, defaultSettings} from '../../../source/settings/schema.js';
import {makeInstance, makeStoreInfo} from '../../helpers/make-model.js';
import {renderApp} from '../../helpers/render-app.js';
import {createScriptedClient, type Script} from '../../helpers/scripted-client.js';
import {partAnswers} from '../../helpers/scripted-parts.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

const second = makeInstance({
	name: 'mk4',
	dataFolder: '/home/pi/.octoprint-mk4',
	version: null,
	foundBy: 'unit octoprint-mk4.service',
	problems: ['Leftovers of an interrupted restore: \u001b[2J'],
});

const open = async (
	{found = [makeInstance(), second], ...answers}: Script['answers'] & {readonly found?: readonly Instance[]} = {},
	columns = 80,
	rows = 24,
	unicode = true,
) => {
	const folder = temporaryDirectory();
	const client = createScriptedClient({
		answers: {
			...partAnswers,
			'instances.find': () => ({
				found,
				unusable:
					found.length > 0
						? []
						: [{dataFolder: '/root/.octoprint', reason: 'it cannot be read.', hint: 'Run printkeep as its owner.'}],
			}),
			'instances.inspect': ({dataFolder, name = 'octoprint'}) => makeInstance({dataFolder, name}),
			...answers,
		},
	});
	const app = await renderApp({client, columns, rows, unicode, folder, target: {}});
	await app.shows('Welcome to printkeep');
	return {app, client, folder, kept: () => existsSync(join(folder, 'settings', 'settings.json'))};
};

/** The screen without the folder that is another one each time. */
const stable = (screen: string): string => screen.replaceAll(/\S*intkeep-test-\S*/gu, '/home/pi/...');

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('what was found at %ix%i', async (columns, rows) => {
	const {app} = await open({}, columns, rows);
	await expect(await app.shows(/2\.3 GB\n.*2\.3 GB/u)).toMatchFileSnapshot(
		`../../frames/welcome-${columns}x${rows}.txt`,
	);
});

test('in ASCII nothing else is written', async () => {
	const {app} = await open({}, 80, 24, false);
	expect(await app.shows('2.3 GB')).toMatch(/^[\x20-\x7e\n]*$/);
});

test('three steps, with a way back on each, and nothing written before the last', async () => {
	const {app, client, kept} = await open();
	await app.shows('octoprint');
	await app.press('Enter');
	await app.shows('2 of 3');
	expect(stable(await app.shows('On another disk than the data'))).toMatch(/Backup folder {2}\/home\/pi/);
	await app.press('Escape');
	await app.shows('1 of 3');
	await app.press('Enter');
	await app.shows('2 of 3');
	await app.press('Ctrl+u');
	await app.type('/mnt/usb/backups');
	await app.shows('12 GB free of 32 GB');
	await app.press('Enter');
	await expect(stable(await app.shows('3 of 3'))).toMatchFileSnapshot('../../frames/welcome-summary-80x24.txt');
	await app.press('3');
	await app.shows('2 of 3');
	await app.press('Enter');
	await app.shows('3 of 3');
	expect(kept()).toBe(false);
	expect(client.calls.filter(({method}) => method === 'backups.list' || method === 'job.start')).toEqual([]);
	await app.press('1');
	await app.shows('There is no backup yet');
	expect(app.dashboard.settings.read().instances.octoprint).toMatchObject({
		dataFolder: '/home/pi/.octoprint',
		store: '/mnt/usb/backups',
	});
	expect(client.calls.findLast(({method}) => method === 'job.start')?.params).toMatchObject({
		type: 'create',
		target: {store: '/mnt/usb/backups'},
	});
});

test('the usual folder is not written into the settings, and backing up can wait', async () => {
	const {app, client} = await open();
	await app.shows('octoprint');
	await app.press('Enter');
	await app.shows('On another disk');
	await app.press('Enter');
	await app.shows('3 of 3');
	await app.press('Down', 'Enter');
	await app.shows('Last good backup');
	expect(app.dashboard.settings.read().instances.octoprint).not.toHaveProperty('store');
	expect(client.calls.some(({method}) => method === 'job.start')).toBe(false);
});

test('the same disk is warned of; a folder that cannot be written is refused with why', async () => {
	const {app} = await open({
		'store.info': ({target}) =>
			makeStoreInfo({path: target.store, sameDevice: true, writable: !target.store.startsWith('/proc')}),
	});
	await app.shows('octoprint');
	await app.press('Enter');
	await expect(stable(await app.shows('On the same disk as the data'))).toMatchFileSnapshot(
		'../../frames/welcome-store-80x24.txt',
	);
	await app.press('Ctrl+u');
	await app.type('/proc/backups');
	await app.shows('This folder cannot be written.');
	await app.press('Enter');
	await app.shows('This folder cannot be written: choose another one.');
});

test('problems of an instance are shown, not obeyed', async () => {
	const {app} = await open();
	await app.shows('mk4');
	await app.press('j');
	await app.shows('Leftovers of an interrupted restore: \\x1b[2J');
});

test('with nothing found it says why, and offers a folder', async () => {
	const {app} = await open({
		found: [],
		'instances.inspect': ({dataFolder}) => {
			if (dataFolder !== '/srv/octo') {
				throw new PrintkeepError('no-instance', `There is no print server in ${dataFolder}.`, {
					hint: 'Look for config.yaml.',
				});
			}

			return makeInstance({dataFolder});
		},
	});
	await expect(await app.shows('Not usable: /root/.octoprint')).toMatchFileSnapshot(
		'../../frames/welcome-nothing-80x24.txt',
	);
	await app.press('Enter');
	await app.shows('Data folder  ~/.octoprint');
	await app.press('Enter');
	await app.shows('Look for config.yaml.');
	await app.press('Ctrl+u');
	await app.type('/srv/octo');
	await app.press('Enter');
	await app.shows('2 of 3');
	await app.shows('Of octoprint, /srv/octo');
});

test('with nothing found the demo is offered', async () => {
	let opened = 0;
	const client = createScriptedClient({answers: {'instances.find': () => ({found: [], unusable: []})}});
	const app = await renderApp({
		client,
		target: {},
		openDemo: () => {
			opened++;
		},
	});
	await app.shows('Look around with made-up data');
	await app.press('j', 'Enter');
	expect(opened).toBe(1);
});

test('facts about a folder', () => {
	expect(storeFacts(makeStoreInfo({exists: false})).map(({text}) => text)).toEqual([
		'12 GB free of 32 GB; the folder is made with the first backup',
		'On another disk than the data: good.',
	]);
	expect(storeRefusal(makeStoreInfo())).toBeUndefined();
	expect(storeRefusal(makeStoreInfo({exists: false, writable: false}))).toBeUndefined();
	expect(storeRefusal(makeStoreInfo({problem: 'The disk is read-only.'}))).toBe('The disk is read-only.');
});

test('an instance never takes the name of another one', () => {
	const own = {kind: 'octoprint', dataFolder: '/a', ...defaultInstanceSettings} as const;
	const settings = {...defaultSettings, instances: {octoprint: own, 'octoprint-2': {...own, dataFolder: '/b'}}};
	expect(nameFor(makeInstance({dataFolder: '/c'}), settings)).toBe('octoprint-3');
	expect(nameFor(makeInstance({dataFolder: '/a'}), settings)).toBe('octoprint');
});
