import {useEffect, useMemo} from 'react';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd} from '../../format/truncate.js';
import type {Model} from '../../state/model.js';
import {type ScreenOfPlugin, screensOfType} from '../../state/plugin-screens.js';
import type {PendingWizard} from '../../state/plugins-model.js';
import type {ViewBlock} from '../block-lines.js';
import {finishWizard} from '../change-plugins.js';
import {BlockView} from '../components/block-view.js';
import {Paint} from '../components/paint.js';
import {PluginError} from '../components/plugin-error.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {useDashboard} from '../dashboard-context.js';
import {useBlockKeys} from '../hooks/use-block-keys.js';
import {useBlocks} from '../hooks/use-blocks.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {type PluginAction, usePluginCommand} from '../hooks/use-plugin-command.js';
import {usePluginContent} from '../hooks/use-plugin-content.js';
import {useBodySize} from '../hooks/use-size.js';
import {ownBlocks, type PluginChoice} from '../plugin-blocks.js';

type StepChoice = Extract<PluginChoice, {type: 'command'}> | {readonly type: 'next' | 'skip'; readonly title: string};

const selectPlugins = ({plugins}: Model): Model['plugins'] => plugins;

const WizardStep = ({
	wizard,
	steps,
	step,
	onStep,
}: {
	readonly wizard: PendingWizard;
	readonly steps: readonly ScreenOfPlugin[];
	readonly step: number;
	readonly onStep: (step: number) => void;
}) => {
	const dashboard = useDashboard();
	const {symbols} = dashboard;
	const {columns, rows} = useBodySize();
	const screen = steps[step];
	const {plugin, name = '', title = '', pluginName = plugin} = screen ?? {plugin: wizard.plugin};
	const [content, again] = usePluginContent(plugin, name);
	const [run, running] = usePluginCommand(plugin, again);
	const isLast = step >= steps.length - 1;
	// What a plugin cannot show, nobody can go through: it does not hold anybody up.
	const mustDo = content.type !== 'failed' && steps.slice(step).some(({mandatory}) => mandatory);
	const own = content.type === 'ready' ? content.blocks : null;
	const blocks = useMemo(
		(): readonly ViewBlock<StepChoice>[] => [
			...((own === null ? [] : ownBlocks(own)) as readonly ViewBlock<StepChoice>[]),
			{type: 'text', text: ''},
			{
				type: 'actions',
				actions: [
					...(own === null ? [] : [{type: 'next', title: isLast ? 'Finish' : 'Next'} as const]),
					...(mustDo ? [] : [{type: 'skip', title: 'Skip all of this'} as const]),
				],
			},
		],
		[own, isLast, mustDo],
	);
	const height = rows - 2 - (content.type === 'failed' ? 6 : 0);
	const view = useBlocks<StepChoice>(`step:${plugin}/${name}`, blocks, {width: columns, height});
	const choose = (choice: StepChoice): void => {
		switch (choice.type) {
			case 'command':
				run(choice satisfies PluginAction);
				break;
			case 'next':
				if (isLast) {
					void finishWizard(dashboard, wizard, true);
				} else {
					onStep(step + 1);
				}

				break;
			case 'skip':
				void finishWizard(dashboard, wizard, false);
				break;
		}
	};

	useBlockKeys(view, {
		again,
		choose,
		running,
		further:
			step > 0
				? {back: () => onStep(step - 1)}
				: mustDo
					? {
							back: {
								run: () => undefined,
								disabled: `${safeText(pluginName)} has to be set up first. M lists the plugins, where it can be disabled.`,
							},
						}
					: {},
	});
	return (
		<ScreenFrame idle={view.hint}>
			<Paint tone="accent">
				{truncateEnd(
					`Setting up ${safeText(pluginName)}: ${safeText(title)}${steps.length > 1 ? `, ${step + 1} of ${steps.length}` : ''}`,
					columns,
					symbols.ellipsis,
				)}
			</Paint>
			<Paint> </Paint>
			{content.type === 'failed' ? <PluginError name={pluginName} error={content.error} /> : null}
			<BlockView layout={view.layout} offset={view.offset} selected={view.selected} height={height} />
		</ScreenFrame>
	);
};

const PluginWizard = ({wizard, steps}: {readonly wizard: PendingWizard; readonly steps: readonly ScreenOfPlugin[]}) => {
	const [step, setStep] = useMemory(`step:${wizard.plugin}`, 0);
	const shown = Math.min(step, steps.length - 1);
	return <WizardStep key={shown} wizard={wizard} steps={steps} step={shown} onStep={setStep} />;
};

/** What plugins ask before they are used, one plugin after the other, step by step. */
export const WizardScreen = () => {
	const {router} = useDashboard();
	const {list, wizards} = useModel(selectPlugins);
	const [wizard] = wizards;
	const steps = useMemo(
		() => screensOfType(list, 'wizard').filter(({plugin}) => plugin === wizard?.plugin),
		[list, wizard?.plugin],
	);
	const isOver = wizard === undefined || steps.length === 0;
	useEffect(() => {
		if (isOver && !router.back()) {
			router.go({screen: 'home'});
		}
	}, [isOver, router]);
	return isOver ? null : <PluginWizard key={wizard.plugin} wizard={wizard} steps={steps} />;
};
