import {expect, test} from 'vitest';
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
	['restore-unsupported', 'on', 'yes'],
	['data-folder', 'x', '/abs/x'],
	['config-file', 'c.yaml', '/abs/c.yaml'],
	['python', 'venv', '/abs/venv'],
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
	['restore-unsupported', 'perhaps'],
	['data-folder', ''],
	['default-instance', 'prusa'],
	['symbols', 'emoji'],
	['color', 'pink'],
])('%s refuses %j', (name, text) => {
	expect(() => set(name, text)).toThrow(expect.objectContaining({code: 'invalid-setting'}));
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
							key.apply({...instance, store: '/s', python: '/p', configFile: '/c', excludes: ['uploads']}, '', context),
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
