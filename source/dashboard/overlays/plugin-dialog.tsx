import {useState} from 'react';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd} from '../../format/truncate.js';
import type {PluginDialog} from '../../state/plugins-model.js';
import {BlockView} from '../components/block-view.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {useBlocks} from '../hooks/use-blocks.js';
import {useLayer} from '../hooks/use-layer.js';
import {EntryContext} from '../hooks/use-memory.js';
import {type PluginAction, usePluginCommand} from '../hooks/use-plugin-command.js';
import {useTerminalSize} from '../hooks/use-size.js';
import type {Entry} from '../router.js';

const Content = ({dialog}: {readonly dialog: PluginDialog}) => {
	const {actions, symbols} = useDashboard();
	const {columns, rows} = useTerminalSize();
	const width = dialogInnerWidth(columns, 76);
	const close = (): void => actions.dispatch({type: 'plugin-dialog-closed', dialog});
	const [run, running] = usePluginCommand(dialog.plugin, () => undefined);
	const most = Math.max(1, rows - 8);
	const view = useBlocks<PluginAction>('dialog', dialog.blocks, {width, height: most, startsEmpty: true});
	const height = Math.min(most, view.layout.lines.length);
	const {action} = view;
	// Closing is chosen before a key has chosen something else: who was about to press Enter elsewhere does nothing here by it.
	useLayer({
		rank: 'overlay',
		modal: true,
		actions: {
			...view.actions,
			back: close,
			choose: action
				? {run: () => run(action), disabled: running === null ? undefined : `${running} is running: wait for it.`}
				: close,
		},
	});
	return (
		<Dialog title={truncateEnd(safeText(dialog.title), width, symbols.ellipsis)} height={height + 2} width={76}>
			<BlockView layout={view.layout} offset={view.offset} selected={view.selected} height={height} />
			<Paint> </Paint>
			<Paint selected={!action} strong={!action}>{`${action ? ' ' : symbols.pointer} Close `}</Paint>
		</Dialog>
	);
};

/** What a plugin shows over everything, until it is closed; it comes back when there is something else in it. */
export const PluginDialogOverlay = ({dialog}: {readonly dialog: PluginDialog}) => {
	const [entry] = useState((): Entry => ({id: 'plugin-dialog', route: {screen: 'home'}, memory: new Map()}));
	return (
		<EntryContext value={entry}>
			<Content dialog={dialog} />
		</EntryContext>
	);
};
