import {existsSync, mkdirSync, readdirSync, renameSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {digestTree} from '../helpers/digest-tree.js';
import {makeInstance} from '../helpers/make-instance.js';
import {canOpenTerminals, openTerminal, printkeepCommand} from '../helpers/terminal.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

describe.runIf(canOpenTerminals())('the first run', () => {
	test('finds the instance, goes forth and back, writes nothing before the last step, and makes the first backup', async () => {
		const root = temporaryDirectory();
		const home = join(root, 'home');
		mkdirSync(home);
		renameSync(makeInstance(root).dataFolder, join(home, '.octoprint'));
		const terminal = openTerminal({home});
		await terminal.waitFor('ready>');
		const before = digestTree(home, {folderTimes: false});

		terminal.run(printkeepCommand());
		await terminal.waitFor(/› octoprint +OctoPrint 1\.11\.8 +\S+\.octoprint +\d+ kB/u);
		terminal.press('Enter');
		await terminal.waitFor(/2 of 3[\s\S]*GB free|2 of 3[\s\S]*free of/u);
		terminal.press('Escape');
		await terminal.waitFor(/1 of 3[\s\S]*› octoprint/u);
		terminal.press('Enter');
		await terminal.waitFor('2 of 3');
		terminal.press('C-u');
		terminal.type(join(home, 'my backups'));
		terminal.press('Enter');
		await terminal.waitFor('3 of 3');
		expect(terminal.screen()).toContain('my backups');
		expect(digestTree(home, {folderTimes: false})).toEqual(before);

		terminal.press('Enter');
		await terminal.waitFor('Backed up: ', {timeout: 30_000});
		await terminal.waitFor(/› just now .*verified/u);
		const store = join(home, 'my backups');
		expect(readdirSync(store).filter(name => !name.startsWith('.'))).toHaveLength(1);
		expect(statSync(store).mode & 0o777).toBe(0o700);
		for (const name of readdirSync(store)) {
			expect(statSync(join(store, name)).mode & 0o777, name).toBe(0o600);
		}

		terminal.press('q');
		expect(await terminal.waitForExit()).toBe(0);

		// The next start knows all of it.
		terminal.run(printkeepCommand());
		await terminal.waitFor(/Backups +1 backup/u);
		terminal.press('q');
		expect(await terminal.waitForExit()).toBe(0);
	});

	test('without a print server it offers made-up data, in a folder of its own', async () => {
		const root = temporaryDirectory();
		const home = join(root, 'home');
		const terminal = openTerminal({home, env: {TMPDIR: root}});
		await terminal.waitFor('ready>');
		terminal.run(printkeepCommand());
		await terminal.waitFor('No print server was found');
		terminal.press('Down');
		await terminal.waitFor(/› Look around with made-up data/u);
		terminal.press('Enter');
		await terminal.waitFor(/demo-printer[\s\S]*Backups +\d+ backups/u, {timeout: 60_000});
		terminal.press('q');
		await terminal.waitForExit();
		// Nothing of the person's is touched.
		expect(existsSync(join(home, '.config/printkeep/settings.json'))).toBe(false);
		expect(existsSync(join(home, '.local/share/printkeep'))).toBe(false);
	});
});
