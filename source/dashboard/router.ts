import type {ArchiveSource, MachineSetting, Origin, RestoreMode, RestorePlan, TrashItem} from '../client/protocol.js';
import type {ErrorData} from '../errors.js';
import type {SettingsPath} from '../plugins/api.js';
import type {CompareWith} from '../state/start-jobs.js';

/** Where a person can be. Numbered screens are the roots; the others are pushed on top of one. */
export type Route =
	| {readonly screen: 'home'}
	| {readonly screen: 'backups'}
	| {readonly screen: 'create'}
	| {readonly screen: 'settings'}
	| {readonly screen: 'log'}
	| {readonly screen: 'details'; readonly key: string; readonly origin: Origin}
	| {readonly screen: 'plan'; readonly source: ArchiveSource; readonly files?: readonly string[]}
	| {readonly screen: 'compare'; readonly left: ArchiveSource; readonly right: CompareWith}
	| {readonly screen: 'find'; readonly source: ArchiveSource}
	| {readonly screen: 'trash'}
	| {readonly screen: 'import'}
	| {readonly screen: 'plugins'}
	| {readonly screen: 'plugin'; readonly source: string}
	/** A screen that a plugin has declared. */
	| {readonly screen: 'plugin-screen'; readonly plugin: string; readonly name: string}
	| {readonly screen: 'wizard'}
	| {readonly screen: 'welcome'};

export type ScreenName = Route['screen'];

/** The numbered screens, in the order of their digits. */
export const numberedScreens = [
	'home',
	'backups',
	'create',
	'settings',
	'log',
] as const satisfies readonly ScreenName[];

/** A backup as a dialog needs it; the rest is looked up in the model. */
export type BackupId = {readonly key: string; readonly origin: Origin};

/** A restore that was looked at as a plan and waits for a yes. */
export type RestoreDecision = {
	readonly source: ArchiveSource;
	readonly plan: RestorePlan;
	/** The only parts to restore; all when missing. */
	readonly parts?: readonly string[] | undefined;
	/** The only paths to restore; instead of parts. */
	readonly files?: readonly string[] | undefined;
	/** Folder to restore into; in place when missing. */
	readonly to?: string | undefined;
	readonly mode: RestoreMode;
	/** Groups of settings of this machine that stay. */
	readonly keepSettings: readonly string[];
};

/** What lies over the screen. The last one has the focus. */
export type Overlay =
	| {readonly type: 'help'}
	| {readonly type: 'quit'; readonly exitCode: number}
	| {readonly type: 'delete'; readonly backups: readonly BackupId[]}
	/** `refusal`: the server prints, and only a person can say that it does not matter. */
	| {readonly type: 'undo'; readonly refusal?: ErrorData}
	| {readonly type: 'event'; readonly title: string; readonly lines: readonly string[]}
	| {readonly type: 'export'; readonly source: ArchiveSource; readonly files: readonly string[]}
	| {readonly type: 'leftovers'}
	| {readonly type: 'empty-trash'; readonly items: readonly TrashItem[]; readonly isEverything: boolean}
	| {
			readonly type: 'keep-settings';
			readonly settings: readonly MachineSetting[];
			readonly kept: readonly string[];
			readonly onDone: (kept: readonly string[]) => void;
	  }
	| {readonly type: 'setting'; readonly name: string}
	| {
			readonly type: 'plugin-setting';
			readonly plugin: string;
			readonly path: SettingsPath;
			readonly value: string | number | boolean | null;
			readonly onChanged: () => void;
	  }
	/** A plugin’s question before one of its commands. */
	| {
			readonly type: 'plugin-confirm';
			readonly title: string;
			readonly question: string;
			readonly onYes: () => void;
	  }
	| {readonly type: 'restore'; readonly choice: RestoreDecision; readonly onStart: (jobId: string) => void};

/** One visited place, with what the person had set up there. */
export type Entry = {
	readonly id: string;
	readonly route: Route;
	/** Cursor, filter, marks…, by a name the screen chooses; kept so that coming back finds them. */
	readonly memory: Map<string, unknown>;
};

export type RouterState = {
	/** The last one is shown. Never empty. */
	readonly stack: readonly Entry[];
	readonly overlays: readonly Overlay[];
	/** The person wants to leave as soon as the running job has ended. */
	readonly leaving: boolean;
};

export type Router = {
	readonly get: () => RouterState;
	readonly subscribe: (listener: () => void) => () => void;
	/** Goes to a numbered screen, or to the start of another tree; everything pushed is left. */
	readonly go: (route: Route) => void;
	readonly push: (route: Route) => void;
	/** Puts another screen in place of the present one. */
	readonly replace: (route: Route) => void;
	/** Leaves a pushed screen, or goes home from a numbered one. False when there is nowhere to go. */
	readonly back: () => boolean;
	readonly openOverlay: (overlay: Overlay) => void;
	/** Closes the topmost overlay. */
	readonly closeOverlay: () => void;
	readonly closeOverlays: () => void;
	readonly setLeaving: (leaving: boolean) => void;
};

/** Keeps where the person is. */
export const createRouter = (start: Route): Router => {
	const listeners = new Set<() => void>();
	let nextId = 1;
	// Numbered screens keep their memory when they are left.
	const roots = new Map<ScreenName, Entry>();
	const entryOf = (route: Route): Entry => {
		const isRoot = (numberedScreens as readonly ScreenName[]).includes(route.screen);
		const known = isRoot ? roots.get(route.screen) : undefined;
		const entry = known ?? {id: `${route.screen}-${nextId++}`, route, memory: new Map()};
		if (isRoot) {
			roots.set(route.screen, entry);
		}

		return entry;
	};

	let state: RouterState = {stack: [entryOf(start)], overlays: [], leaving: false};
	const set = (patch: Partial<RouterState>): void => {
		state = {...state, ...patch};
		for (const listener of listeners) {
			listener();
		}
	};

	return {
		get: () => state,
		subscribe: listener => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		go: route => set({stack: [entryOf(route)], overlays: []}),
		push: route => set({stack: [...state.stack, entryOf(route)], overlays: []}),
		replace: route => set({stack: [...state.stack.slice(0, -1), entryOf(route)], overlays: []}),
		back: () => {
			const [current] = state.stack;
			if (state.stack.length > 1) {
				set({stack: state.stack.slice(0, -1)});
				return true;
			}

			if (current && current.route.screen !== 'home' && current.route.screen !== 'welcome') {
				set({stack: [entryOf({screen: 'home'})]});
				return true;
			}

			return false;
		},
		openOverlay: overlay => set({overlays: [...state.overlays, overlay]}),
		closeOverlay: () => set({overlays: state.overlays.slice(0, -1)}),
		closeOverlays: () => set({overlays: []}),
		setLeaving: leaving => set({leaving, overlays: []}),
	};
};
