import {appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {digestTree, type Tree, withoutPaths} from '../helpers/digest-tree.js';
import {makeInstance} from '../helpers/make-instance.js';
import {canOpenTerminals, openTerminal, printkeepCommand} from '../helpers/terminal.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

/** Getting things back with the dashboard, as a person does who has lost something, at 80×24. */
describe.runIf(canOpenTerminals())('getting things back', () => {
	test('one profile in six keys, a deleted backup in one, what differs, everything exactly, and undone', async () => {
		const root = temporaryDirectory();
		const store = join(root, 'store');
		const {dataFolder, uploads} = makeInstance(root);
		const terminal = openTerminal({home: join(root, 'home'), columns: 80, rows: 24});
		await terminal.waitFor('ready>');
		const places = ['--basedir', dataFolder, '--store', store];
		const archives = (): readonly string[] =>
			readdirSync(store)
				.filter(name => name.endsWith('.zip') && !name.startsWith('.'))
				.sort();
		const tree = (): Tree =>
			withoutPaths(digestTree(dataFolder, {folderTimes: false}), path => /\.db(-|$)|^logs/u.test(path));
		const backUp = async (): Promise<void> => {
			terminal.run(printkeepCommand(['backup', ...places]));
			expect(await terminal.waitForExit({timeout: 60_000})).toBe(0);
		};

		await backUp();
		const configFile = join(dataFolder, 'config.yaml');
		appendFileSync(configFile, 'webcam:\n  stream: /webcam/?action=stream\n');
		await backUp();
		const wanted = tree();
		expect(archives()).toHaveLength(2);

		// One profile back: the words are no keys.
		const profile = join(dataFolder, 'printerProfiles', '_default.profile');
		const content = readFileSync(profile, 'utf8');
		rmSync(profile);
		terminal.run(printkeepCommand(places));
		await terminal.waitFor('Last good backup');
		let keys = 0;
		const press = (key: string): void => {
			keys++;
			terminal.press(key);
		};

		press('f');
		await terminal.waitFor('Find: ');
		terminal.type('_default.prof');
		await terminal.waitFor('1 match');
		press('Enter');
		await terminal.waitFor(/^› *printerProfiles/mu);
		press('r');
		await terminal.waitFor(/Together +1 +0 +0 +0 /u, {timeout: 60_000});
		press('Enter');
		await terminal.waitFor('› Cancel');
		press('Right');
		await terminal.waitFor('› Restore');
		press('Enter');
		await terminal.waitFor('Restored: 1 file', {timeout: 60_000});
		expect(keys).toBeLessThanOrEqual(6);
		expect(readFileSync(profile, 'utf8')).toBe(content);
		expect(tree()).toEqual(wanted);

		// Deleted by mistake, and back with one key.
		const before = archives();
		terminal.press('2');
		await terminal.waitFor(/^› /mu);
		terminal.press('d');
		await terminal.waitFor('› Cancel');
		terminal.press('Right');
		await terminal.waitFor('› Delete');
		terminal.press('Enter');
		await terminal.waitFor('z brings back');
		expect(archives()).toHaveLength(1);
		terminal.press('z');
		await terminal.waitFor('Brought back 1 backup');
		expect(archives()).toEqual(before);

		// What has changed between the two, down to the line.
		await terminal.waitFor(screen => (screen.match(/ verified /gu) ?? []).length === 2);
		terminal.press('g');
		terminal.press('Space');
		await terminal.waitFor('1 marked');
		terminal.press('Space');
		await terminal.waitFor('2 marked');
		terminal.press('c');
		await terminal.waitFor(/Together +0 +1 +0 /u, {timeout: 60_000});
		terminal.press('Enter');
		await terminal.waitFor('config.yaml');
		terminal.press('l');
		terminal.press('l');
		await terminal.waitFor('[changed 1]');
		terminal.press('Enter');
		await terminal.waitFor(/- {3}stream: \/webcam\/\?action=stream/u);
		expect(terminal.screen()).toMatch(/Restoring adds 0 lines \(\+\) and takes 2 lines away/u);
		terminal.press('Escape');
		await terminal.waitFor('[changed 1]');
		terminal.press('Escape');
		await terminal.waitFor('Together');
		terminal.press('Escape');
		await terminal.waitFor('2 marked');
		terminal.press('Escape');
		await terminal.waitFor(screen => !screen.includes('2 marked'));

		// Everything exactly as it was: a folder the backup does not know goes too, so that the name is typed.
		writeFileSync(join(uploads, 'made-later.gcode'), 'G28\n');
		writeFileSync(join(dataFolder, 'stray.txt'), 'nobody knows this\n');
		const damaged = tree();
		terminal.press('g');
		terminal.press('r');
		await terminal.waitFor('Together', {timeout: 60_000});
		terminal.press('m');
		await terminal.waitFor('--mode merge', {timeout: 60_000});
		terminal.press('m');
		await terminal.waitFor(screen => screen.includes('--mode exact') && screen.includes('Together'), {timeout: 60_000});
		terminal.press('Enter');
		await terminal.waitFor('Type this to confirm');
		terminal.press('Enter');
		await terminal.waitFor('That is not it');
		expect(tree()).toEqual(damaged);
		terminal.type('octoprint');
		await terminal.waitFor('› octoprint');
		terminal.press('Enter');
		await terminal.waitFor(/Restored: \d+ files/u, {timeout: 60_000});
		// Nothing but what was there when it was backed up; what no backup takes in is gone as well.
		expect(wanted).toMatchObject(tree());
		expect(existsSync(join(dataFolder, 'stray.txt'))).toBe(false);
		expect(readFileSync(profile, 'utf8')).toBe(content);

		// And back.
		terminal.press('u');
		await terminal.waitFor('Undo the last restore?');
		terminal.press('Right');
		await terminal.waitFor('› Undo');
		terminal.press('Enter');
		await terminal.waitFor('The last restore is undone', {timeout: 60_000});
		expect(tree()).toEqual(damaged);
		expect(archives()).toEqual(before);
		terminal.press('q');
		expect(await terminal.waitForExit()).toBe(0);
	}, 240_000);
});
