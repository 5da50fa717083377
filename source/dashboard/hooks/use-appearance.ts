import {useEffect, useMemo, useSyncExternalStore} from 'react';
import {takeSymbols, takeTheme} from '../appearance.js';
import type {DashboardContextValue} from '../dashboard-context.js';
import {createTheme} from '../theme.js';

/** The dashboard in the colours and with the marks of a plugin, as soon as the plugin is known; before, and without one, in the usual ones. */
export const useAppearance = (dashboard: DashboardContextValue): DashboardContextValue => {
	const {store, actions, clock} = dashboard;
	const list = useSyncExternalStore(store.subscribe, () => store.get().plugins.list);
	const wantedTheme = useSyncExternalStore(store.subscribe, () => store.get().settings.theme);
	const wantedSymbols = useSyncExternalStore(store.subscribe, () => store.get().settings.symbols);
	const {value, ignored} = useMemo(() => {
		const theme = takeTheme(list, wantedTheme);
		const symbols = takeSymbols(list, wantedSymbols, dashboard.symbols);
		return {
			value: {
				...dashboard,
				theme:
					Object.keys(theme.value).length === 0 ? dashboard.theme : createTheme(dashboard.theme.color, theme.value),
				symbols: symbols.value,
			},
			ignored: [...theme.ignored, ...symbols.ignored],
		};
	}, [dashboard, list, wantedTheme, wantedSymbols]);
	const told = ignored.join('\n');
	useEffect(() => {
		for (const text of told === '' ? [] : told.split('\n')) {
			actions.dispatch({type: 'noted', level: 'warning', at: clock.now(), text, detail: []});
		}
	}, [told, actions, clock]);
	return value;
};
