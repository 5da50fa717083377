/** What there is to say about one plugin, and what can be done with it, as pieces of a screen: pure. */
import type {PluginInfo} from '../client/protocol.js';
import type {PluginData, PluginRecordData, ScreenBlock, SettingsPath} from '../plugins/api.js';
import {isTree} from '../plugins/settings-values.js';
import type {ViewBlock} from './block-lines.js';

/** What can be chosen on a plugin’s page. */
export type PluginChoice =
	| {readonly type: 'screen'; readonly title: string; readonly plugin: string; readonly screen: string}
	| {readonly type: 'wizard'; readonly title: string}
	| {
			readonly type: 'command';
			readonly title: string;
			readonly command: string;
			readonly data?: PluginRecordData | undefined;
			readonly confirm?: string | undefined;
	  }
	| {
			readonly type: 'setting';
			readonly title: string;
			readonly path: SettingsPath;
			readonly value: string | number | boolean | null;
	  };

type Blocks = readonly ViewBlock<PluginChoice>[];

const heading = (text: string): Blocks => [{type: 'text', text, tone: 'accent', strong: true}];

const section = (title: string, blocks: Blocks): Blocks => (blocks.length === 0 ? [] : [...heading(title), ...blocks]);

const leaves = (
	tree: PluginRecordData,
	above: SettingsPath = [],
): readonly {readonly path: SettingsPath; readonly value: PluginData}[] =>
	Object.entries(tree).flatMap(([key, value]) =>
		value === undefined ? [] : isTree(value) ? leaves(value, [...above, key]) : [{path: [...above, key], value}],
	);

const valueText = (value: PluginData): string => {
	switch (value) {
		case null:
			return '(not set)';
		case '':
			return '(empty)';
		case true:
			return 'yes';
		case false:
			return 'no';
		default:
			return typeof value === 'object' ? JSON.stringify(value) : String(value);
	}
};

/** Settings that are one value can be changed; lists are shown. */
export const settingBlocks = (settings: PluginRecordData): Blocks => {
	const all = leaves(settings);
	const widest = Math.min(30, Math.max(0, ...all.map(({path}) => path.join('.').length)));
	const choices = all.flatMap(({path, value}): readonly PluginChoice[] =>
		typeof value === 'object' && value !== null
			? []
			: [{type: 'setting', title: `${path.join('.').padEnd(widest)}  ${valueText(value)}`, path, value}],
	);
	const lists = all.filter(({value}) => typeof value === 'object' && value !== null);
	return [
		...(choices.length === 0 ? [] : [{type: 'actions', actions: choices} as const]),
		...(lists.length === 0
			? []
			: [
					{
						type: 'fields',
						fields: lists.map(({path, value}) => ({label: path.join('.'), value: valueText(value)})),
					} as const,
				]),
	];
};

/** Settings there are that no screen shows: only their names, and how they are changed. */
const hiddenBlocks = (id: string, restricted: readonly SettingsPath[]): Blocks =>
	restricted.length === 0
		? []
		: [
				{
					type: 'fields',
					fields: [
						{
							label: 'Not shown',
							value: `${restricted.map(path => path.join('.')).join(', ')}\nprintkeep plugins settings ${id} NAME VALUE`,
						},
					],
				},
			];

const field = (label: string, value: string): readonly {readonly label: string; readonly value: string}[] =>
	value === '' ? [] : [{label, value}];

/** The plugin’s own pieces, with its commands as choices. */
export const ownBlocks = (blocks: readonly ScreenBlock[]): Blocks =>
	blocks.map(block =>
		block.type === 'actions'
			? {type: 'actions', actions: block.actions.map(action => ({type: 'command', ...action}) as const)}
			: block,
	);

const needsText = {
	restart: 'printkeep to be started again when it is switched',
	reload: 'the plugins to be started again',
};

/**
 * The page of a plugin.
 * @param settings as they may be shown; null when it has none, or they are not known yet. @param about what its own pages say.
 */
export const pluginBlocks = (
	{
		source,
		state,
		reason,
		description,
	}: Pick<PluginInfo, 'source' | 'reason' | 'description'> & {readonly state: string},
	{
		settings,
		about,
		hasWizard,
		needsRestart,
		isPreview = false,
	}: {
		readonly settings: PluginRecordData | null;
		readonly about: readonly ScreenBlock[];
		readonly hasWizard: boolean;
		readonly needsRestart: boolean;
		/** True leaves out what can be done, which stands on the page. */
		readonly isPreview?: boolean;
	},
): Blocks => {
	const problem: Blocks = [
		...(needsRestart
			? [{type: 'text', text: 'Quit printkeep and start it again: only then it counts.', tone: 'warning'} as const]
			: []),
		...(reason === ''
			? []
			: [
					{
						type: 'text',
						text: state === 'active' ? `Its last failure: ${reason}` : reason,
						tone: state === 'active' ? 'warning' : 'error',
					} as const,
				]),
	];
	if (!description) {
		return [...problem, {type: 'fields', fields: field('From', source)}];
	}

	const {id, commands, screens, hooks, abilities, routes} = description;
	const runnable = commands.filter(({required}) => required.length === 0);
	const others = commands.filter(({required}) => required.length > 0);
	const canAct = state === 'active' && !isPreview;
	const openable = screens.filter(({type}) => type === 'tab' || type === 'settings');
	return [
		...problem,
		...(description.description === '' ? [] : [{type: 'text', text: description.description} as const]),
		...(canAct && openable.length + (hasWizard ? 1 : 0) > 0
			? [
					{
						type: 'actions',
						actions: [
							...(hasWizard ? [{type: 'wizard', title: 'Set it up'} as const] : []),
							...openable.map(
								({name, title}) => ({type: 'screen', title: `Open: ${title}`, plugin: id, screen: name}) as const,
							),
						],
					} as const,
				]
			: []),
		...ownBlocks(about),
		...(canAct
			? section('Settings', [
					...(settings === null ? [] : settingBlocks(settings)),
					...hiddenBlocks(id, description.restricted),
				])
			: []),
		...(canAct
			? section('Commands', [
					...(runnable.length === 0
						? []
						: [
								{
									type: 'actions',
									actions: runnable.map(
										({name, description: text}) =>
											({type: 'command', title: text === '' ? name : `${name}: ${text}`, command: name}) as const,
									),
								} as const,
							]),
					...(others.length === 0
						? []
						: [
								{
									type: 'fields',
									fields: others.map(({name, required, description: text}) => ({
										label: name,
										value: `printkeep plugin ${id} ${name} ${required.map(item => `${item}=...`).join(' ')}${text === '' ? '' : `\n${text}`}`,
									})),
								} as const,
							]),
				])
			: []),
		...section('About', [
			{
				type: 'fields',
				fields: [
					...field('Id', id),
					...field('Version', description.version),
					...field('Author', description.author),
					...field('Site', description.url),
					...field('From', source),
					...field('Hooks', hooks.join(', ')),
					...field('Abilities', abilities.join(', ')),
					...field('Server', description.adapterTitle ?? ''),
					...field('Screens', screens.map(({title, type}) => `${title} (${type})`).join(', ')),
					...field('Routes', routes.map(({method, path}) => `${method} ${path}`).join(', ')),
					...field('Needs', description.needs === null ? '' : needsText[description.needs]),
				],
			},
		]),
	];
};
