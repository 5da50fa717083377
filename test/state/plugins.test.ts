import {describe, expect, test} from 'vitest';
import {PrintkeepError} from '../../source/errors.js';
import {resolvePaths} from '../../source/settings/paths.js';
import {defaultSettings} from '../../source/settings/schema.js';
import {createActions} from '../../source/state/actions.js';
import {initialModel} from '../../source/state/model.js';
import {replacementOf, screensOfType, statusLine} from '../../source/state/plugin-screens.js';
import {isWizardIgnored, wizardCandidates} from '../../source/state/plugin-wizards.js';
import {noPlugins, openDialog, type PluginDialog, reducePlugins} from '../../source/state/plugins-model.js';
import {createStore} from '../../source/state/store.js';
import {jobCancelled, jobStarted} from '../helpers/job-events.js';
import {aPlugin, aScreen} from '../helpers/make-plugin.js';
import {createScriptedClient, type Script} from '../helpers/scripted-client.js';
import {waitFor} from '../helpers/wait-for.js';

describe('a wizard that was seen', () => {
	test.each([
		[null, null, true],
		[1, 1, true],
		[null, 3, true],
		[2, 3, true],
		[3, 2, false],
		[1, null, false],
		[null, undefined, false],
		[1, undefined, false],
	])('of version %s, seen as %s: ignored %s', (current, seen, isIgnored) => {
		expect(isWizardIgnored(current, seen)).toBe(isIgnored);
	});

	test('only plugins that have one, with steps, and work are asked', () => {
		const wizard = {abilities: ['wizard'], screens: [aScreen('wizard', 'first')]};
		const list = [
			aPlugin('new', {...wizard, wizardVersion: 2}),
			aPlugin('known', {...wizard, wizardVersion: 2}),
			aPlugin('stepless', {abilities: ['wizard']}),
			aPlugin('broken', wizard, {state: 'failed'}),
			aPlugin('constructor', wizard),
		];
		expect(wizardCandidates(list, {known: 2})).toEqual([
			{plugin: 'new', version: 2},
			{plugin: 'constructor', version: null},
		]);
	});
});

describe('screens', () => {
	const list = [
		aPlugin('late', {order: {screens: 5}, screens: [aScreen('tab', 'a'), aScreen('tab', 'b', {order: -1})]}),
		aPlugin('early', {screens: [aScreen('tab', 'c', {replaces: 'home'}), aScreen('status', 's')]}),
		aPlugin('other', {screens: [aScreen('tab', 'd', {replaces: 'home'}), aScreen('tab', 'e', {replaces: 'settings'})]}),
		aPlugin('away', {screens: [aScreen('tab', 'f', {order: -9})]}, {state: 'failed'}),
	];

	test('come by their own order, then by that of their plugins', () => {
		expect(screensOfType(list, 'tab').map(({name}) => name)).toEqual(['b', 'c', 'd', 'e', 'a']);
		expect(screensOfType(list, 'status').map(({plugin, pluginName}) => [plugin, pluginName])).toEqual([
			['early', 'early'],
		]);
	});

	test('the first one replaces; where plugins are switched off is never replaced', () => {
		expect(replacementOf(list, 'home')?.name).toBe('c');
		for (const screen of ['settings', 'plugins', 'plugin', 'welcome', 'wizard', 'plan', 'details', 'log']) {
			expect(replacementOf(list, screen)).toBeUndefined();
		}
	});

	test('a line for the header is the first piece that is one', () => {
		expect(statusLine([])).toBeNull();
		expect(
			statusLine([
				{type: 'text', text: ' '},
				{type: 'text', text: 'up\nand more', tone: 'ok'},
			]),
		).toEqual({
			text: 'up',
			tone: 'ok',
		});
		expect(statusLine([{type: 'fields', fields: [{label: 'NAS', value: 'off', tone: 'error'}]}])).toEqual({
			text: 'NAS off',
			tone: 'error',
		});
		expect(statusLine([{type: 'progress', label: 'Copy', percent: 41.9}])?.text).toBe('Copy 41%');
		expect(statusLine([{type: 'table', columns: ['a'], rows: []}])).toBeNull();
	});
});

describe('what is known of plugins', () => {
	const dialog = (text: string): PluginDialog => ({
		plugin: 'a',
		screen: 'x',
		title: 'A',
		blocks: [{type: 'text', text}],
	});

	test('what has not changed stays the same object, so that nothing is drawn', () => {
		const list = [aPlugin('a')];
		const first = reducePlugins(noPlugins, {type: 'plugins-loaded', list});
		expect(reducePlugins(first, {type: 'plugins-loaded', list: [aPlugin('a')]}).list).toBe(first.list);
		const event = () =>
			({
				type: 'plugin-screens',
				lines: [{plugin: 'a', screen: 's', text: 'up', tone: 'ok'}],
				dialogs: [dialog('hello')],
			}) as const;
		const second = reducePlugins(first, event());
		expect(reducePlugins(second, event())).toBe(second);
	});

	test('a dialog that was closed comes back with other content only', () => {
		let state = reducePlugins(noPlugins, {type: 'plugin-screens', lines: [], dialogs: [dialog('one')]});
		expect(openDialog(state)).toEqual(dialog('one'));
		state = reducePlugins(state, {type: 'plugin-dialog-closed', dialog: dialog('one')});
		expect(openDialog(state)).toBeUndefined();
		state = reducePlugins(state, {type: 'plugin-screens', lines: [], dialogs: [dialog('two')]});
		expect(openDialog(state)).toEqual(dialog('two'));
	});

	test('with a plugin that is gone, goes what it had to say', () => {
		let state = reducePlugins(noPlugins, {type: 'plugins-loaded', list: [aPlugin('a')]});
		state = reducePlugins(state, {
			type: 'plugin-screens',
			lines: [{plugin: 'a', screen: 's', text: 'up', tone: 'ok'}],
			dialogs: [dialog('one')],
		});
		state = reducePlugins(state, {type: 'plugin-wizards', wizards: [{plugin: 'a', version: null}]});
		state = reducePlugins(state, {type: 'plugins-loaded', list: [aPlugin('a', {}, {state: 'failed'})]});
		expect([state.lines, state.dialogs, state.wizards]).toEqual([[], [], []]);
	});
});

const setUp = (answers: NonNullable<Script['answers']>, names: readonly string[] = ['/opt/plugins/a.mjs']) => {
	const client = createScriptedClient({answers});
	const store = createStore(
		initialModel({...defaultSettings, plugins: names.map(source => ({source, enabled: true}))}),
	);
	const actions = createActions({
		client,
		store,
		clock: {now: () => 0, monotonic: () => 0},
		paths: resolvePaths({environment: {}, homeDirectory: '/home/pi'}),
	});
	const asked = (method: string): number => client.calls.filter(call => call.method === method).length;
	return {client, store, actions, asked};
};

describe('asking plugins', () => {
	const withStatus = aPlugin('a', {screens: [aScreen('status', 's'), aScreen('overlay', 'o')]});

	test('nothing is asked where no plugin is named', async () => {
		const {actions, client} = setUp({}, []);
		await actions.loadPlugins();
		expect(client.calls).toEqual([]);
	});

	test('the list, the header and dialogs are asked for at the start, and when a job begins and ends', async () => {
		let jobs = 0;
		const {actions, client, store} = setUp({
			'plugins.list': () => [withStatus],
			'plugins.screen': ({screen}) => (screen === 's' ? [{type: 'text', text: `asked ${++jobs}`}] : []),
		});
		await actions.loadPlugins();
		expect(store.get().plugins).toMatchObject({state: 'ready', lines: [{text: 'asked 1'}], dialogs: []});
		client.emit(jobStarted());
		await waitFor('the next answer', () => store.get().plugins.lines[0]?.text === 'asked 2');
		client.emit(jobCancelled());
		await waitFor('the next answer', () => store.get().plugins.lines[0]?.text === 'asked 3');
	});

	test('while they are asked, asking again makes one more round, not many', async () => {
		const answers: (() => void)[] = [];
		const {actions, asked} = setUp({
			'plugins.list': () => [aPlugin('a', {screens: [aScreen('status', 's')]})],
			'plugins.screen': async () =>
				new Promise(resolve => {
					answers.push(() => resolve([]));
				}),
		});
		const loading = actions.loadPlugins();
		await waitFor('the first question', () => answers.length === 1);
		const more = Promise.all([actions.refreshPlugins(), actions.refreshPlugins(), actions.refreshPlugins()]);
		answers[0]?.();
		await waitFor('the second question', () => answers.length === 2);
		answers[1]?.();
		await Promise.all([loading, more]);
		expect(asked('plugins.screen')).toBe(2);
	});

	test('a plugin that fails is one line in the log; the others have theirs in the header', async () => {
		const {actions, client, store, asked} = setUp({
			'plugins.list': () => [
				aPlugin('bad', {screens: [aScreen('status', 's')]}),
				aPlugin('good', {screens: [aScreen('status', 's')]}),
			],
			'plugins.screen': ({plugin}) => {
				if (plugin === 'bad') {
					throw new PrintkeepError('plugin-failed', 'The plugin bad failed: no');
				}

				return [{type: 'text', text: 'fine'}];
			},
		});
		await actions.loadPlugins();
		expect(store.get().plugins.lines.map(({plugin}) => plugin)).toEqual(['good']);
		expect(store.get().toast).toBeNull();
		client.emit({type: 'plugin-failed', plugin: 'bad', reason: 'no', at: 1});
		await waitFor('the list', () => asked('plugins.list') === 2);
		expect(asked('plugins.screen')).toBe(2);
		expect(store.get().log.map(({text}) => text)).toEqual(['The plugin bad failed: no']);
	});

	test('a list that cannot be read is told where it is shown, not as a crash', async () => {
		const {actions, store} = setUp({
			'plugins.list': () => {
				throw new PrintkeepError('failed', 'No.');
			},
		});
		await actions.loadPlugins();
		expect(store.get().plugins).toMatchObject({state: 'failed', error: {message: 'No.'}});
	});

	test('a command that fails is told as a message', async () => {
		const {actions, store} = setUp({
			'plugins.command': ({command}) => {
				if (command === 'bad') {
					throw new PrintkeepError('plugin-failed', 'The plugin a failed: no');
				}

				return {sent: true};
			},
		});
		expect(await actions.pluginCommand('a', 'good', {})).toEqual({type: 'answer', value: {sent: true}});
		expect(await actions.pluginCommand('a', 'bad', {})).toMatchObject({type: 'failed', error: {code: 'plugin-failed'}});
		expect(store.get().toast).toMatchObject({level: 'error', text: 'The plugin a failed: no'});
	});

	test('plugins that have something to ask are found, those that were answered are not asked', async () => {
		const wizard = {abilities: ['wizard'], screens: [aScreen('wizard', 'w')]};
		const {actions, store} = setUp({
			'plugins.list': () => [aPlugin('a', wizard), aPlugin('b', {...wizard, wizardVersion: 1}), aPlugin('c', wizard)],
			'plugins.wizard': ({plugin}) => ({required: plugin !== 'a', version: null}),
			'plugins.finishWizard': () => null,
		});
		await actions.loadPlugins();
		expect(store.get().plugins.wizards).toEqual([
			{plugin: 'b', version: 1},
			{plugin: 'c', version: null},
		]);
		await actions.wizardDone('b', true);
		expect(store.get().plugins.wizards).toEqual([{plugin: 'c', version: null}]);
	});
});
