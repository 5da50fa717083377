import {describe, expect, test} from 'vitest';
import {canOpenTerminals, openTerminal} from './terminal.js';
import {temporaryDirectory} from './test-directory.js';

describe.runIf(canOpenTerminals())('the terminal driver', () => {
	test('sees what a program shows, its exit code and what it did to the terminal', async () => {
		const terminal = openTerminal({home: temporaryDirectory(), columns: 60, rows: 20});
		await terminal.waitFor('ready>');
		const before = await terminal.state();
		expect(before).toMatchObject({alternateScreen: false, cursorVisible: true});

		terminal.run(`printf '\\033[?1049h\\033[?25l\\033[3;5H'; stty -echo; echo größe; stty size; read line; (exit 7)`);
		await terminal.waitFor('    größe');
		expect(terminal.screen()).toContain('20 60');
		terminal.press('Enter');
		expect(await terminal.waitForExit()).toBe(7);
		const after = await terminal.state();
		expect(after).toMatchObject({alternateScreen: true, cursorVisible: false});
		expect(after.modes).not.toBe(before.modes);
		expect(terminal.bytesWritten()).toBeGreaterThan(40);
	});

	test('says what was there when what was waited for did not come', async () => {
		const terminal = openTerminal({home: temporaryDirectory()});
		await terminal.waitFor('ready>');
		await expect(terminal.waitFor('never', {timeout: 50})).rejects.toThrow(/Waited 50 ms for "never".*\n.*ready>/u);
	});
});
