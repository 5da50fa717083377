import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {digestTree, type Tree, withoutPaths} from '../helpers/digest-tree.js';
import {makeInstance} from '../helpers/make-instance.js';
import {runPrintkeep} from '../helpers/run-printkeep.js';
import {dumpDatabase} from '../helpers/sqlite.js';
import {canOpenTerminals, openTerminal, printkeepCommand} from '../helpers/terminal.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

/** A day with the dashboard, as a person lives it, at 80×24. With PRINTKEEP_SCREENS every screen is kept in that folder. */
describe.runIf(canOpenTerminals())('a day with the dashboard', () => {
	test('back up, cancel, verify, restore, undo, export, delete, import', async () => {
		const root = temporaryDirectory();
		const home = join(root, 'home');
		const store = join(root, 'store');
		const instance = makeInstance(root, {extraBytes: 45_000_000});
		const {dataFolder, uploads} = instance;
		const target = ['--basedir', dataFolder, '--store', store];
		// Reads so slowly that a backup can be watched and cancelled, whatever the machine.
		expect(await runPrintkeep(['config', 'set', 'max-rate', '10MB/s', ...target], {home})).toMatchObject({code: 0});
		const terminal = openTerminal({home, columns: 80, rows: 24});
		await terminal.waitFor('ready>');
		const before = await terminal.state();

		const looks: string[] = [];
		const look = (name: string): string => {
			const screen = terminal.screen();
			const lines = screen.split('\n');
			expect(lines.length, name).toBe(24);
			expect(Math.max(...lines.map(line => line.length)), name).toBeLessThanOrEqual(80);
			looks.push(name);
			const folder = process.env.PRINTKEEP_SCREENS;
			if (folder !== undefined) {
				mkdirSync(folder, {recursive: true});
				writeFileSync(join(folder, `${String(looks.length).padStart(2, '0')}-${name}.txt`), `${screen}\n`);
			}

			return screen;
		};

		const archives = (): readonly string[] =>
			readdirSync(store).filter(name => name.endsWith('.zip') && !name.startsWith('.'));
		/** What lies in the store under no final name, but for printkeep's index. */
		const halfWritten = (): readonly string[] =>
			readdirSync(store).filter(name => name.startsWith('.') && name !== '.printkeep.json');
		/** All of the instance but databases, which are compared by what they hold, and folders' times. */
		const tree = (): Tree =>
			withoutPaths(digestTree(dataFolder, {folderTimes: false}), path => /\.db(-|$)/u.test(path));
		const dumps = (): readonly string[] => instance.databases.map(path => dumpDatabase(join(dataFolder, path)));

		// The first look: nothing is backed up yet.
		terminal.run(printkeepCommand(target));
		await terminal.waitFor(/OVERDUE[\s\S]*Press b/u);
		look('home');

		// Back up without the timelapses, and watch it.
		terminal.press('b');
		await terminal.waitFor(/uploads .*\d MB/u);
		terminal.press('Down', 'Down', 'Space');
		await terminal.waitFor(/›\[ \] timelapse/u);
		await terminal.waitFor('printkeep backup --exclude timelapse');
		look('parts');
		terminal.press('Enter');
		await terminal.waitFor(/Writing .*\d%/u);
		look('progress');
		expect(archives()).toEqual([]);
		expect(halfWritten()).not.toEqual([]);
		await terminal.waitFor('Backed up: ', {timeout: 60_000});
		await terminal.waitFor(/› just now .*verified/u);
		look('backed-up');
		expect(archives()).toHaveLength(1);

		// Start another one and think better of it: x twice, and nothing is left behind.
		terminal.press('b');
		await terminal.waitFor('Enter start');
		terminal.press('Enter');
		await terminal.waitFor(/Writing .*\d%/u);
		terminal.press('x');
		await terminal.waitFor('Press x again');
		look('cancel');
		terminal.press('x');
		await terminal.waitFor('cancelled, nothing left behind');
		expect(archives()).toHaveLength(1);
		expect(halfWritten()).toEqual([]);

		// Verify.
		terminal.press('v');
		await terminal.waitFor(/Intact: \d+ entries/u, {timeout: 60_000});
		look('verified');

		// Something goes wrong with the instance.
		const wanted = tree();
		const wantedDumps = dumps();
		rmSync(join(uploads, 'Kalibrierung'), {recursive: true});
		rmSync(join(dataFolder, instance.databases[0] ?? ''));
		writeFileSync(join(dataFolder, 'config.yaml'), 'nothing: right\n');
		writeFileSync(join(uploads, 'made-later.gcode'), 'G28\n');
		writeFileSync(join(instance.timelapse, 'made-later.mp4'), 'a film');
		const damaged = tree();

		// Restore: the plan first; it removes a file, so the instance's name is typed.
		terminal.press('r');
		await terminal.waitFor(/Together +2 +2 +2 /u, {timeout: 60_000});
		expect(look('plan')).toMatch(/Stays +timelapse/u);
		terminal.press('Enter');
		await terminal.waitFor('Type this to confirm');
		look('confirm-restore');
		terminal.type('octoprnt');
		terminal.press('Enter');
		await terminal.waitFor(screen => screen.includes('Type this to confirm') && /octoprint/u.test(screen));
		expect(tree()).toEqual(damaged);
		terminal.press('C-u');
		terminal.type('octoprint');
		await terminal.waitFor('› octoprint');
		terminal.press('Enter');
		await terminal.waitFor(/Restored/u, {timeout: 60_000});
		look('restored');
		const timelapses = (path: string): boolean => path.startsWith('timelapse');
		expect(withoutPaths(tree(), timelapses)).toEqual(withoutPaths(wanted, timelapses));
		expect(dumps()).toEqual(wantedDumps);
		// What the backup does not cover is as it was.
		expect(readFileSync(join(instance.timelapse, 'made-later.mp4'), 'utf8')).toBe('a film');

		// Undo it.
		terminal.press('Escape');
		await terminal.waitFor(/^› /mu);
		terminal.press('u');
		await terminal.waitFor(/Undo/u);
		look('undo');
		terminal.press('Right');
		await terminal.waitFor(/› (?!Cancel)/u);
		terminal.press('Enter');
		await terminal.waitFor('The last restore is undone', {timeout: 60_000});
		expect(tree()).toEqual(damaged);

		// Export a copy.
		const copy = join(home, 'copy.zip');
		terminal.press('e');
		await terminal.waitFor('Copied as it is');
		look('export');
		terminal.press('C-u');
		terminal.type(copy);
		terminal.press('Enter');
		await terminal.waitFor('Exported to');
		const [key = ''] = archives();
		expect(readFileSync(copy).equals(readFileSync(join(store, key)))).toBe(true);

		// Delete: Enter alone cancels, since Cancel has the focus.
		terminal.press('d');
		await terminal.waitFor('› Cancel');
		look('delete');
		terminal.press('Enter');
		await terminal.waitFor(screen => !screen.includes('Delete this backup?'));
		expect(archives()).toEqual([key]);
		terminal.press('d');
		await terminal.waitFor('› Cancel');
		terminal.press('Right');
		await terminal.waitFor('› Delete');
		terminal.press('Enter');
		await terminal.waitFor(screen => screen.includes('There is no backup yet') && screen.includes('z brings back'));
		expect(archives()).toEqual([]);

		// Import the copy again.
		terminal.press('i');
		await terminal.waitFor(/^ +copy\.zip/mu);
		terminal.press('Down');
		await terminal.waitFor(/^›\s+copy\.zip/mu);
		terminal.press('Enter');
		await terminal.waitFor('Name in the store');
		look('import');
		terminal.press('Enter');
		await terminal.waitFor(screen => screen.includes('Imported') && /^› /mu.test(screen), {timeout: 60_000});
		await terminal.waitFor(/^› .*verified/mu);
		look('imported');
		expect(archives()).toEqual(['copy.zip']);

		// A copy that another program puts there or takes away shows within a second, and the selection stays.
		writeFileSync(join(store, 'stranger.zip'), 'no archive at all');
		await terminal.waitFor('stranger.zip', {timeout: 1000});
		expect(terminal.screen()).toMatch(/^› .*copy\.zip/mu);
		rmSync(join(store, 'stranger.zip'));
		await terminal.waitFor(screen => !screen.includes('stranger.zip'), {timeout: 1000});

		terminal.press('q');
		expect(await terminal.waitForExit()).toBe(0);
		expect(await terminal.state()).toEqual(before);
	}, 240_000);
});
