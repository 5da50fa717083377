import {Box, Text} from 'ink';
import {memo, useMemo} from 'react';
import {safeText} from '../../format/safe-text.js';
import {shellCommand} from '../../format/shell-quote.js';
import {padEnd, padMiddle, truncateEnd} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import type {SettingKey} from '../../settings/keys.js';
import {settingKeys} from '../../settings/keys.js';
import {defaultStore} from '../../settings/paths.js';
import type {Settings} from '../../settings/schema.js';
import type {Model} from '../../state/model.js';
import {type ScreenOfPlugin, screensOfType} from '../../state/plugin-screens.js';
import {typedValue} from '../change-setting.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {useModel} from '../hooks/use-model.js';
import {useBodySize} from '../hooks/use-size.js';
import {useWords} from '../hooks/use-words.js';

const selectSettings = ({settings}: Model): Settings => settings;
const selectInstance = ({instance}: Model): Model['instance'] => instance;
const selectPlugins = ({plugins}: Model): Model['plugins'] => plugins;

type Item =
	| {readonly type: 'key'; readonly settingKey: SettingKey}
	/** The list of plugins. */
	| {readonly type: 'plugins'}
	| {readonly type: 'screen'; readonly screen: ScreenOfPlugin};

const itemKey = (item: Item): string =>
	item.type === 'key'
		? item.settingKey.name
		: item.type === 'plugins'
			? ' plugins'
			: ` ${item.screen.plugin}/${item.screen.name}`;

const keyItems: readonly Item[] = settingKeys.map(settingKey => ({type: 'key', settingKey}));

/** How many plugins there are, and how many of them do not work. */
const pluginsText = ({list}: Model['plugins']): string => {
	const broken = list.filter(({state}) => state !== 'active').length;
	return `${list.length === 0 ? 'none' : list.length}${broken === 0 ? '' : `, ${broken} not working`}: Enter or M lists them`;
};

const titleWidth = 22;
const scopeWidth = 16;

type RowProps = {
	readonly title: string;
	readonly scope: string;
	readonly value: string;
	readonly isDefault: boolean;
	readonly isSelected: boolean;
	readonly width: number;
};

const Row = memo(({title, scope, value, isDefault, isSelected, width}: RowProps) => {
	const {theme, symbols} = useDashboard();
	const style = isSelected || !isDefault ? {} : theme.style({tone: 'muted'});
	return (
		<Text wrap="truncate-end" {...theme.style({selected: isSelected})}>
			{`${isSelected ? symbols.pointer : ' '} ${padEnd(title, titleWidth, symbols.ellipsis)}${padEnd(scope, scopeWidth, symbols.ellipsis)}`}
			<Text {...style}>{padMiddle(value, width - 2 - titleWidth - scopeWidth, symbols.ellipsis)}</Text>
		</Text>
	);
});
Row.displayName = 'Row';

/** Everything that can be set, with what each value does. */
export const SettingsScreen = () => {
	const {router, settings: file, symbols, paths} = useDashboard();
	const {columns, rows} = useBodySize();
	const settings = useModel(selectSettings);
	const instance = useModel(selectInstance);
	const noteRows = 5;
	const plugins = useModel(selectPlugins);
	const items = useMemo(
		(): readonly Item[] => [
			...keyItems,
			{type: 'plugins'},
			...screensOfType(plugins.list, 'settings').map(screen => ({type: 'screen', screen}) as const),
		],
		[plugins.list],
	);
	const height = Math.max(1, Math.min(items.length, rows - 1 - noteRows));
	const list = useList('setting', items, itemKey, height);
	const selected = list.selected?.type === 'key' ? list.selected.settingKey : undefined;
	useLayer({
		rank: 'screen',
		actions: {
			...list.actions,
			...(list.selected
				? {
						change: () => {
							switch (list.selected?.type) {
								case 'key':
									router.openOverlay({type: 'setting', name: list.selected.settingKey.name});
									break;
								case 'plugins':
									router.push({screen: 'plugins'});
									break;
								case 'screen':
									router.push({
										screen: 'plugin-screen',
										plugin: list.selected.screen.plugin,
										name: list.selected.screen.name,
									});
									break;
								case undefined:
									break;
							}
						},
					}
				: {}),
		},
	});
	const model = {settings, instance};
	const word = useWords();
	const defaultOf = ({name, defaultText}: SettingKey): string =>
		name === 'store' && instance ? safeText(defaultStore(paths, instance.name)) : word(defaultText);
	const value = selected ? (typedValue(selected, model) ?? '') : '';
	const about =
		selected?.description ??
		(list.selected?.type === 'screen'
			? `What the plugin ${safeText(list.selected.screen.pluginName)} has to set.`
			: 'Plugins do something of their own around backups and restores, and can bring screens, commands and colours.');
	const description = wrapText(about, columns).slice(0, 2);
	const command = selected
		? `${shellCommand(['printkeep', 'config', 'set', selected.name])} ${value === '' ? selected.placeholder : shellCommand([value])}`
		: list.selected?.type === 'screen'
			? shellCommand(['printkeep', 'plugins', 'settings', list.selected.screen.plugin])
			: 'printkeep plugins list';
	return (
		<ScreenFrame>
			<Paint tone="muted">
				{`  ${padEnd('Setting', titleWidth)}${padEnd('For', scopeWidth)}${padEnd('Value', columns - 2 - titleWidth - scopeWidth)}`}
			</Paint>
			<Box flexDirection="column" height={height}>
				{list.visible.map(({item, key, isSelected}) => {
					if (item.type !== 'key') {
						return (
							<Row
								key={key}
								title={item.type === 'plugins' ? 'Plugins' : safeText(item.screen.title)}
								scope={item.type === 'plugins' ? 'everywhere' : safeText(item.screen.pluginName)}
								value={item.type === 'plugins' ? pluginsText(plugins) : 'Enter opens it'}
								isDefault={item.type === 'plugins' && plugins.list.length === 0}
								isSelected={isSelected}
								width={columns}
							/>
						);
					}

					const {settingKey} = item;
					const typed = typedValue(settingKey, model) ?? '';
					return (
						<Row
							key={key}
							title={settingKey.title}
							scope={settingKey.scope === 'global' ? 'everywhere' : safeText(instance?.name ?? '')}
							value={typed === '' ? `default: ${defaultOf(settingKey)}` : safeText(typed)}
							isDefault={typed === '' || typed === settingKey.defaultText}
							isSelected={isSelected}
							width={columns}
						/>
					);
				})}
			</Box>
			<Box flexDirection="column" marginTop={1}>
				{description.map(line => (
					<Paint key={line}>{line}</Paint>
				))}
				<Paint tone="muted">{truncateEnd(`As a command: ${command}`, columns, symbols.ellipsis)}</Paint>
				<Paint tone="muted">{truncateEnd(`Kept in ${safeText(file.path)}`, columns, symbols.ellipsis)}</Paint>
			</Box>
		</ScreenFrame>
	);
};
