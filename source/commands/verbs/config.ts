import {isPrintkeepError, PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {changedOnly} from '../../settings/changed-only.js';
import {findSettingKey} from '../../settings/find-key.js';
import type {ParseContext, SettingKey} from '../../settings/keys.js';
import {settingKeys} from '../../settings/keys.js';
import {defaultStore} from '../../settings/paths.js';
import type {ResolvedTarget} from '../../settings/resolve-target.js';
import type {CommandContext} from '../context.js';
import {tableLines} from '../printers/table.js';
import type {CommandResult} from '../spec.js';
import {defineCommand} from '../spec.js';
import {suggest} from '../suggest.js';

const actions = ['list', 'get', 'set', 'unset'] as const;

const currentValue = (context: CommandContext, key: SettingKey, resolved: ResolvedTarget | null): string => {
	if (key.scope === 'global') {
		return key.format(context.settings.read());
	}

	const text = resolved ? key.format(resolved.settings) : '';
	return key.name === 'store' && text === '' && resolved
		? defaultStore(context.system.paths, resolved.instance.name)
		: text;
};

const list = async (context: CommandContext): Promise<CommandResult> => {
	let resolved: ResolvedTarget | null = null;
	try {
		resolved = await context.resolve();
	} catch (error) {
		if (!isPrintkeepError(error) || error.code !== 'no-instance') {
			throw error;
		}
	}

	const keys = settingKeys.filter(({scope}) => scope === 'global' || resolved !== null);
	const values = keys.map(key => [key, currentValue(context, key, resolved)] as const);
	context.print(
		`Settings in ${safeText(context.settings.path)}${resolved ? `, instance ${resolved.instance.name}` : ''}:`,
		'',
		...tableLines(
			[{title: 'SETTING'}, {title: 'VALUE'}, {title: 'WHAT IT DOES'}],
			values.map(([key, value]) => [
				key.name,
				value === '' ? `(${key.defaultText})` : safeText(value),
				key.description,
			]),
		),
	);
	return {
		exit: 0,
		json: {
			file: context.settings.path,
			instance: resolved?.instance.name ?? null,
			registered: resolved?.registered ?? false,
			values: Object.fromEntries(values.map(([key, value]) => [key.name, value])),
		},
	};
};

const parseContext = async (context: CommandContext, key: SettingKey): Promise<ParseContext> => {
	const {instances} = context.settings.read();
	const client = await context.client();
	let partNames: readonly string[] = [];
	if (key.scope === 'instance' && key.editor === 'parts') {
		const {target} = await context.resolve();
		const parts = await client.request('parts.list', target).catch(() => []);
		partNames = parts.filter(({inclusion}) => inclusion !== 'required' && inclusion !== 'never').map(({name}) => name);
	}

	const found =
		key.name === 'default-instance'
			? (await client.request('instances.find', {extraFolders: [], asksPlugins: true})).found
			: [];
	return {
		resolvePath: context.absolute,
		instanceNames: [...new Set([...Object.keys(instances), ...found.map(({name}) => name)])],
		partNames,
	};
};

const change = async (context: CommandContext, key: SettingKey, text: string): Promise<CommandResult> => {
	const parsing = await parseContext(context, key);
	let value: string;
	if (key.scope === 'global') {
		const {instances: _instances, ...globals} = context.settings.read();
		const changed = key.apply(globals, text, parsing);
		await context.settings.setGlobal(changedOnly(globals, changed));
		value = key.format(changed);
	} else {
		const {instance, settings} = await context.resolve();
		const changed = key.apply(settings, text, parsing);
		await context.settings.setInstance(instance.name, changed);
		value = key.format(changed);
	}

	context.print(`${key.name} is ${value === '' ? `${key.defaultText} now (the default)` : `${safeText(value)} now`}.`);
	return {exit: 0, json: {setting: key.name, value}};
};

const usage = (message: string, hint = 'See `printkeep help config`.'): PrintkeepError =>
	new PrintkeepError('usage', message, {hint});

export const configCommand = defineCommand({
	name: 'config',
	summary: 'Show and change settings',
	details: [
		'`config list` shows every setting with its value, `config get SETTING` prints one value, `config set SETTING VALUE` changes it, `config unset SETTING` goes back to the default. Settings of an instance are kept per instance (--instance).',
		`Settings: ${settingKeys.map(({name}) => name).join(', ')}.`,
	],
	operands: {usage: 'list|get|set|unset [SETTING [VALUE]]', minimum: 1, maximum: 1000},
	options: {},
	examples: [
		{command: 'printkeep config set store /mnt/usb/printkeep', meaning: 'Keep the backups on a USB disk from now on.'},
		{command: 'printkeep config set excludes timelapse,uploads', meaning: 'Leave these parts out of every backup.'},
	],
	leavesInterrupted: true,
	output: 'document',
	async run(context, {operands: [action = '', name, ...values]}) {
		switch (action) {
			case 'list': {
				if (name !== undefined) {
					throw usage('`printkeep config list` takes no setting.', 'For one value use `printkeep config get SETTING`.');
				}

				return list(context);
			}
			case 'get': {
				if (name === undefined || values.length > 0) {
					throw usage('`printkeep config get` needs one setting.');
				}

				const key = findSettingKey(name);
				const value = currentValue(context, key, key.scope === 'instance' ? await context.resolve() : null);
				context.print(safeText(value));
				return {exit: 0, json: {setting: key.name, value}};
			}
			case 'set': {
				if (name === undefined || values.length === 0) {
					throw usage('`printkeep config set` needs a setting and a value.');
				}

				return change(context, findSettingKey(name), values.join(' '));
			}
			case 'unset': {
				if (name === undefined || values.length > 0) {
					throw usage('`printkeep config unset` needs one setting.');
				}

				return change(context, findSettingKey(name), '');
			}
			default: {
				const meant = suggest(action, actions);
				throw usage(
					`\`printkeep config\` cannot ${safeText(action)}.`,
					meant === undefined ? 'It can list, get, set and unset.' : `Did you mean \`printkeep config ${meant}\`?`,
				);
			}
		}
	},
});
