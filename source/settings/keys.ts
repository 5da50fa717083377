/** Everything that can be set, in one table: `printkeep config`, its help and the settings screen are made from it. */
import {PrintkeepError} from '../errors.js';
import {choiceOrBrought, symbolChoices, themeChoices} from './brought.js';
import {effortKeys} from './effort-keys.js';
import {limitKeys} from './limit-keys.js';
import {defaultInstanceSettings, defaultSettings} from './schema.js';
import {serverKeys} from './server-keys.js';
import type {GlobalSettingKey, InstanceSettingKey, ParseContext, SettingKey} from './setting-key.js';
import {
	choiceOf,
	formatDays,
	formatHours,
	parseBoolean,
	parseDays,
	parseHours,
	parseList,
	parseMegabytes,
} from './values.js';
import {without} from './without.js';

export type {GlobalSettingKey, InstanceSettingKey, ParseContext, SettingKey} from './setting-key.js';

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

const yesOrNo = ['yes', 'no'] as const;
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
		name: 'trash-days',
		title: 'Trash kept',
		description: 'How many days a deleted backup can still be brought back. With 0, deleting is for good at once.',
		placeholder: 'DAYS',
		defaultText: formatDays(defaultInstanceSettings.trashDays),
		editor: 'text',
		format: settings => formatDays(settings.trashDays),
		apply: (settings, text) => ({
			...settings,
			trashDays: text === '' ? defaultInstanceSettings.trashDays : parseDays(text),
		}),
	},
	{
		scope: 'instance',
		name: 'keep-rollback-days',
		title: 'Undo kept',
		description:
			'How many days a restore can be undone: so long the files it replaced are kept. With 0, until the next restore.',
		placeholder: 'DAYS',
		defaultText: formatDays(defaultInstanceSettings.keepRollbackDays),
		editor: 'text',
		format: settings => formatDays(settings.keepRollbackDays),
		apply: (settings, text) => ({
			...settings,
			keepRollbackDays: text === '' ? defaultInstanceSettings.keepRollbackDays : parseDays(text),
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
	...effortKeys,
	...serverKeys,
	...limitKeys,
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
		description:
			'Lines and marks of the dashboard: Unicode, plain ASCII, whatever suits the terminal, or a set that a plugin brings.',
		placeholder: `${symbolChoices.join('|')}|PLUGIN/SET`,
		choices: symbolChoices,
		brought: 'symbols',
		defaultText: defaultSettings.symbols,
		editor: 'choice',
		format: settings => settings.symbols,
		apply: (settings, text) => ({...settings, symbols: text === '' ? 'auto' : choiceOrBrought(symbolChoices, text)}),
	},
	{
		scope: 'global',
		name: 'theme',
		title: 'Theme',
		description: 'Colours of the dashboard: the usual ones, or a theme that a plugin brings.',
		placeholder: 'default|PLUGIN/THEME',
		choices: themeChoices,
		brought: 'themes',
		defaultText: defaultSettings.theme,
		editor: 'choice',
		format: settings => settings.theme,
		apply: (settings, text) => ({...settings, theme: text === '' ? 'default' : choiceOrBrought(themeChoices, text)}),
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
