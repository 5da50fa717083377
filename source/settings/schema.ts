import type {PluginPolicy, Profile, ServerKind} from '../client/protocol.js';
import type {PluginConfiguration} from '../plugins/messages.js';

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
	/** Days a deleted backup can be brought back; 0 deletes at once. */
	readonly trashDays: number;
	/** Days a restore can be undone; 0 until the next restore. */
	readonly keepRollbackDays: number;
	/** Address of the server's API; from its configuration when missing. */
	readonly serverUrl?: string;
	/** Private file that holds an application key. The key itself is never kept in the settings. */
	readonly apiKeyFile?: string;
	/** Command lines that stop and start the server; its systemd unit is used when missing. */
	readonly stopCommand?: string;
	readonly startCommand?: string;
	/** What an archive may claim before it is refused; the engine's defaults when missing. */
	readonly limitEntries?: number;
	/** Megabytes of 10⁶ bytes. */
	readonly limitTotalMegabytes?: number;
	readonly limitRatio?: number;
	/** Bytes of an entry's name. */
	readonly limitNameBytes?: number;
	/** How much of the machine jobs may take; the engine's defaults when missing. */
	readonly profile?: Profile;
	/** Threads. */
	readonly jobs?: number;
	/** Megabytes of 10⁶ bytes. */
	readonly maxMemoryMegabytes?: number;
	/** Read by a backup. */
	readonly maxBytesPerSecond?: number;
	readonly nice?: boolean;
	/** True makes no backup when nothing has changed. */
	readonly skipUnchanged?: boolean;
	/** What a failing plugin does to a backup or restore; `warn` when missing. */
	readonly pluginPolicy?: PluginPolicy;
};

/** Settings that need not be there: what holds then is decided where they are used. */
export type OptionalInstanceSetting = {
	[Key in keyof InstanceSettings]-?: undefined extends InstanceSettings[Key] ? Key : never;
}[keyof InstanceSettings];

export type Settings = {
	readonly instances: Readonly<Record<string, InstanceSettings>>;
	/** Instance used when none is named; empty for the only one. */
	readonly defaultInstance: string;
	/** `auto`, `unicode`, `ascii`, or `PLUGIN/NAME` of a set that a plugin brings. */
	readonly symbols: string;
	/** `default`, or `PLUGIN/NAME` of a theme that a plugin brings. */
	readonly theme: string;
	readonly color: 'auto' | 'never';
	/** Sets the terminal's title and progress state. */
	readonly windowTitle: boolean;
	/** Plugins in the order they are loaded. */
	readonly plugins: PluginConfiguration['entries'];
	/** What plugins have stored, by their ids. */
	readonly pluginSettings: PluginConfiguration['settings'];
	/** By plugin id: the version of its wizard that was finished or skipped; null for one without a version. */
	readonly pluginWizards: Readonly<Record<string, number | null>>;
};

/** What holds for every instance. */
export type GlobalSettings = Omit<Settings, 'instances'>;

export const defaultInstanceSettings = {
	excludes: [],
	includes: [],
	overdueAfterHours: 7 * 24,
	keepFreeMegabytes: 100,
	restoreUnsupported: false,
	trashDays: 7,
	keepRollbackDays: 14,
} as const satisfies Partial<InstanceSettings>;

export const defaultSettings: Settings = {
	instances: {},
	defaultInstance: '',
	symbols: 'auto',
	theme: 'default',
	color: 'auto',
	windowTitle: true,
	plugins: [],
	pluginSettings: {},
	pluginWizards: {},
};
