import {useEffect, useMemo} from 'react';
import type {PluginInfo} from '../../client/protocol.js';
import {truncateEnd} from '../../format/truncate.js';
import type {PluginRecordData, ScreenBlock} from '../../plugins/api.js';
import type {Model} from '../../state/model.js';
import {switchPlugin} from '../change-plugins.js';
import {BlockView} from '../components/block-view.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {useDashboard} from '../dashboard-context.js';
import {useAsync} from '../hooks/use-async.js';
import {useBlockKeys} from '../hooks/use-block-keys.js';
import {useBlocks} from '../hooks/use-blocks.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {usePluginCommand} from '../hooks/use-plugin-command.js';
import {useBodySize} from '../hooks/use-size.js';
import {switchReason} from '../keys/disabled.js';
import {type PluginChoice, pluginBlocks} from '../plugin-blocks.js';
import {pluginStateLooks, pluginTitle} from '../plugin-rows.js';

const selectPlugins = ({plugins}: Model): Model['plugins'] => plugins;

type Facts = {readonly settings: PluginRecordData | null; readonly about: readonly ScreenBlock[]};

const noFacts: Facts = {settings: null, about: []};

/** What a plugin says of itself only when it is asked; what it does not answer is left out. */
const useFacts = (info: PluginInfo | undefined): readonly [Facts, () => void] => {
	const {actions} = useDashboard();
	const description = info?.state === 'active' ? info.description : null;
	const [known, setKnown] = useMemory<Facts>('facts', noFacts);
	const [state, again] = useAsync(
		`${description?.id ?? ''} ${description?.version ?? ''}`,
		async (): Promise<Facts> => {
			if (!description) {
				return noFacts;
			}

			const {id, abilities, screens} = description;
			const settings = abilities.includes('settings')
				? await actions.request('plugins.settings', {plugin: id}).catch(() => null)
				: null;
			const pages = await Promise.all(
				screens
					.filter(({type}) => type === 'about')
					.map(async ({name}) => actions.pluginScreen(id, name).catch(() => [])),
			);
			return {settings, about: pages.flat()};
		},
	);
	useEffect(() => {
		if (state.type === 'ready') {
			setKnown(state.value);
		}
	}, [state, setKnown]);
	return [state.type === 'ready' ? state.value : known, again];
};

/** One plugin: what it is, its screens, commands and settings. */
export const PluginScreen = ({source}: {readonly source: string}) => {
	const dashboard = useDashboard();
	const {router, symbols} = dashboard;
	const {columns, rows} = useBodySize();
	const plugins = useModel(selectPlugins);
	const isOn = useModel(({settings}) => settings.plugins.some(entry => entry.enabled && entry.source === source));
	const reason = useModel(switchReason);
	const info = isOn ? plugins.list.find(each => each.source === source) : undefined;
	const state = !isOn ? 'off' : (info?.state ?? 'starting');
	const id = info?.description?.id ?? '';
	const [facts, again] = useFacts(info);
	const [run, running] = usePluginCommand(id, again);
	const hasWizard = plugins.wizards.some(({plugin}) => plugin === id);
	const needsRestart = plugins.needRestart.has(source);
	const blocks = useMemo(
		() =>
			pluginBlocks(
				{source, state, reason: info?.reason ?? '', description: info?.description ?? null},
				{...facts, hasWizard, needsRestart},
			),
		[source, state, info, facts, hasWizard, needsRestart],
	);
	const view = useBlocks<PluginChoice>('page', blocks, {width: columns, height: rows - 2});
	const choose = (choice: PluginChoice): void => {
		switch (choice.type) {
			case 'screen':
				router.push({screen: 'plugin-screen', plugin: choice.plugin, name: choice.screen});
				break;
			case 'wizard':
				router.push({screen: 'wizard'});
				break;
			case 'command':
				run(choice);
				break;
			case 'setting':
				router.openOverlay({
					type: 'plugin-setting',
					plugin: id,
					path: choice.path,
					value: choice.value,
					onChanged: again,
				});
				break;
		}
	};

	useBlockKeys(view, {
		again,
		choose,
		running,
		waits: ({type}) => type === 'command',
		further: {'switch-plugin': {run: () => void switchPlugin(dashboard, source, !isOn), disabled: reason}},
	});
	const {word, tone} = pluginStateLooks[state];
	return (
		<ScreenFrame idle={view.hint}>
			<Paint strong>
				{truncateEnd(pluginTitle(source, info?.description ?? plugins.known.get(source)), columns, symbols.ellipsis)}
			</Paint>
			<Paint tone={tone}>{isOn ? word : 'off: Space enables it'}</Paint>
			<BlockView layout={view.layout} offset={view.offset} selected={view.selected} height={rows - 2} />
		</ScreenFrame>
	);
};
