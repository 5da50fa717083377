import {useMemo} from 'react';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd} from '../../format/truncate.js';
import {displayWidth} from '../../format/width.js';
import type {ScreenBlock} from '../../plugins/api.js';
import type {Model} from '../../state/model.js';
import {BlockView} from '../components/block-view.js';
import {Paint} from '../components/paint.js';
import {PluginError} from '../components/plugin-error.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {useDashboard} from '../dashboard-context.js';
import {useBlockKeys} from '../hooks/use-block-keys.js';
import {useBlocks} from '../hooks/use-blocks.js';
import {useModel} from '../hooks/use-model.js';
import {type PluginAction, usePluginCommand} from '../hooks/use-plugin-command.js';
import {type PluginContent, usePluginContent} from '../hooks/use-plugin-content.js';
import {useBodySize} from '../hooks/use-size.js';
import type {ActionHandlers} from '../keys/layers.js';

const selectList = ({plugins}: Model): Model['plugins']['list'] => plugins.list;
const nothing: readonly ScreenBlock[] = [];

/** Draws what a plugin has on a screen, with its keys. */
export const PluginScreenView = ({
	plugin,
	name,
	content,
	again,
	actions: further = {},
}: {
	readonly plugin: string;
	/** Of the screen. */
	readonly name: string;
	readonly content: PluginContent;
	/** Asks the plugin again. */
	readonly again: () => void;
	/** Further keys of the screen. */
	readonly actions?: ActionHandlers;
}) => {
	const {symbols} = useDashboard();
	const {columns, rows} = useBodySize();
	const list = useModel(selectList);
	const description = useMemo(() => list.find(info => info.description?.id === plugin)?.description, [list, plugin]);
	const title = safeText(description?.screens.find(screen => screen.name === name)?.title ?? name);
	const owner = safeText(description?.name ?? plugin);
	const blocks = content.type === 'ready' ? content.blocks : nothing;
	const view = useBlocks<PluginAction>(`screen:${plugin}/${name}`, blocks, {width: columns, height: rows - 2});
	const [run, running] = usePluginCommand(plugin, again);
	useBlockKeys(view, {again, choose: run, running, further});
	const from = owner === title ? '' : `  ${owner}`;
	const head = truncateEnd(title, columns - displayWidth(from), symbols.ellipsis);
	return (
		<ScreenFrame idle={view.hint}>
			<Paint strong>
				{head}
				<Paint tone="muted">{truncateEnd(from, columns - displayWidth(head), symbols.ellipsis)}</Paint>
			</Paint>
			<Paint> </Paint>
			{content.type === 'failed' ? (
				<PluginError name={owner} error={content.error} />
			) : blocks.length === 0 ? (
				<Paint tone="muted">
					{content.type === 'loading' ? `Asking ${owner}...` : 'There is nothing on this screen now. Esc goes back.'}
				</Paint>
			) : (
				<BlockView layout={view.layout} offset={view.offset} selected={view.selected} height={rows - 2} />
			)}
		</ScreenFrame>
	);
};

/** A screen a plugin has declared. */
export const PluginTabScreen = ({plugin, name}: {readonly plugin: string; readonly name: string}) => {
	const [content, again] = usePluginContent(plugin, name);
	return <PluginScreenView plugin={plugin} name={name} content={content} again={again} />;
};
