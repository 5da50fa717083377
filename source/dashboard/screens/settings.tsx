import {Box, Text} from 'ink';
import {memo} from 'react';
import {safeText} from '../../format/safe-text.js';
import {shellCommand} from '../../format/shell-quote.js';
import {padEnd, padMiddle, truncateEnd} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import type {SettingKey} from '../../settings/keys.js';
import {settingKeys} from '../../settings/keys.js';
import {defaultStore} from '../../settings/paths.js';
import type {Settings} from '../../settings/schema.js';
import type {Model} from '../../state/model.js';
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
const keyName = ({name}: SettingKey): string => name;

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
	const height = Math.max(1, Math.min(settingKeys.length, rows - 1 - noteRows));
	const list = useList('setting', settingKeys, keyName, height);
	const {selected} = list;
	useLayer({
		rank: 'screen',
		actions: {
			...list.actions,
			...(selected ? {change: () => router.openOverlay({type: 'setting', name: selected.name})} : {}),
		},
	});
	const model = {settings, instance};
	const word = useWords();
	const defaultOf = ({name, defaultText}: SettingKey): string =>
		name === 'store' && instance ? safeText(defaultStore(paths, instance.name)) : word(defaultText);
	const value = selected ? (typedValue(selected, model) ?? '') : '';
	const description = selected ? wrapText(selected.description, columns).slice(0, 2) : [];
	return (
		<ScreenFrame>
			<Paint tone="muted">
				{`  ${padEnd('Setting', titleWidth)}${padEnd('For', scopeWidth)}${padEnd('Value', columns - 2 - titleWidth - scopeWidth)}`}
			</Paint>
			<Box flexDirection="column" height={height}>
				{list.visible.map(({item, key, isSelected}) => {
					const typed = typedValue(item, model) ?? '';
					return (
						<Row
							key={key}
							title={item.title}
							scope={item.scope === 'global' ? 'everywhere' : safeText(instance?.name ?? '')}
							value={typed === '' ? `default: ${defaultOf(item)}` : safeText(typed)}
							isDefault={typed === '' || typed === item.defaultText}
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
				<Paint tone="muted">
					{truncateEnd(
						selected
							? `As a command: ${shellCommand(['printkeep', 'config', 'set', selected.name])} ${value === '' ? selected.placeholder : shellCommand([value])}`
							: '',
						columns,
						symbols.ellipsis,
					)}
				</Paint>
				<Paint tone="muted">{truncateEnd(`Kept in ${safeText(file.path)}`, columns, symbols.ellipsis)}</Paint>
			</Box>
		</ScreenFrame>
	);
};
