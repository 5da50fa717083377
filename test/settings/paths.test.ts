import {expect, test} from 'vitest';
import {defaultStore, resolvePath, resolvePaths} from '../../source/settings/paths.js';

const homeDirectory = '/home/pi';

test('without variables the folders are those of the XDG specification', () => {
	const paths = resolvePaths({environment: {}, homeDirectory});
	expect(paths).toEqual({
		settingsFolder: '/home/pi/.config/printkeep',
		settingsFile: '/home/pi/.config/printkeep/settings.json',
		dataFolder: '/home/pi/.local/share/printkeep',
		stateFolder: '/home/pi/.local/state/printkeep',
		logFile: '/home/pi/.local/state/printkeep/printkeep.log',
	});
	expect(defaultStore(paths, 'octoprint')).toBe('/home/pi/.local/share/printkeep/backups/octoprint');
});

test('the XDG variables move them, unless they are relative', () => {
	const environment = {XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d', XDG_STATE_HOME: 'relative'};
	const paths = resolvePaths({environment, homeDirectory});
	expect(paths.settingsFile).toBe('/c/printkeep/settings.json');
	expect(paths.dataFolder).toBe('/d/printkeep');
	expect(paths.stateFolder).toBe('/home/pi/.local/state/printkeep');
});

test('PRINTKEEP_CONFIG_DIR moves settings and state, and an empty one counts as none', () => {
	const moved = resolvePaths({environment: {PRINTKEEP_CONFIG_DIR: '/etc/pk', XDG_CONFIG_HOME: '/c'}, homeDirectory});
	expect([moved.settingsFile, moved.stateFolder]).toEqual(['/etc/pk/settings.json', '/etc/pk']);
	expect(moved.dataFolder).toBe('/home/pi/.local/share/printkeep');
	const empty = resolvePaths({environment: {PRINTKEEP_CONFIG_DIR: ''}, homeDirectory});
	expect(empty.settingsFolder).toBe('/home/pi/.config/printkeep');
});

test.each([
	['~', '/home/pi'],
	['~/x', '/home/pi/x'],
	['~x', '/work/~x'],
	['a/../b', '/work/b'],
	['/a//b/', '/a/b'],
])('the path %s is %s', (text, expected) => {
	expect(resolvePath(text, '/work', homeDirectory)).toBe(expected);
});
