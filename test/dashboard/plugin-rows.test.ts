import {expect, test} from 'vitest';
import {pluginRows} from '../../source/dashboard/plugin-rows.js';
import {builtInPlugins, builtInSummaries} from '../../source/plugins/built-in/registry.js';
import {noPlugins, reducePlugins} from '../../source/state/plugins-model.js';
import {aPlugin, aScreen} from '../helpers/make-plugin.js';

const builtIns = {'builtin:one': 'Does one thing.', 'builtin:two': 'Does another.'};

test('those of the settings come first, each with its tabs; then what comes along and is not named there', () => {
	const list = [
		aPlugin('a', {name: 'A', screens: [aScreen('tab', 't', {title: 'Tab'}), aScreen('status', 's')]}),
		aPlugin('b', {screens: [aScreen('tab', 't')]}, {state: 'failed', reason: 'It broke.'}),
	];
	const state = reducePlugins(noPlugins, {type: 'plugins-loaded', list});
	const rows = pluginRows(
		[
			{source: '/opt/plugins/a.mjs', enabled: true},
			{source: '/opt/plugins/b.mjs', enabled: true},
			{source: '/opt/plugins/c/index.mjs', enabled: true},
			{source: 'builtin:two', enabled: false},
		],
		state,
		builtIns,
	);
	expect(rows.map(row => (row.type === 'tab' ? `  ${row.title}` : `${row.name} ${row.state}: ${row.about}`))).toEqual([
		'A active: What a does',
		'  Tab',
		'b failed: It broke.',
		'c starting: /opt/plugins/c/index.mjs',
		'two off: Does another.',
		'one off: Does one thing.',
	]);
	expect(new Set(rows.map(({key}) => key)).size).toBe(rows.length);
});

test('what was switched off keeps its name', () => {
	const state = reducePlugins(noPlugins, {type: 'plugins-loaded', list: [aPlugin('a', {name: 'A'})]});
	const [row] = pluginRows(
		[{source: '/opt/plugins/a.mjs', enabled: false}],
		reducePlugins(state, {type: 'plugins-loaded', list: []}),
		{},
	);
	expect(row).toMatchObject({name: 'A', state: 'off', version: '1.0.0'});
});

test('what comes along is described as it describes itself', async () => {
	const own = await Promise.all(
		Object.entries(builtInPlugins).map(async ([source, load]) => [
			source,
			((await load()).plugin as {readonly description: string}).description,
		]),
	);
	expect(Object.fromEntries(own)).toEqual(builtInSummaries);
});
