import {createContext, useContext} from 'react';
import type {Clock} from '../clock.js';
import type {Paths} from '../settings/paths.js';
import type {SettingsStore} from '../settings/store.js';
import type {Actions} from '../state/actions.js';
import type {Model} from '../state/model.js';
import type {Store} from '../state/store.js';
import type {LayerStore} from './keys/layer-store.js';
import type {Router} from './router.js';
import type {Symbols} from './symbols.js';
import type {Theme} from './theme.js';

/** What the screens can do to the terminal and the program; everything else goes through actions and router. */
export type Host = {
	/** Leaves the dashboard at once with this exit code. */
	readonly quit: (exitCode: number) => void;
	/** Leaves at once, cancels the running job and waits until it has cleaned up. */
	readonly stop: (exitCode: number) => void;
	readonly suspend: () => void;
	/** Draws everything anew, also what another program has overwritten. */
	readonly repaint: () => void;
	/** Opens the dashboard on made-up data; missing when there is none to offer. */
	readonly openDemo?: (() => void) | undefined;
};

export type DashboardContextValue = {
	readonly store: Store<Model>;
	readonly actions: Actions;
	readonly router: Router;
	readonly layers: LayerStore;
	readonly theme: Theme;
	readonly symbols: Symbols;
	readonly clock: Clock;
	readonly settings: SettingsStore;
	readonly paths: Paths;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly host: Host;
};

/** What every part of the dashboard shares; another object only when a plugin’s colours or marks come or go, so that nothing is drawn because of it. */
export const DashboardContext = createContext<DashboardContextValue | null>(null);

/** The shared object. Throws outside of the dashboard. */
export const useDashboard = (): DashboardContextValue => {
	const value = useContext(DashboardContext);
	if (value === null) {
		throw new Error('This part of the dashboard was drawn outside of it.');
	}

	return value;
};
