import {useEffect, useMemo, useRef} from 'react';
import type {Model} from '../../state/model.js';
import {screensOfType} from '../../state/plugin-screens.js';
import {openDialog, type PluginDialog} from '../../state/plugins-model.js';
import {useDashboard} from '../dashboard-context.js';
import type {RouterState, ScreenName} from '../router.js';
import {useModel} from './use-model.js';
import {useRouter} from './use-router.js';

const minute = 60_000;

const selectPlugins = ({plugins}: Model): Model['plugins'] => plugins;
const selectStack = ({stack}: RouterState): RouterState['stack'] => stack;
const selectHasOverlay = ({overlays}: RouterState): boolean => overlays.length > 0;

/** Where a wizard that cannot be skipped comes back: the way to the plugins, where theirs is disabled, stays free. */
const heldBack: ReadonlySet<ScreenName> = new Set<ScreenName>(['home', 'backups', 'create', 'log']);

/**
 * Asks plugins once a minute what they have to say, and opens the wizards of those that have something to ask: each once, those with a step that cannot
 * be skipped until it was gone through.
 * @returns what a plugin shows over everything; nothing while a dialog of the dashboard is open, or something is set up.
 */
export const usePluginsAtWork = (): PluginDialog | undefined => {
	const {actions, router, layers} = useDashboard();
	const plugins = useModel(selectPlugins);
	const stack = useRouter(selectStack);
	const hasOverlay = useRouter(selectHasOverlay);
	useEffect(() => {
		const timer = setInterval(() => void actions.refreshPlugins(), minute);
		return () => clearInterval(timer);
	}, [actions]);

	const opened = useRef<Set<string>>(new Set());
	const current = stack.at(-1)?.route.screen;
	const isSettingUp = stack.some(({route: {screen}}) => screen === 'wizard' || screen === 'welcome');
	const isBlocked = isSettingUp || hasOverlay || plugins.wizards.length === 0;
	useEffect(() => {
		// Nobody is interrupted while typing.
		if (isBlocked || current === undefined || layers.get().some(({type}) => type !== undefined)) {
			return;
		}

		const isMandatory = (plugin: string): boolean =>
			screensOfType(plugins.list, 'wizard').some(screen => screen.plugin === plugin && screen.mandatory);
		const wanted = plugins.wizards.some(
			({plugin}) => !opened.current.has(plugin) || (isMandatory(plugin) && heldBack.has(current)),
		);
		if (wanted) {
			for (const {plugin} of plugins.wizards) {
				opened.current.add(plugin);
			}

			router.push({screen: 'wizard'});
		}
	}, [isBlocked, current, plugins.wizards, plugins.list, layers, router]);
	// What is in a dialog may be long, and is compared as a whole.
	const dialog = useMemo(() => openDialog(plugins), [plugins]);
	return hasOverlay || isSettingUp ? undefined : dialog;
};
