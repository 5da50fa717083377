import {Box, Text} from 'ink';
import {memo, useMemo} from 'react';
import {safeText} from '../../format/safe-text.js';
import {shellCommand} from '../../format/shell-quote.js';
import {padEnd, truncateEnd} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import {builtInSummaries} from '../../plugins/built-in/registry.js';
import {builtInPrefix} from '../../plugins/resolve-source.js';
import type {Model} from '../../state/model.js';
import {layOutBlocks} from '../block-lines.js';
import {readPluginsAnew, switchPlugin} from '../change-plugins.js';
import {BlockView} from '../components/block-view.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {useModel} from '../hooks/use-model.js';
import {previewColumns, useBodySize} from '../hooks/use-size.js';
import {switchReason} from '../keys/disabled.js';
import {type PluginChoice, pluginBlocks} from '../plugin-blocks.js';
import {type PluginRow, pluginRows, pluginStateLooks} from '../plugin-rows.js';

const selectEntries = ({settings}: Model): Model['settings']['plugins'] => settings.plugins;
const selectPlugins = ({plugins}: Model): Model['plugins'] => plugins;

const stateWidth = 10;
const versionWidth = 9;
/** Below this, versions have no room. */
const versionColumns = 76;
const noteRows = 4;
const previewWidth = 44;

const nameWidthOf = (width: number): number => (width < versionColumns ? 20 : 24);
const keyOf = ({key}: PluginRow): string => key;

const Row = memo(
	({row, isSelected, width}: {readonly row: PluginRow; readonly isSelected: boolean; readonly width: number}) => {
		const {theme, symbols} = useDashboard();
		const pointer = isSelected ? symbols.pointer : ' ';
		if (row.type === 'tab') {
			return (
				<Text wrap="truncate-end" {...theme.style({selected: isSelected})}>
					{padEnd(`${pointer}   ${row.title}`, width, symbols.ellipsis)}
				</Text>
			);
		}

		const {word, tone} = pluginStateLooks[row.state];
		const version = width < versionColumns ? '' : padEnd(row.version, versionWidth, symbols.ellipsis);
		const room = width - 2 - nameWidthOf(width) - version.length - stateWidth;
		return (
			<Text wrap="truncate-end" {...theme.style({selected: isSelected})}>
				{`${pointer} ${padEnd(row.name, nameWidthOf(width) - 1, symbols.ellipsis)} ${version}`}
				<Text {...(isSelected ? {} : theme.style({tone: row.needsRestart ? 'warning' : tone}))}>
					{padEnd(row.needsRestart ? 'restart' : word, stateWidth)}
				</Text>
				<Text {...(isSelected || row.state !== 'off' ? {} : theme.style({tone: 'muted'}))}>
					{truncateEnd(row.about, room, symbols.ellipsis)}
				</Text>
			</Text>
		);
	},
);
Row.displayName = 'Row';

const rowText = (row: PluginRow): string => (row.type === 'tab' ? `The screen ${row.title}.` : row.about);

/** Beside the list: what the selected plugin says of itself. */
const Preview = ({
	source,
	width,
	height,
}: {
	readonly source: string;
	readonly width: number;
	readonly height: number;
}) => {
	const {symbols} = useDashboard();
	const {list, known} = useModel(selectPlugins);
	const layout = useMemo(() => {
		const info = list.find(each => each.source === source);
		const blocks = pluginBlocks(
			{
				source,
				state: info?.state ?? 'off',
				reason: info?.reason ?? '',
				description: info?.description ?? known.get(source) ?? null,
			},
			{settings: null, about: [], hasWizard: false, needsRestart: false, isPreview: true},
		);
		return layOutBlocks<PluginChoice>(blocks, {width: width - 2, symbols});
	}, [list, known, source, width, symbols]);
	return (
		<Box width={width} height={height} paddingLeft={2} overflow="hidden">
			<BlockView layout={layout} offset={0} selected={null} height={height} />
		</Box>
	);
};

/** Every plugin the settings name, their screens, and what comes with printkeep. */
export const PluginsScreen = () => {
	const dashboard = useDashboard();
	const {router, symbols, settings: file} = dashboard;
	const {columns, rows} = useBodySize();
	const hasPreview = columns >= previewColumns;
	const listWidth = hasPreview ? columns - previewWidth : columns;
	const entries = useModel(selectEntries);
	const plugins = useModel(selectPlugins);
	const reason = useModel(switchReason);
	const items = useMemo(() => pluginRows(entries, plugins, builtInSummaries), [entries, plugins]);
	const height = Math.max(1, rows - 2 - noteRows);
	const list = useList('cursor', items, keyOf, height);
	const {selected} = list;
	/** As a person would type it: paths are long. */
	const nameOf = (source: string): string =>
		source.startsWith(builtInPrefix)
			? source.slice(builtInPrefix.length)
			: (plugins.list.find(plugin => plugin.source === source)?.description?.id ??
				plugins.known.get(source)?.id ??
				source);
	const isOn = entries.some(({source, enabled}) => enabled && source === selected?.source);
	useLayer({
		rank: 'screen',
		actions: {
			...list.actions,
			refresh: {run: () => void readPluginsAnew(dashboard), disabled: reason},
			...(selected
				? {
						choose: () =>
							router.push(
								selected.type === 'tab'
									? {screen: 'plugin-screen', plugin: selected.plugin, name: selected.screen}
									: {screen: 'plugin', source: selected.source},
							),
						'switch-plugin': {run: () => void switchPlugin(dashboard, selected.source, !isOn), disabled: reason},
					}
				: {}),
		},
	});
	const command = selected
		? shellCommand(['printkeep', 'plugins', isOn ? 'disable' : 'enable', nameOf(selected.source)])
		: 'printkeep plugins enable /path/of/the/plugin.mjs';
	const about = selected ? wrapText(rowText(selected), columns).slice(0, 2) : [];
	const version = listWidth < versionColumns ? '' : padEnd('Version', versionWidth);
	return (
		<ScreenFrame>
			{plugins.error ? (
				<ErrorView error={plugins.error} instance="" />
			) : items.length === 0 ? (
				<Paint>No plugin is named in the settings. The command below enables one.</Paint>
			) : (
				<Paint tone="muted">{`  ${padEnd('Plugin', nameWidthOf(listWidth))}${version}${padEnd('State', stateWidth)}About`}</Paint>
			)}
			<Box height={height}>
				<Box flexDirection="column" width={listWidth} height={height} overflow="hidden">
					{list.visible.map(({item, key, isSelected}) => (
						<Row key={key} row={item} isSelected={isSelected} width={listWidth} />
					))}
				</Box>
				{hasPreview && selected ? <Preview source={selected.source} width={previewWidth} height={height} /> : null}
			</Box>
			<Box flexDirection="column" marginTop={1}>
				{about.map((line, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
					<Paint key={index}>{line}</Paint>
				))}
				<Paint tone="muted">{truncateEnd(`As a command: ${command}`, columns, symbols.ellipsis)}</Paint>
				{about.length < 2 ? (
					<Paint tone="muted">{truncateEnd(`Named in ${safeText(file.path)}`, columns, symbols.ellipsis)}</Paint>
				) : null}
			</Box>
		</ScreenFrame>
	);
};
