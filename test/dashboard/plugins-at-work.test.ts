import {describe, expect, test} from 'vitest';
import {fittingLines} from '../../source/dashboard/components/header.js';
import {PrintkeepError} from '../../source/errors.js';
import {displayWidth} from '../../source/format/width.js';
import type {ScreenBlock} from '../../source/plugins/api.js';
import {jobCancelled, jobStarted} from '../helpers/job-events.js';
import {makeStoreInfo} from '../helpers/make-model.js';
import {aPlugin, aScreen, folderWithPlugins} from '../helpers/make-plugin.js';
import {type RenderOptions, renderApp} from '../helpers/render-app.js';
import {aBackup, createScriptedClient, type Script} from '../helpers/scripted-client.js';
import {waitFor} from '../helpers/wait-for.js';

const sizes = [
	[60, 15],
	[80, 24],
	[120, 40],
] as const;

type Given = Partial<Omit<RenderOptions, 'client'>> & {
	readonly answers?: Script['answers'];
	readonly more?: Readonly<Record<string, unknown>>;
};

const open = async (list: ReturnType<typeof aPlugin>[], {answers = {}, more = {}, ...options}: Given = {}) => {
	const folder = folderWithPlugins(list, {more});
	const client = createScriptedClient({
		backups: [aBackup(3)],
		answers: {
			'plugins.list': () => list,
			'plugins.reload': () => null,
			'plugins.finishWizard': () => null,
			'plugins.wizard': () => ({required: true, version: null}),
			'plugins.screen': ({plugin, screen}) => [{type: 'text', text: `${plugin} ${screen}`}],
			...answers,
		},
	});
	const app = await renderApp({client, folder, ...options});
	await waitFor('the plugins', () => app.dashboard.store.get().plugins.state === 'ready');
	const asked = (method: string) => client.calls.filter(call => call.method === method).map(({params}) => params);
	return {app, client, asked};
};

describe('lines in the header', () => {
	const many = Array.from({length: 20}, (_, index) =>
		aPlugin(`p${String(index).padStart(2, '0')}`, {screens: [aScreen('status', 's')]}),
	);

	test.each(sizes)('many of them take only what is free, at %ix%i', async (columns, rows) => {
		const {app} = await open(many, {
			columns,
			rows,
			answers: {
				'plugins.screen': ({plugin}) => [
					{type: 'text', text: plugin === 'p01' ? 'evil\u001b[2J\u202e' : `${plugin} 長い`, tone: 'ok'},
				],
			},
		});
		await app.shows('Last good backup');
		await waitFor('the lines', () => app.dashboard.store.get().plugins.lines.length === 20);
		const [header = ''] = (await app.screen()).split('\n');
		expect(displayWidth(header)).toBeLessThanOrEqual(columns);
		// What was there before is there as before.
		expect(header).toMatch(/^printkeep/u);
		expect(header).toContain('[1 Home] 2 Backups  3 Back up  4 Settings  5 Log');
		await expect(header).toMatchFileSnapshot(`../frames/plugin-status-${columns}x${rows}.txt`);
		expect(app.terminal.written()).not.toContain('\u{202E}');
	});

	test('never take more cells than there are', () => {
		const lines = ['one', '長い長い長い', 'x', 'three of them', ''].map(text => ({
			plugin: 'a',
			screen: 's',
			text,
			tone: 'plain' as const,
		}));
		for (let width = -5; width < 60; width++) {
			const cells = fittingLines(lines, width, '…').reduce((sum, {text}) => sum + displayWidth(text), 0);
			expect(cells).toBeLessThanOrEqual(Math.max(0, width));
		}

		expect(fittingLines(lines.slice(0, 2), 12, '…').map(({text}) => text)).toEqual(['  one']);
		expect(fittingLines(lines.slice(0, 2), 14, '…').map(({text}) => text)).toEqual(['  one', '  長い長…']);
	});

	test('change when a job begins and ends', async () => {
		let text = 'NAS idle';
		const {app, client} = await open([aPlugin('nas', {screens: [aScreen('status', 's')]})], {
			columns: 120,
			answers: {'plugins.screen': () => [{type: 'text', text}]},
		});
		await app.shows('NAS idle');
		text = 'NAS busy';
		client.emit(jobStarted());
		await app.shows('NAS busy');
		text = 'NAS done';
		client.emit(jobCancelled());
		await app.shows('NAS done');
	});

	test('nothing is written while nothing changes', async () => {
		const {app} = await open([aPlugin('nas', {screens: [aScreen('status', 's')]})], {columns: 120});
		await app.shows('nas s');
		await app.settle();
		const before = app.terminal.written().length;
		await app.dashboard.actions.refreshPlugins();
		await app.settle();
		expect(app.terminal.written().length).toBe(before);
	});

	test('the first frame and the keys do not wait for plugins', async () => {
		const {promise, resolve} = Promise.withResolvers<void>();
		const list = [aPlugin('slow')];
		const folder = folderWithPlugins(list);
		const client = createScriptedClient({
			backups: [aBackup(3)],
			answers: {
				'plugins.list': async () => {
					await promise;
					return list;
				},
			},
		});
		const app = await renderApp({client, folder});
		await app.shows('Last good backup');
		await app.press('M');
		await app.shows(/slow\.mjs +starting/u);
		await app.press('2');
		await app.shows('[2 Backups]');
		resolve();
		await app.press('M');
		await app.shows(/slow +1\.0\.0 +active/u);
	});
});

describe('a plugin that wants to be seen over everything', () => {
	const list = [aPlugin('alarm', {name: 'Alarm', screens: [aScreen('overlay', 'o', {title: 'Attention'})]})];
	const blocks: readonly ScreenBlock[] = [
		{type: 'text', text: 'The card of the printer reports errors.\u001b[2J', tone: 'error'},
		{type: 'actions', actions: [{title: 'Check it', command: 'check'}]},
	];

	test.each(sizes)('at %ix%i', async (columns, rows) => {
		const {app} = await open(list, {columns, rows, answers: {'plugins.screen': () => blocks}});
		await expect(await app.shows('reports errors')).toMatchFileSnapshot(
			`../frames/plugin-overlay-${columns}x${rows}.txt`,
		);
	});

	test('is closed by Esc or Enter, and comes back only with something else to say', async () => {
		let text = 'One';
		const {app, client, asked} = await open(list, {
			answers: {'plugins.screen': () => [{type: 'text', text}, ...blocks]},
		});
		await app.shows('Alarm: Attention');
		await app.press('Escape');
		await app.hides('Alarm: Attention');
		const before = asked('plugins.screen').length;
		client.emit(jobStarted());
		await waitFor('the next question', () => asked('plugins.screen').length > before);
		client.emit(jobCancelled());
		await app.settle();
		expect(await app.screen()).not.toContain('Alarm: Attention');
		text = 'Two';
		client.emit(jobStarted());
		await app.shows('Two');
		// What Enter was meant for before the dialog came does nothing here but close it.
		await app.press('Enter');
		await app.hides('Alarm: Attention');
		expect(asked('plugins.command')).toHaveLength(0);
	});

	test('what it offers is done when it was chosen', async () => {
		const {app, asked} = await open(list, {
			answers: {'plugins.screen': () => blocks, 'plugins.command': () => 'it is fine'},
		});
		await app.shows('› Close');
		await app.press('Down');
		await app.shows('› Check it');
		await app.press('Enter');
		await app.shows('Check it: it is fine');
		expect(asked('plugins.command')).toMatchObject([{command: 'check'}]);
		await app.press('Up');
		await app.shows('› Close');
		await app.press('Enter');
		await app.hides('Alarm');
	});

	test('waits while a dialog of the dashboard is open', async () => {
		let isEmpty = true;
		const {app, client} = await open(list, {answers: {'plugins.screen': () => (isEmpty ? [] : blocks)}});
		await app.shows('Last good backup');
		await app.press('?');
		await app.shows('Help: Home');
		isEmpty = false;
		client.emit(jobStarted());
		await waitFor('the dialog', () => app.dashboard.store.get().plugins.dialogs.length === 1);
		await app.settle();
		expect(await app.screen()).not.toContain('Alarm');
		await app.press('Escape');
		await app.shows('Alarm: Attention');
	});
});

describe('a plugin that has something to ask', () => {
	const steps = (mandatory = false) => [
		aScreen('wizard', 'second', {title: 'Second', order: 2}),
		aScreen('wizard', 'first', {title: 'First', order: 1, mandatory}),
	];
	const asking = (mandatory = false) =>
		aPlugin('nas', {name: 'NAS', abilities: ['wizard'], wizardVersion: 2, screens: steps(mandatory)});

	test.each(sizes)('at %ix%i', async (columns, rows) => {
		const {app} = await open([asking()], {
			columns,
			rows,
			answers: {
				'plugins.screen': () => [
					{type: 'text', text: 'Where are the copies to go?\u001b[2J'},
					{type: 'actions', actions: [{title: 'Look for places', command: 'look'}]},
				],
			},
		});
		await expect(await app.shows('Look for places')).toMatchFileSnapshot(`../frames/wizard-${columns}x${rows}.txt`);
	});

	test('is gone through step by step, forth and back; what was seen is kept', async () => {
		const {app, asked} = await open([asking()]);
		await app.shows('Setting up NAS: First, 1 of 2');
		await app.press('Enter');
		await app.shows('Setting up NAS: Second, 2 of 2');
		await app.press('Escape');
		await app.shows('1 of 2');
		await app.press('Enter', 'Enter');
		await app.shows('Last good backup');
		expect(asked('plugins.finishWizard')).toEqual([{plugin: 'nas', handled: true}]);
		expect(app.dashboard.settings.read().pluginWizards).toEqual({nas: 2});
	});

	test('is skipped as a whole', async () => {
		const {app, asked} = await open([asking()]);
		await app.shows('Setting up NAS');
		await app.press('j');
		await app.shows('› Skip all of this');
		await app.press('Enter');
		await app.shows('Last good backup');
		expect(asked('plugins.finishWizard')).toEqual([{plugin: 'nas', handled: false}]);
		expect(app.dashboard.settings.read().pluginWizards).toEqual({nas: 2});
	});

	test('is left for later with Esc, and found on the plugin’s page', async () => {
		const {app, asked} = await open([asking()]);
		await app.shows('Setting up NAS');
		await app.press('Escape');
		await app.shows('Last good backup');
		await app.press('2', '1');
		await app.shows('Last good backup');
		expect(asked('plugins.finishWizard')).toEqual([]);
		expect(app.dashboard.settings.read().pluginWizards).toEqual({});
		await app.press('M', 'Enter');
		await app.shows('› Set it up');
		await app.press('Enter');
		await app.shows('Setting up NAS');
	});

	test('a step that has to be done is not skipped; the plugin can be disabled all the same', async () => {
		let isOn = true;
		const {app} = await open([asking(true)], {
			answers: {
				'plugins.list': () => (isOn ? [asking(true)] : []),
				'plugins.reload': () => {
					isOn = false;
					return null;
				},
			},
		});
		expect(await app.shows('Setting up NAS: First')).not.toContain('Skip');
		await app.press('Escape');
		await app.shows('NAS has to be set up first');
		await app.press('2');
		await app.shows('Setting up NAS: First');
		await app.press('4');
		await app.shows('Setting');
		await app.press('M');
		await app.shows('› NAS');
		await app.press('Space');
		await app.shows('NAS is disabled');
		await app.press('1');
		await app.shows('Last good backup');
	});

	test('after the step that has to be done, the rest can be skipped', async () => {
		const {app} = await open([asking(true)]);
		await app.shows('Setting up NAS: First');
		await app.press('Enter');
		await app.shows('Skip all of this');
	});

	test('one that fails holds nobody up', async () => {
		const {app} = await open([asking(true)], {
			answers: {
				'plugins.screen': () => {
					throw new PrintkeepError('plugin-failed', 'The plugin nas failed: screen did not answer within 5 seconds.');
				},
			},
		});
		await app.shows('NAS does not answer');
		await app.shows('› Skip all of this');
		await app.press('Enter');
		await app.shows('Last good backup');
	});

	test.each([
		[{nas: 2}, false],
		[{nas: 3}, false],
		[{nas: 1}, true],
		[{nas: null}, true],
		[{}, true],
	])('seen before as %j: asked again %s', async (pluginWizards, isAsked) => {
		const {app, asked} = await open([asking()], {more: {pluginWizards}});
		if (isAsked) {
			await app.shows('Setting up NAS');
		} else {
			await app.shows('Last good backup');
			await app.settle();
			expect(asked('plugins.wizard')).toEqual([]);
			expect(await app.screen()).not.toContain('Setting up');
		}
	});

	test('in the first run it comes after printkeep’s own steps', async () => {
		const {app} = await open([asking()], {
			target: {},
			answers: {'store.info': () => makeStoreInfo(), 'parts.list': () => []},
		});
		await app.shows('Welcome to printkeep: 1 of 3');
		await app.shows('› octoprint');
		await app.settle();
		expect(await app.screen()).not.toContain('Setting up');
		await app.press('Enter');
		await app.shows('2 of 3');
		await app.press('Enter');
		await app.shows('3 of 3');
		await app.press('2');
		await app.shows('Setting up NAS: First, 1 of 2');
		await app.press('Enter', 'Enter');
		await app.shows('Last good backup');
	});
});

describe('a tab that is shown instead of a screen', () => {
	const list = [
		aPlugin('own', {name: 'Own', screens: [aScreen('tab', 'start', {title: 'My start', replaces: 'home'})]}),
	];

	test('V goes to the dashboard’s own and back', async () => {
		const {app} = await open(list);
		await app.shows('My start');
		await app.shows('own start');
		// Nothing of the screen that is not shown counts.
		expect(await app.shows('V original')).not.toContain('b back up');
		await app.press('V');
		await app.shows('Last good backup');
		await app.press('2', '1');
		await app.shows('Last good backup');
		await app.press('V');
		await app.shows('own start');
		// The keys of the whole dashboard count there too.
		await app.press('M');
		await app.shows('› Own');
	});

	test('when the plugin fails, the dashboard’s own is there', async () => {
		let isBroken = false;
		const {app} = await open(list, {
			answers: {
				'plugins.screen': () => {
					if (isBroken) {
						throw new PrintkeepError('plugin-failed', 'The plugin own failed: no');
					}

					return [{type: 'text', text: 'Mine'}];
				},
			},
		});
		await app.shows('Mine');
		isBroken = true;
		await app.press('R');
		await app.shows('Last good backup');
	});

	test('what is wrong with the print server is told all the same', async () => {
		const {app} = await open(list, {
			target: {basedir: '/gone'},
			answers: {
				'instances.inspect': () => {
					throw new PrintkeepError('missing-folder', 'There is no such folder.');
				},
			},
		});
		await app.shows('There is no such folder.');
		await app.settle();
		expect(await app.screen()).not.toContain('own start');
	});

	test('the settings and the plugins themselves are never replaced', async () => {
		const {app} = await open([
			aPlugin('own', {
				screens: ['settings', 'plugins', 'plugin', 'welcome'].map(replaces =>
					aScreen('tab', replaces, {title: `Fake ${replaces}`, replaces}),
				),
			}),
		]);
		await app.press('4');
		await app.shows('Kept in');
		await app.press('M');
		expect(await app.shows('State')).toContain('Named in');
	});
});

describe('colours and marks of plugins', () => {
	const list = [
		aPlugin('looks', {
			themes: [{name: 'dusk', tones: {accent: 'magenta', ok: '#00ff00'}}],
			symbols: [{name: 'arrows', symbols: {pointer: '»', ok: '👍'}}],
		}),
	];

	test('are chosen in the settings, used at once, and what cannot be used is in the log', async () => {
		const {app} = await open(list, {more: {symbols: 'looks/arrows'}});
		await app.press('2');
		await app.shows('» ');
		await app.press('5');
		await app.shows('» 2026-11-21 12:00  warning  The mark ok of the symbols looks/arrows is not one');
		await app.press('4');
		await app.shows('Setting');
		await app.press('G');
		for (let row = 0; row < 9 && !(await app.screen()).includes('» Theme'); row++) {
			await app.press('k');
		}

		await app.press('Enter');
		await app.shows('2  looks/dusk');
		await app.press('2');
		await app.shows('config set theme looks/dusk');
		expect(app.dashboard.settings.read().theme).toBe('looks/dusk');
		await app.press('5');
		await app.shows('wants #00ff00 for ok');
	});

	test('of a plugin that is not there, the usual ones are used', async () => {
		const {app} = await open(list, {more: {symbols: 'gone/arrows', theme: 'gone/dusk'}});
		await app.press('2');
		await app.shows('› ');
	});
});
