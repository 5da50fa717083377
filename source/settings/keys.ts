/** Everything that can be set, in one table: `printkeep config`, its help and the settings screen are made from it. */
import {PrintkeepError} from '../errors.js';
import type {GlobalSettings, InstanceSettings} from './schema.js';
import {defaultInstanceSettings, defaultSettings} from './schema.js';
import {formatHours, parseBoolean, parseHours, parseList, parseMegabytes} from './values.js';

/** What a value is read against. */
export type ParseContext = {
	/** Makes a path as typed absolute. */
	readonly resolvePath: (text: string) => string;
	/** Names of the instances in the settings. */
	readonly instanceNames: readonly string[];
	/** Names of the parts a person can leave out or take in; empty when they are not known. */
	readonly partNames: readonly string[];
};

type KeyBase = {
	readonly name: string;
	readonly title: string;
	/** What the value does, in a sentence or two. */
	readonly description: string;
	/** How a value is written: `DIR`, `DURATION`… */
	readonly placeholder: string;
	/** All values there are, where they can be listed. */
	readonly choices?: readonly string[];
	/** What holds when nothing is set, for a person. */
	readonly defaultText: string;
	/** The kind of editor that suits it. */
	readonly editor: 'choice' | 'text' | 'folder' | 'file' | 'parts';
};

export type InstanceSettingKey = KeyBase & {
	readonly scope: 'instance';
	/** The value as it is typed; empty when nothing is set. */
	readonly format: (settings: InstanceSettings) => string;
	/** The settings with this value; empty text goes back to the default. Error: `invalid-setting`. */
	readonly apply: (settings: InstanceSettings, text: string, context: ParseContext) => InstanceSettings;
};

export type GlobalSettingKey = KeyBase & {
	readonly scope: 'global';
	readonly format: (settings: GlobalSettings) => string;
	readonly apply: (settings: GlobalSettings, text: string, context: ParseContext) => GlobalSettings;
};

export type SettingKey = InstanceSettingKey | GlobalSettingKey;

/** A copy without the value, so that the default holds again. */
const without = (settings: InstanceSettings, key: 'store' | 'configFile' | 'python'): InstanceSettings => {
	const {[key]: _removed, ...rest} = settings;
	return rest;
};

const parseParts = (text: string, {partNames}: ParseContext): readonly string[] => {
	const names = parseList(text);
	const unknown = partNames.length === 0 ? undefined : names.find(name => !partNames.includes(name));
	if (unknown !== undefined) {
		throw new PrintkeepError('invalid-setting', `There is no part called “${unknown}” that can be left out.`, {
			hint: `Parts: ${partNames.join(', ')}.`,
		});
	}

	return names;
};

const choiceOf = <Choice extends string>(choices: readonly Choice[], text: string): Choice => {
	const found = choices.find(choice => choice === text.toLowerCase());
	if (found === undefined) {
		throw new PrintkeepError('invalid-setting', `“${text}” is none of: ${choices.join(', ')}.`);
	}

	return found;
};

const yesOrNo = ['yes', 'no'] as const;
const symbolChoices = ['auto', 'unicode', 'ascii'] as const;
const colorChoices = ['auto', 'never'] as const;

const instanceKeys: readonly InstanceSettingKey[] = [
	{
		scope: 'instance',
		name: 'store',
		title: 'Backup folder',
		description: 'The folder that keeps the backups. Another disk than the one that holds the data is safer.',
		placeholder: 'DIR',
		defaultText: 'backups/<instance> in the data folder of printkeep',
		editor: 'folder',
		format: settings => settings.store ?? '',
		apply: (settings, text, {resolvePath}) =>
			text === '' ? without(settings, 'store') : {...settings, store: resolvePath(text)},
	},
	{
		scope: 'instance',
		name: 'excludes',
		title: 'Parts left out',
		description: 'Parts that are left out of every backup, separated by commas.',
		placeholder: 'PART,…',
		defaultText: 'none',
		editor: 'parts',
		format: settings => settings.excludes.join(','),
		apply: (settings, text, context) => {
			const excludes = parseParts(text, context);
			return {...settings, excludes, includes: settings.includes.filter(name => !excludes.includes(name))};
		},
	},
	{
		scope: 'instance',
		name: 'includes',
		title: 'Parts taken in',
		description: 'Parts that are usually left out and go into every backup all the same, separated by commas.',
		placeholder: 'PART,…',
		defaultText: 'none',
		editor: 'parts',
		format: settings => settings.includes.join(','),
		apply: (settings, text, context) => {
			const includes = parseParts(text, context);
			return {...settings, includes, excludes: settings.excludes.filter(name => !includes.includes(name))};
		},
	},
	{
		scope: 'instance',
		name: 'overdue-after',
		title: 'Overdue after',
		description: 'How old the last good backup may be before it counts as overdue: hours, days or weeks.',
		placeholder: 'DURATION',
		defaultText: formatHours(defaultInstanceSettings.overdueAfterHours),
		editor: 'text',
		format: settings => formatHours(settings.overdueAfterHours),
		apply: (settings, text) => ({
			...settings,
			overdueAfterHours: text === '' ? defaultInstanceSettings.overdueAfterHours : parseHours(text),
		}),
	},
	{
		scope: 'instance',
		name: 'keep-free',
		title: 'Keep free',
		description: 'Space that backups and imports leave free on the disk, in megabytes (MB) or gigabytes (GB).',
		placeholder: 'SIZE',
		defaultText: `${defaultInstanceSettings.keepFreeMegabytes} MB`,
		editor: 'text',
		format: settings => `${settings.keepFreeMegabytes} MB`,
		apply: (settings, text) => ({
			...settings,
			keepFreeMegabytes: text === '' ? defaultInstanceSettings.keepFreeMegabytes : parseMegabytes(text),
		}),
	},
	{
		scope: 'instance',
		name: 'restore-unsupported',
		title: 'Restore switched off',
		description: 'Refuses every restore into the data folder itself. Restoring into another folder stays possible.',
		placeholder: 'yes|no',
		choices: yesOrNo,
		defaultText: 'no',
		editor: 'choice',
		format: settings => (settings.restoreUnsupported ? 'yes' : 'no'),
		apply: (settings, text) => ({...settings, restoreUnsupported: text === '' ? false : parseBoolean(text)}),
	},
	{
		scope: 'instance',
		name: 'data-folder',
		title: 'Data folder',
		description: 'The folder of the print server’s data (OctoPrint: its basedir).',
		placeholder: 'DIR',
		defaultText: 'where the instance was found',
		editor: 'folder',
		format: settings => settings.dataFolder,
		apply: (settings, text, {resolvePath}) => {
			if (text === '') {
				throw new PrintkeepError('invalid-setting', 'An instance needs a data folder.');
			}

			return {...settings, dataFolder: resolvePath(text)};
		},
	},
	{
		scope: 'instance',
		name: 'config-file',
		title: 'Configuration file',
		description: 'The server’s configuration file, when it is not the usual one in the data folder.',
		placeholder: 'FILE',
		defaultText: 'the one in the data folder',
		editor: 'file',
		format: settings => settings.configFile ?? '',
		apply: (settings, text, {resolvePath}) =>
			text === '' ? without(settings, 'configFile') : {...settings, configFile: resolvePath(text)},
	},
	{
		scope: 'instance',
		name: 'python',
		title: 'Python environment',
		description:
			'The Python interpreter or environment the server runs in; its version and plugins are read from there.',
		placeholder: 'PATH',
		defaultText: 'looked for',
		editor: 'file',
		format: settings => settings.python ?? '',
		apply: (settings, text, {resolvePath}) =>
			text === '' ? without(settings, 'python') : {...settings, python: resolvePath(text)},
	},
];

const globalKeys: readonly GlobalSettingKey[] = [
	{
		scope: 'global',
		name: 'default-instance',
		title: 'Default instance',
		description: 'The instance that is used when none is named.',
		placeholder: 'NAME',
		defaultText: 'the only one',
		editor: 'text',
		format: settings => settings.defaultInstance,
		apply: (settings, text, {instanceNames}) => {
			if (text !== '' && !instanceNames.includes(text)) {
				throw new PrintkeepError('invalid-setting', `There is no instance called “${text}”.`, {
					hint: 'Run `printkeep instances` to see the names.',
				});
			}

			return {...settings, defaultInstance: text};
		},
	},
	{
		scope: 'global',
		name: 'symbols',
		title: 'Symbols',
		description: 'Lines and marks of the dashboard: Unicode, plain ASCII, or whatever suits the terminal.',
		placeholder: symbolChoices.join('|'),
		choices: symbolChoices,
		defaultText: defaultSettings.symbols,
		editor: 'choice',
		format: settings => settings.symbols,
		apply: (settings, text) => ({...settings, symbols: text === '' ? 'auto' : choiceOf(symbolChoices, text)}),
	},
	{
		scope: 'global',
		name: 'color',
		title: 'Colours',
		description: 'Whether colours are used. The variable NO_COLOR and --no-color always switch them off.',
		placeholder: colorChoices.join('|'),
		choices: colorChoices,
		defaultText: defaultSettings.color,
		editor: 'choice',
		format: settings => settings.color,
		apply: (settings, text) => ({...settings, color: text === '' ? 'auto' : choiceOf(colorChoices, text)}),
	},
	{
		scope: 'global',
		name: 'window-title',
		title: 'Window title',
		description: 'Shows the running job in the terminal’s title and, where it can, as the window’s progress.',
		placeholder: 'yes|no',
		choices: yesOrNo,
		defaultText: 'yes',
		editor: 'choice',
		format: settings => (settings.windowTitle ? 'yes' : 'no'),
		apply: (settings, text) => ({...settings, windowTitle: text === '' ? true : parseBoolean(text)}),
	},
];

/** Every setting, those of an instance first. */
export const settingKeys: readonly SettingKey[] = [...instanceKeys, ...globalKeys];
