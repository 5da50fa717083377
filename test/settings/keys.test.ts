import {expect, test} from 'vitest';
import {toErrorData} from '../../source/errors.js';
import {findSettingKey} from '../../source/settings/find-key.js';
import type {ParseContext} from '../../source/settings/keys.js';
import {settingKeys} from '../../source/settings/keys.js';
import {settingsFor} from '../../source/settings/resolve-target.js';
import {defaultSettings} from '../../source/settings/schema.js';

const context: ParseContext = {
	resolvePath: text => `/abs/${text}`,
	instanceNames: ['octoprint', 'ender'],
	partNames: ['uploads', 'timelapse'],
};
const instance = settingsFor({name: 'octoprint', kind: 'octoprint', dataFolder: '/home/pi/.octoprint'});

const set = (name: string, text: string): string => {
	const key = findSettingKey(name);
	return key.scope === 'global'
		? key.format(key.apply(defaultSettings, text, context))
		: key.format(key.apply(instance, text, context));
};

test.each([
	['store', 'usb', '/abs/usb'],
	['excludes', 'timelapse, uploads', 'timelapse,uploads'],
	['includes', 'timelapse', 'timelapse'],
	['overdue-after', '2 weeks', '14d'],
	['keep-free', '1 GB', '1000 MB'],
	['trash-days', '2 weeks', '14d'],
	['trash-days', '0', '0d'],
	['keep-rollback-days', '30', '30d'],
	['restore-unsupported', 'on', 'yes'],
	['data-folder', 'x', '/abs/x'],
	['config-file', 'c.yaml', '/abs/c.yaml'],
	['python', 'venv', '/abs/venv'],
	['server-url', 'http://127.0.0.1:5000/', 'http://127.0.0.1:5000'],
	['server-url', 'HTTPS://Printer.local/octoprint/', 'https://printer.local/octoprint'],
	['api-key-file', 'key.txt', '/abs/key.txt'],
	['stop-command', ' docker stop octoprint ', 'docker stop octoprint'],
	['start-command', 'docker start "my printer"', 'docker start "my printer"'],
	['limit-entries', '2,000,000', '2000000'],
	['limit-total', '2 TB', '2000000 MB'],
	['limit-ratio', '500', '500'],
	['limit-name', '1024', '1024'],
	['profile', 'Fast', 'fast'],
	['skip-unchanged', 'yes', 'yes'],
	['nice', 'off', 'no'],
	['jobs', '3', '3'],
	['max-memory', '1 GB', '1000 MB'],
	['max-rate', '20MB', '20 MB/s'],
	['max-rate', '1.5 MB/s', '1500 kB/s'],
	['max-rate', '2', '2 MB/s'],
	['default-instance', 'ender', 'ender'],
	['symbols', 'ASCII', 'ascii'],
	['color', 'never', 'never'],
	['window-title', 'no', 'no'],
])('%s can be set to %s', (name, text, expected) => {
	expect(set(name, text)).toBe(expected);
});

test.each([
	['excludes', 'nothing-like-it'],
	['overdue-after', 'soon'],
	['keep-free', 'plenty'],
	['trash-days', '-1'],
	['trash-days', '1.5'],
	['keep-rollback-days', '20 years'],
	['restore-unsupported', 'perhaps'],
	['server-url', '127.0.0.1:5000'],
	['server-url', 'file:///etc/passwd'],
	['server-url', 'http://pi:secret@127.0.0.1:5000'],
	['server-url', 'http://127.0.0.1:5000/?apikey=secret'],
	['api-key-file', 'ABCDEF0123456789ABCDEF0123456789'],
	['stop-command', 'systemctl stop octoprint\nrm -r /'],
	['limit-entries', '12'],
	['limit-entries', '1e9'],
	['limit-total', '0'],
	['limit-ratio', '1'],
	['limit-name', '70000'],
	['profile', 'tiny'],
	['nice', 'perhaps'],
	['jobs', '0'],
	['jobs', '1000'],
	['max-memory', '2 MB'],
	['max-memory', '1000 TB'],
	['max-rate', '20 km/s'],
	['max-rate', '1 kB/s'],
	['max-rate', '9000000 GB'],
	['data-folder', ''],
	['default-instance', 'prusa'],
	['symbols', 'emoji'],
	['color', 'pink'],
])('%s refuses %j', (name, text) => {
	expect(() => set(name, text)).toThrow(expect.objectContaining({code: 'invalid-setting'}));
});

test.each([
	['api-key-file', 'ABCDEF0123456789ABCDEF0123456789'],
	['server-url', 'http://pi:secretword@127.0.0.1'],
	['server-url', 'http://127.0.0.1/?apikey=secretword'],
])('what may be a secret is not said again: %s %s', (name, text) => {
	try {
		set(name, text);
		expect.unreachable();
	} catch (error) {
		expect(JSON.stringify(toErrorData(error, ''))).not.toMatch(/ABCDEF|secretword/u);
	}
});

test('an empty text goes back to the default, wherever there is one', () => {
	for (const key of settingKeys.filter(({name}) => name !== 'data-folder')) {
		const [changed, initial] =
			key.scope === 'global'
				? [
						key.format(key.apply({...defaultSettings, symbols: 'ascii', color: 'never'}, '', context)),
						key.format(defaultSettings),
					]
				: [
						key.format(
							key.apply(
								{
									...instance,
									store: '/s',
									python: '/p',
									configFile: '/c',
									excludes: ['uploads'],
									trashDays: 1,
									keepRollbackDays: 1,
									serverUrl: 'http://x',
									apiKeyFile: '/k',
									stopCommand: 'a',
									startCommand: 'b',
									limitEntries: 1000,
									limitTotalMegabytes: 1000,
									limitRatio: 10,
									limitNameBytes: 255,
									profile: 'fast',
									jobs: 1,
									maxMemoryMegabytes: 64,
									maxBytesPerSecond: 1_000_000,
									nice: false,
									skipUnchanged: true,
								},
								'',
								context,
							),
						),
						key.format(instance),
					];
		expect([key.name, changed]).toEqual([key.name, initial]);
	}
});

test('a part cannot be both left out and taken in: the last choice holds', () => {
	const excludes = findSettingKey('excludes');
	const includes = findSettingKey('includes');
	if (excludes.scope !== 'instance' || includes.scope !== 'instance') {
		throw new Error('they are settings of an instance');
	}

	const out = excludes.apply(instance, 'timelapse,uploads', context);
	const back = includes.apply(out, 'timelapse', context);
	expect([back.excludes, back.includes]).toEqual([['uploads'], ['timelapse']]);
	const outAgain = excludes.apply(back, 'timelapse', context);
	expect([outAgain.excludes, outAgain.includes]).toEqual([['timelapse'], []]);
});

test('names are unique and every key says what it does', () => {
	expect(new Set(settingKeys.map(({name}) => name)).size).toBe(settingKeys.length);
	for (const {description, placeholder, defaultText} of settingKeys) {
		expect(description).toMatch(/\.$/);
		expect(placeholder).not.toBe('');
		expect(defaultText).not.toBe('');
	}
});

test('an unknown setting is refused with the ones there are', () => {
	expect(() => findSettingKey('colour')).toThrow(
		expect.objectContaining({code: 'usage', hint: expect.stringContaining('color')}),
	);
});
