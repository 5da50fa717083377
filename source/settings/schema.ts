import type {ServerKind} from '../client/protocol.js';

/** What is kept per instance. Paths are absolute. */
export type InstanceSettings = {
	readonly kind: ServerKind;
	readonly dataFolder: string;
	readonly configFile?: string;
	readonly python?: string;
	/** Where backups go; `backups/<instance>` under the XDG data folder when missing. */
	readonly store?: string;
	/** Parts left out of every backup. */
	readonly excludes: readonly string[];
	/** Parts that are left out by default and this person wants in. */
	readonly includes: readonly string[];
	/** The last good backup is overdue after this many hours. */
	readonly overdueAfterHours: number;
	/** Megabytes (10⁶ bytes) to leave free on the store's disk. */
	readonly keepFreeMegabytes: number;
	readonly restoreUnsupported: boolean;
};

export type Settings = {
	readonly instances: Readonly<Record<string, InstanceSettings>>;
	/** Instance used when none is named; empty for the only one. */
	readonly defaultInstance: string;
	readonly symbols: 'auto' | 'unicode' | 'ascii';
	readonly color: 'auto' | 'never';
	/** Sets the terminal's title and progress state. */
	readonly windowTitle: boolean;
};

/** What holds for every instance. */
export type GlobalSettings = Omit<Settings, 'instances'>;

export const defaultInstanceSettings = {
	excludes: [],
	includes: [],
	overdueAfterHours: 7 * 24,
	keepFreeMegabytes: 100,
	restoreUnsupported: false,
} as const satisfies Partial<InstanceSettings>;

export const defaultSettings: Settings = {
	instances: {},
	defaultInstance: '',
	symbols: 'auto',
	color: 'auto',
	windowTitle: true,
};
