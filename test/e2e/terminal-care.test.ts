import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {makeInstance} from '../helpers/make-instance.js';
import {runPrintkeep} from '../helpers/run-printkeep.js';
import {
	canOpenTerminals,
	openTerminal,
	printkeepCommand,
	type Terminal,
	type TerminalState,
} from '../helpers/terminal.js';
import {temporaryDirectory} from '../helpers/test-directory.js';

/** Makes the program fail as a bug would: outside of anything that could catch it, in the main thread, when it gets a signal. */
const bug = `import {isMainThread} from 'node:worker_threads';
if (isMainThread) {
	process.on('SIGUSR2', () => {
		throw new Error('a bug was met');
	});
}
`;

type Opened = {readonly terminal: Terminal; readonly before: TerminalState; readonly home: string};

/** Opens the dashboard on an instance with one backup, and waits for its first screen. */
const openDashboard = async (args: readonly string[] = []): Promise<Opened> => {
	const root = temporaryDirectory();
	const home = join(root, 'home');
	const {dataFolder} = makeInstance(root);
	const target = ['--basedir', dataFolder, '--store', join(root, 'store')];
	expect(await runPrintkeep(['backup', ...target], {home})).toMatchObject({code: 0});
	const bugFile = join(root, 'bug.mjs');
	writeFileSync(bugFile, bug);
	const terminal = openTerminal({home, env: {NODE_OPTIONS: `--import=${bugFile}`}});
	await terminal.waitFor('ready>');
	const before = await terminal.state();
	terminal.run(printkeepCommand([...target, ...args]));
	await terminal.waitFor(/1 Home.*2 Backups[\s\S]*Last good backup +(?:just now|\d)/u);
	return {terminal, before, home};
};

/** Nothing of the program is left on the terminal: not its screen, modes, cursor or title. */
const expectRestored = async (terminal: Terminal, before: TerminalState): Promise<void> => {
	expect(await terminal.state()).toEqual(before);
	expect(terminal.screen()).not.toContain('Last good backup');
};

describe.runIf(canOpenTerminals())('the terminal is as it was', () => {
	const ways: ReadonlyArray<{
		readonly name: string;
		readonly code: number;
		readonly leave: (terminal: Terminal) => void;
		readonly says?: RegExp;
	}> = [
		{name: 'after q', code: 0, leave: terminal => terminal.press('q')},
		{name: 'after Ctrl+C', code: 130, leave: terminal => terminal.press('C-c')},
		{name: 'after TERM', code: 143, leave: terminal => void process.kill(terminal.foregroundProcess(), 'SIGTERM')},
		{name: 'after HUP', code: 129, leave: terminal => void process.kill(terminal.foregroundProcess(), 'SIGHUP')},
		{name: 'after INT', code: 130, leave: terminal => void process.kill(terminal.foregroundProcess(), 'SIGINT')},
		{
			name: 'after a crash, which is told in words',
			code: 1,
			leave: terminal => void process.kill(terminal.foregroundProcess(), 'SIGUSR2'),
			says: /printkeep: .*a bug was met[\s\S]*report it/u,
		},
	];

	for (const {name, code, leave, says} of ways) {
		test(name, async () => {
			const {terminal, before} = await openDashboard();
			leave(terminal);
			expect(await terminal.waitForExit()).toBe(code);
			const screen = terminal.screen();
			if (says) {
				expect(screen).toMatch(says);
			}

			expect(screen).not.toMatch(/^\s+at .*:\d+/mu);
			await expectRestored(terminal, before);
		});
	}

	test('while the dashboard is open, it is on the alternate screen with a title and no cursor', async () => {
		const {terminal, before} = await openDashboard();
		expect(terminal.flags()).toEqual({alternateScreen: true, cursorVisible: false});
		expect(terminal.title()).toMatch(/printkeep/u);
		expect(terminal.title()).not.toBe(before.title);
		terminal.press('q');
		await terminal.waitForExit();
	});

	test('while suspended with Ctrl+Z; fg brings the same screen back', async () => {
		const {terminal} = await openDashboard();
		terminal.press('2');
		await terminal.waitFor(/^›/mu);
		const shown = await terminal.settled();
		terminal.press('C-z');
		await terminal.waitFor('Stopped');
		expect(terminal.flags()).toEqual({alternateScreen: false, cursorVisible: true});
		terminal.type('fg');
		terminal.press('Enter');
		await terminal.waitFor(screen => screen === shown);
		expect(terminal.flags()).toEqual({alternateScreen: true, cursorVisible: false});
		terminal.press('q');
		// The shell says 0 for the command line that was continued.
		await terminal.waitFor(/ready>\s*$/u);
	});
});

describe.runIf(canOpenTerminals())('the screen', () => {
	test('says what it needs when it is too small, and comes back', async () => {
		const {terminal} = await openDashboard();
		const shown = terminal.screen();
		terminal.resize(50, 10);
		await terminal.waitFor(screen => screen.trim() === 'printkeep needs 60×15 (this is 50×10)');
		terminal.resize(80, 24);
		await terminal.waitFor(screen => screen === shown);
		terminal.resize(59, 24);
		await terminal.waitFor('printkeep needs 60×15');
		terminal.press('q');
		expect(await terminal.waitForExit()).toBe(0);
	});

	test('leaves nothing behind when it is resized', async () => {
		const {terminal} = await openDashboard();
		terminal.press('2');
		await terminal.waitFor(/^›/mu);
		for (const [columns, rows] of [
			[120, 40],
			[60, 15],
			[100, 30],
			[80, 24],
		] as const) {
			terminal.resize(columns, rows);
			// A repaint from nothing is the truth; what was there before it has to be the same.
			await terminal.waitFor(screen => screen.split('\n').length >= rows && screen.includes('›'));
			const shown = await terminal.settled();
			terminal.press('C-l');
			expect(await terminal.settled()).toBe(shown);
		}

		terminal.press('q');
		await terminal.waitForExit();
	});

	test('without colours where they are not wanted, with the selection in column 1', async () => {
		const {terminal} = await openDashboard(['--no-color']);
		terminal.press('2');
		await terminal.waitFor(/^›/mu);
		expect(terminal.screenWithColours()).not.toMatch(/\u001b\[[\d;]*m/u);
		terminal.press('q');
		await terminal.waitForExit();
	});

	test('in ASCII where the locale has nothing else', async () => {
		const root = temporaryDirectory();
		const {dataFolder} = makeInstance(root);
		const terminal = openTerminal({home: join(root, 'home'), env: {LANG: 'C', LC_ALL: 'C'}});
		await terminal.waitFor('ready>');
		terminal.run(printkeepCommand(['--basedir', dataFolder, '--store', join(root, 'store')]));
		await terminal.waitFor('1 Home');
		terminal.press('?');
		await terminal.waitFor('Help');
		expect(terminal.screen()).toMatch(/^[\x20-\x7e\n]*$/u);
		terminal.press('Escape');
		await terminal.waitFor(screen => !screen.includes('Help'));
		terminal.press('q');
		await terminal.waitForExit();
	});

	test('takes keys whose bytes come one by one', async () => {
		const {terminal} = await openDashboard();
		terminal.press('2');
		await terminal.waitFor(/^›/mu);
		for (const byte of Buffer.from('\u001b[B')) {
			terminal.send(Uint8Array.of(byte));
		}

		// A terminal's report is no key and is typed nowhere.
		terminal.press('/');
		terminal.send(Buffer.from('\u001b[24;80R\u001b[?62;4c'));
		terminal.type('manual');
		await terminal.waitFor(/Filter: manual /u);
		expect(terminal.screen()).not.toMatch(/24;80R|62;4c/u);
		terminal.press('Escape');
		await terminal.waitFor(screen => !screen.includes('Filter:'));
		terminal.press('q');
		await terminal.waitForExit();
	});
});

describe('where there is no terminal', () => {
	test('a pipe gets a summary with what to type next', async () => {
		const root = temporaryDirectory();
		const {dataFolder} = makeInstance(root);
		const {code, stdout, stderr} = await runPrintkeep(['--basedir', dataFolder, '--store', join(root, 'store')], {
			home: join(root, 'home'),
		});
		expect({code, stderr}).toEqual({code: 0, stderr: ''});
		expect(stdout).toContain('printkeep backup');
		expect(stdout).not.toMatch(/\u001b|raw mode/iu);
	});
});
