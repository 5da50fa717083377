import {describe, expect, test} from 'vitest';
import {PrintkeepError} from '../../../source/errors.js';
import type {ScreenBlock} from '../../../source/plugins/api.js';
import {jobStarted} from '../../helpers/job-events.js';
import {aPlugin, aScreen, folderWithPlugins} from '../../helpers/make-plugin.js';
import {type RenderOptions, renderApp} from '../../helpers/render-app.js';
import {aBackup, createScriptedClient, type Script} from '../../helpers/scripted-client.js';
import {waitFor} from '../../helpers/wait-for.js';

const sizes = [
	[60, 15],
	[80, 24],
	[120, 40],
] as const;

const everyBlock: readonly ScreenBlock[] = [
	{type: 'text', text: 'Copies on the network storage', strong: true},
	{type: 'text', text: 'Every good backup is copied; a copy that is missing here is copied next time.'},
	{
		type: 'fields',
		fields: [
			{label: 'Place', value: 'nas.local:/volume1/printers'},
			{label: 'State', value: 'reachable', tone: 'ok'},
			{label: 'Last problem', value: 'timed out at 03:12', tone: 'warning'},
		],
	},
	{type: 'progress', label: 'Copying the newest', percent: 42.9},
	{
		type: 'table',
		columns: ['Copy', 'Size', 'State'],
		rows: [
			['octopi_octoprint-octoprint_20261121-090000z_manual.zip', '12 MB', 'done'],
			['ディスク交換前のバックアップ_とても長い名前です_最終版.zip', '48 MB', 'waiting'],
			['evil\u001b[2J\u202egpj.zip', '1 MB', '\u0007'],
		],
	},
	{
		type: 'actions',
		actions: [
			{title: 'Copy now', command: 'copy', data: {all: true}},
			{
				title: 'Forget all copies',
				command: 'forget',
				confirm: 'Really forget what lies on nas.local? The copies stay there.',
			},
		],
	},
];

const copies = aPlugin('copies', {
	name: 'Copies',
	version: '2.1.0',
	description: 'Copies every good backup to the network storage, and says when one is missing.',
	author: 'Somebody',
	hooks: ['afterBackup'],
	abilities: ['events', 'settings'],
	screens: [
		aScreen('tab', 'overview', {title: 'Network storage'}),
		aScreen('about', 'about'),
		aScreen('settings', 'place', {title: 'Where copies go'}),
	],
	commands: [
		{name: 'ping', description: 'Asks whether it is there', required: [], adminOnly: false},
		{name: 'fetch', description: 'Gets one back', required: ['name'], adminOnly: false},
	],
});

const evil = aPlugin(
	'evil',
	{name: 'ev\u001b[2Jil', description: 'turns\u202e the line', version: '\u0007'},
	{reason: ''},
);
const failing = aPlugin('failing', {}, {state: 'failed', reason: 'screen did not answer within 5 seconds.'});
const refused = {
	source: '/opt/plugins/open\u001bdoor.mjs',
	state: 'refused',
	reason: 'Its code is not run: /opt/plugins can be written by others.',
	description: null,
} as const;

const list = [copies, evil, failing, refused];

type Given = Partial<Omit<RenderOptions, 'client'>> & {readonly answers?: Script['answers']; readonly shown?: string};

const open = async ({answers = {}, shown = 'Last good backup', ...options}: Given = {}) => {
	const folder = folderWithPlugins(list, {off: ['builtin:resting']});
	const client = createScriptedClient({
		backups: [aBackup(3)],
		answers: {
			'plugins.list': () => list,
			'plugins.reload': () => null,
			'plugins.screen': ({screen}) =>
				screen === 'overview' ? everyBlock : [{type: 'text', text: `This is ${screen}.`}],
			'plugins.settings': () => ({
				host: 'nas.local',
				retries: 3,
				verify: true,
				folders: ['a', 'b'],
				deep: {token: null},
			}),
			...answers,
		},
	});
	const app = await renderApp({client, folder, ...options});
	await app.shows(shown);
	await waitFor('the plugins', () => app.dashboard.store.get().plugins.state === 'ready');
	const asked = (method: string) => client.calls.filter(call => call.method === method).map(({params}) => params);
	return {app, client, asked};
};

/** The screen without the folder that is another one each time. */
const stable = (screen: string): string => screen.replaceAll(/\/\S*printkeep-test-\S*/gu, '/home/pi/...');

describe('the list', () => {
	test.each(sizes)('at %ix%i', async (columns, rows) => {
		const {app} = await open({columns, rows});
		await app.press('M');
		await expect(stable(await app.shows('State'))).toMatchFileSnapshot(`../../frames/plugins-${columns}x${rows}.txt`);
		expect(app.terminal.written()).not.toContain('\u{202E}');
		expect(app.terminal.written()).not.toContain('\u{1B}[2Jil');
	});

	test('with ASCII symbols', async () => {
		const {app} = await open({unicode: false});
		await app.press('M');
		expect(await app.shows('State')).toMatch(/^[\x20-\x7e\n]*$/u);
	});

	test('is reached from the settings as well, and from there the sections of plugins', async () => {
		const {app} = await open();
		await app.press('4');
		await app.shows('Setting');
		await app.press('G');
		await app.shows('Where copies go');
		await app.press('Enter');
		await app.shows('This is place.');
		await app.press('Escape', 'k', 'Enter');
		await app.shows('Network storage');
		await app.press('Escape');
		await app.shows('Setting');
	});

	test('Space switches a plugin off and on, in the settings and in the thread', async () => {
		let isOn = true;
		const {app, asked} = await open({
			answers: {
				'plugins.list': () => (isOn ? list : list.slice(1)),
				'plugins.reload': () => {
					isOn = app.dashboard.settings.read().plugins[0]?.enabled ?? false;
					return null;
				},
			},
		});
		await app.press('M');
		await app.shows('› Copies');
		await app.press('Space');
		await app.shows('Copies is disabled');
		expect(app.dashboard.settings.read().plugins[0]).toEqual({source: copies.source, enabled: false});
		await app.shows(/› Copies +2\.1\.0 +off/u);
		await app.press('Space');
		await app.shows('Copies is enabled');
		expect(app.dashboard.settings.read().plugins[0]?.enabled).toBe(true);
		expect(asked('plugins.reload')).toHaveLength(2);
	});

	test('one that does not start says why; one that needs a restart says so', async () => {
		const restarting = aPlugin('copies', {name: 'Copies', needs: 'restart'});
		const {app} = await open({
			answers: {
				'plugins.list': () => [restarting, evil, failing, refused],
			},
		});
		await app.press('M');
		await app.shows('› Copies');
		await app.press('Space');
		await app.shows('Copies is disabled: quit printkeep and start it again');
		await app.shows(/› Copies .*restart/u);
		await app.press('j', 'j', 'j');
		await app.shows(/› open/u);
		await app.press('Space', 'Space');
		await app.shows('does not run: Its code is not run');
	});

	test('nothing is switched while a job runs', async () => {
		const {app, client, asked} = await open();
		client.emit(jobStarted());
		await app.press('M');
		await app.shows('› Copies');
		await app.press('Space');
		await app.shows('plugins may have a part in it');
		await app.press('R');
		expect(asked('plugins.reload')).toHaveLength(0);
	});

	test('is reached where there is no print server too, and left again', async () => {
		const {app} = await open({
			target: {basedir: '/gone'},
			shown: 'There is no such folder',
			answers: {
				'instances.inspect': () => {
					throw new PrintkeepError('missing-folder', 'There is no such folder.');
				},
			},
		});
		await app.press('M');
		await app.shows('› Copies');
		await app.press('Space');
		await app.shows('Copies is disabled');
		await app.press('Escape');
		await app.shows('There is no such folder');
	});

	test('what comes with printkeep is enabled with one key', async () => {
		const client = createScriptedClient({
			backups: [aBackup(3)],
			answers: {
				'plugins.reload': () => null,
				'plugins.list': () => [aPlugin('notify', {name: 'Notify'}, {source: 'builtin:notify'})],
			},
		});
		const app = await renderApp({client});
		await app.shows('Last good backup');
		await app.press('M');
		await app.shows('Tells you on the desktop');
		expect(client.calls.filter(({method}) => method.startsWith('plugins.'))).toEqual([]);
		await app.press('j');
		await app.shows('› notify');
		await app.press('Space');
		await app.shows('Notify is enabled');
		expect(app.dashboard.settings.read().plugins).toEqual([{source: 'builtin:notify', enabled: true}]);
		await app.shows(/› Notify +1\.0\.0 +active/u);
	});
});

describe('the page of a plugin', () => {
	test.each(sizes)('at %ix%i', async (columns, rows) => {
		const {app} = await open({columns, rows});
		await app.press('M', 'Enter');
		await app.shows('This is about');
		await expect(stable(await app.screen())).toMatchFileSnapshot(`../../frames/plugin-${columns}x${rows}.txt`);
	});

	test('settings are changed in place; what the plugin refuses is said', async () => {
		const changes: unknown[] = [];
		let host = 'nas.local';
		const {app} = await open({
			answers: {
				'plugins.settings': () => ({host, retries: 3, verify: true}),
				'plugins.change': ({changes: wanted}) => {
					changes.push(...wanted);
					if (wanted[0]?.value === 'bad') {
						throw new PrintkeepError('plugin-failed', 'The plugin copies failed: no such host');
					}

					host = String(wanted[0]?.value);
					return {};
				},
			},
		});
		await app.press('M', 'Enter');
		await app.shows('host');
		await app.press('j', 'j');
		await app.shows('› host');
		await app.press('Enter', 'Ctrl+u');
		await app.type('bad');
		await app.press('Enter');
		await app.shows('no such host');
		await app.press('Ctrl+u');
		await app.type('other');
		await app.press('Enter');
		await app.shows(/› host +other/u);
		await app.press('j', 'Enter', 'Ctrl+u');
		await app.type('many');
		await app.press('Enter');
		await app.shows('“many” is not a number.');
		await app.press('Ctrl+u');
		await app.type('5');
		await app.press('Enter');
		await app.hides('is not a number');
		await app.press('j', 'Enter');
		await app.shows('yes (now)');
		await app.press('2');
		await app.hides('yes (now)');
		expect(changes).toEqual([
			{path: ['host'], value: 'bad'},
			{path: ['host'], value: 'other'},
			{path: ['retries'], value: 5},
			{path: ['verify'], value: false},
		]);
	});

	test('commands without parameters are run, the others are shown as they are typed', async () => {
		const {app, asked} = await open({answers: {'plugins.command': () => 'it is there'}, rows: 40});
		await app.press('M', 'Enter');
		await app.shows('printkeep plugin copies fetch name=...');
		await app.press('Shift+Tab');
		await app.shows('› ping');
		await app.press('Enter');
		await app.shows('ping: Asks whether it is there: it is there');
		expect(asked('plugins.command')).toMatchObject([{plugin: 'copies', command: 'ping', data: {}}]);
	});

	test('one that was refused says why', async () => {
		const {app} = await open();
		await app.press('M', 'j', 'j', 'j', 'j', 'Enter');
		await app.shows('Its code is not run: /opt/plugins can be written by others.');
	});
});

describe('a screen that a plugin declares', () => {
	test.each(sizes)('at %ix%i', async (columns, rows) => {
		const {app} = await open({columns, rows});
		await app.press('M', 'j', 'Enter');
		await app.shows('Place');
		await expect(await app.screen()).toMatchFileSnapshot(`../../frames/plugin-screen-${columns}x${rows}.txt`);
		if (rows < 24) {
			await app.press('G');
			await expect(await app.screen()).toMatchFileSnapshot(`../../frames/plugin-screen-end-${columns}x${rows}.txt`);
		}

		expect(app.terminal.written()).not.toContain('\u{202E}');
		expect(app.terminal.written()).not.toContain('\u{1B}[2J\\');
	});

	test('with ASCII symbols', async () => {
		const {app} = await open({unicode: false});
		await app.press('M', 'j', 'Enter');
		// Names are shown as they are.
		expect((await app.shows('Place')).replaceAll(/[ぁ-んァ-ヶー一-龠]/gu, '')).toMatch(/^[\x20-\x7e\n]*$/u);
	});

	test('an action is run with what it was declared with, and the screen is asked again', async () => {
		let asked = 0;
		const {app, client} = await open({
			answers: {
				'plugins.screen': () => {
					asked++;
					return [...everyBlock.slice(5), {type: 'text', text: `Asked ${asked} times`}];
				},
				'plugins.command': () => ({copied: 3, to: 'nas.local', evil: '\u001b[2J'}),
			},
		});
		await app.press('M', 'j', 'Enter');
		await app.shows('› Copy now');
		const before = asked;
		await app.press('Enter');
		// Several lines are a dialog.
		await app.shows('copied: 3');
		await app.shows('evil: \\x1b[2J');
		expect(client.calls.findLast(({method}) => method === 'plugins.command')?.params).toMatchObject({
			plugin: 'copies',
			command: 'copy',
			data: {all: true},
			target: {store: '/srv/backups'},
		});
		await app.press('Escape');
		await app.shows(`Asked ${before + 1} times`);
	});

	test('one with a question is run only after a yes; Enter alone cancels', async () => {
		const {app, asked} = await open({answers: {'plugins.command': () => null}});
		await app.press('M', 'j', 'Enter', 'Tab');
		await app.shows('› Forget all copies');
		await app.press('Enter');
		await expect(await app.shows('Really forget')).toMatchFileSnapshot('../../frames/plugin-confirm-80x24.txt');
		await app.press('Enter');
		await app.hides('Really forget');
		expect(asked('plugins.command')).toHaveLength(0);
		await app.press('Enter', 'Right', 'Enter');
		await app.shows('Forget all copies: done');
		expect(asked('plugins.command')).toMatchObject([{command: 'forget'}]);
	});

	test('one that does not answer says so, with the keys that help, and is asked again', async () => {
		let isSilent = true;
		const {app} = await open({
			answers: {
				'plugins.screen': () => {
					if (isSilent) {
						throw new PrintkeepError(
							'plugin-failed',
							'The plugin copies failed: screen did not answer within 5 seconds.',
						);
					}

					return [{type: 'text', text: 'Here again'}];
				},
			},
		});
		await app.press('M', 'j', 'Enter');
		await app.shows('Copies does not answer');
		await app.shows('M lists the plugins');
		isSilent = false;
		await app.press('R');
		await app.shows('Here again');
	});

	test('five thousand rows scroll like a few', async () => {
		const rows = Array.from({length: 5000}, (_, row) => [`file-${row}.gcode`, '長い'.repeat(30), '\u001b[31mred']);
		const {app} = await open({
			answers: {'plugins.screen': () => [{type: 'table', columns: ['Name', 'Wide', 'Evil'], rows}]},
		});
		await app.press('M', 'j', 'Enter');
		await app.shows('file-0.gcode');
		await app.press('G');
		await app.shows('file-4999.gcode');
		const started = performance.now();
		await app.press('PageUp', 'PageUp', 'g', 'j');
		await app.shows('file-1.gcode');
		expect(performance.now() - started).toBeLessThan(2000);
		expect(app.terminal.written()).not.toContain('\u{1B}[31mred');
	});

	test('while it is asked again, what was there stays', async () => {
		let answer: (() => void) | undefined;
		let isFirst = true;
		const {app} = await open({
			answers: {
				'plugins.screen': async () => {
					if (!isFirst) {
						await new Promise<void>(resolve => {
							answer = resolve;
						});
						return [{type: 'text', text: 'Second'}];
					}

					isFirst = false;
					return [{type: 'text', text: 'First'}];
				},
			},
		});
		await app.press('M', 'j', 'Enter');
		await app.shows('First');
		await app.press('R');
		await app.shows('First');
		await waitFor('the second question', () => answer !== undefined);
		answer?.();
		await app.shows('Second');
	});
});
