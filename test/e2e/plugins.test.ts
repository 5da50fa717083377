import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {makeInstance} from '../helpers/make-instance.js';
import {canOpenTerminals, openTerminal, printkeepCommand} from '../helpers/terminal.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

/** A plugin that counts backups, in a file; it is asked in the header, on a tab, by a command, and once in the beginning. */
const counter = (file: string): string => `
import {appendFileSync, existsSync, readFileSync} from 'node:fs';
import {definePlugin} from 'printkeep/plugin';

const file = ${JSON.stringify(file)};
const count = () => (existsSync(file) ? readFileSync(file, 'utf8').length : 0);

export default definePlugin({
	apiVersion: 1,
	id: 'counter',
	name: 'Counter',
	version: '1.2.3',
	description: 'Counts backups.',
	hooks: {afterBackup: ({error}) => { if (!error) appendFileSync(file, '1'); }},
	commands: {add: {run: () => { appendFileSync(file, '1'); return \`there are \${count()} now\`; }}},
	screens: [
		{type: 'status', name: 'line', title: 'Line', content: () => [{type: 'text', text: \`count \${count()}\\u001b[2J\`}]},
		{
			type: 'tab',
			name: 'counts',
			title: 'Counts',
			content: ({instance}) => [
				{type: 'fields', fields: [{label: 'Of', value: instance?.name ?? '?'}, {label: 'So far', value: String(count())}]},
				{type: 'actions', actions: [{title: 'Add one', command: 'add'}]},
			],
		},
	],
});
`;

/** Nothing of it ever comes back. */
const silent = `
export default {
	apiVersion: 1,
	id: 'silent',
	name: 'Silent',
	screens: [{type: 'tab', name: 'tab', title: 'Silence', content: () => { for (;;); }}],
};
`;

const setUp = (plugins: Readonly<Record<string, string>>) => {
	const root = temporaryDirectory();
	const home = join(root, 'home');
	const {dataFolder} = makeInstance(root);
	const settings = join(home, '.config/printkeep/settings.json');
	mkdirSync(join(home, '.config/printkeep'), {recursive: true, mode: 0o700});
	const entries = Object.entries(plugins).map(([name, text]) => {
		const source = join(root, name);
		writeFileSync(source, text, {mode: 0o600});
		return {source, enabled: true};
	});
	writeFileSync(settings, JSON.stringify({plugins: entries}), {mode: 0o600});
	const terminal = openTerminal({home});
	terminal.run(printkeepCommand(['--basedir', dataFolder, '--store', join(root, 'store')]));
	const isOn = (): readonly boolean[] =>
		(JSON.parse(readFileSync(settings, 'utf8')) as {plugins: readonly {enabled: boolean}[]}).plugins.map(
			({enabled}) => enabled,
		);
	return {root, terminal, isOn};
};

describe.runIf(canOpenTerminals())('plugins in the dashboard', () => {
	test('one is seen in the header, its tab opened, its action run, a backup counted, and it is disabled', async () => {
		const counts = join(temporaryDirectory(), 'counts');
		const {terminal, isOn} = setUp({'counter.mjs': counter(counts)});
		// What would clear the screen is cut off or shown, never obeyed.
		await terminal.waitFor(/^printkeep \S+ +count 0\\?[^\n]*1 Home/u);
		await terminal.waitFor('Last good backup');

		terminal.press('M');
		await terminal.waitFor(/› Counter +1\.2\.3 +active +Counts backups\./u);
		terminal.press('Down', 'Enter');
		await terminal.waitFor(/Counts {2}Counter[\s\S]*So far +0[\s\S]*› Add one/u);
		terminal.press('Enter');
		await terminal.waitFor('Add one: there are 1 now');
		await terminal.waitFor(/So far +1/u);
		await terminal.waitFor(/^printkeep \S+ +count 1/u);
		expect(readFileSync(counts, 'utf8')).toBe('1');

		terminal.press('1', 'b');
		await terminal.waitFor('Enter start');
		terminal.press('Enter');
		await terminal.waitFor('Backed up: ', {timeout: 30_000});
		await terminal.waitFor(/^printkeep \S+ +count 2/u);

		terminal.press('M');
		await terminal.waitFor(/› Counter/u);
		terminal.press('Space');
		await terminal.waitFor('Counter is disabled');
		await terminal.waitFor(/› Counter +1\.2\.3 +off/u);
		expect(terminal.screen()).not.toContain('count 2');
		expect(isOn()).toEqual([false]);

		terminal.press('q');
		expect(await terminal.waitForExit()).toBe(0);
		expect(terminal.flags()).toEqual({alternateScreen: false, cursorVisible: true});
	});

	test('one that loops without end costs its own screen; keys go on, the others answer, and it can be disabled', async () => {
		const {terminal, root, isOn} = setUp({
			'silent.mjs': silent,
			'counter.mjs': counter(join(temporaryDirectory(), 'c')),
		});
		await terminal.waitFor(/^printkeep \S+ +count 0/u);
		terminal.press('M');
		await terminal.waitFor(/› Silent[\s\S]*Silence/u);
		terminal.press('Down', 'Enter');
		await terminal.waitFor('Asking Silent...');
		// The keys of the dashboard count all the while.
		terminal.press('?');
		await terminal.waitFor('Help: Plugin');
		terminal.press('Escape');
		await terminal.waitFor('Silent does not answer', {timeout: 20_000});
		terminal.press('Escape');
		await terminal.waitFor(/Silent +failed +(?:It kept the plugin thread busy|screen did not answer)/u);
		terminal.press('g', 'Space');
		await terminal.waitFor('Silent is disabled');
		expect(isOn()).toEqual([false, true]);
		terminal.press('Down', 'Down', 'Enter');
		await terminal.waitFor(/So far +0/u);
		expect(existsSync(join(root, 'store'))).toBe(false);
		terminal.press('q');
		expect(await terminal.waitForExit()).toBe(0);
	});
});
