import {type ReactNode, useMemo} from 'react';
import type {Model} from '../../state/model.js';
import {replacementOf, type ScreenOfPlugin} from '../../state/plugin-screens.js';
import {useLayer} from '../hooks/use-layer.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {usePluginContent} from '../hooks/use-plugin-content.js';
import {PluginScreenView} from './plugin-screen.js';

const selectHasError = ({targetError}: Model): boolean => targetError !== null;
const selectList = ({plugins}: Model): Model['plugins']['list'] => plugins.list;

/** As long as the plugin has not answered, or cannot, the dashboard’s own screen is there. */
const Replacement = ({
	screen: {plugin, name},
	original,
	onOriginal,
}: {
	readonly screen: ScreenOfPlugin;
	readonly original: ReactNode;
	readonly onOriginal: () => void;
}) => {
	const [content, again] = usePluginContent(plugin, name);
	return content.type === 'ready' && content.blocks.length > 0 ? (
		<PluginScreenView plugin={plugin} name={name} content={content} again={again} actions={{original: onOriginal}} />
	) : (
		original
	);
};

const BackToReplacement = ({onBack}: {readonly onBack: () => void}) => {
	useLayer({rank: 'screen', actions: {original: onBack}});
	return null;
};

/** A screen of the dashboard, or the tab of a plugin that is shown instead of it; V goes from one to the other. */
export const ReplaceableScreen = ({screen, children}: {readonly screen: string; readonly children: ReactNode}) => {
	const list = useModel(selectList);
	const replacement = useMemo(() => replacementOf(list, screen), [list, screen]);
	const [wantsOriginal, setWantsOriginal] = useMemory('original', false);
	// That there is nothing to work on is told by the dashboard’s own screens only.
	const hasError = useModel(selectHasError);
	if (!replacement || hasError) {
		return children;
	}

	return wantsOriginal ? (
		<>
			{children}
			<BackToReplacement onBack={() => setWantsOriginal(false)} />
		</>
	) : (
		<Replacement
			key={`${replacement.plugin}/${replacement.name}`}
			screen={replacement}
			original={children}
			onOriginal={() => setWantsOriginal(true)}
		/>
	);
};
