/**
 * The public API of plugins: `import {definePlugin} from 'printkeep/plugin'`. This file needs nothing else of printkeep, so that its types can be shipped
 * as they are. Everything a plugin says of itself is data or a function; every function gets a narrow context as its last argument, runs in the plugin
 * thread, and has a time limit. Sizes are bytes, times are milliseconds since the epoch, unless the name says otherwise.
 * Why one long file: it is the reference a plugin is written against.
 */

/** The version of this API; a plugin says which one it was written for. */
export const apiVersion = 1;

/** Plain data, as it crosses threads and goes into JSON. */
export type PluginData =
	| null
	| boolean
	| number
	| string
	| readonly PluginData[]
	| {readonly [key: string]: PluginData | undefined};

export type PluginRecordData = {readonly [key: string]: PluginData | undefined};

type Awaitable<Value> = Value | Promise<Value>;

// ---------------------------------------------------------------------------------------------- what a plugin is given

/** The instance a job works on. */
export type PluginInstance = {
	readonly name: string;
	/** Kind of server: `octoprint`, or `plugin-<kind>` of one that a plugin knows. */
	readonly kind: string;
	/** Absolute path of its data folder. */
	readonly dataFolder: string;
	/** Absolute path of the folder that keeps its backups; empty in the functions of an adapter, which are not about one. */
	readonly store: string;
};

/** What the server does: see `PluginContext.serverActivity`. */
export type PluginServerActivity = {
	readonly state: 'stopped' | 'idle' | 'printing' | 'paused' | 'unknown';
	readonly detail: string;
};

/** Why something failed: printkeep's code and a sentence. */
export type PluginFailure = {readonly code: string; readonly message: string};

export type SettingsPath = readonly string[];

/** The plugin's own settings: what is stored, over its defaults. */
export type PluginSettingsAccess = {
	/** The value at a path (`['topic']`), after the plugin's getter; undefined where there is none. Without a path, all of them. */
	readonly get: (path?: SettingsPath) => PluginData | undefined;
	/** Puts a value in place for this run, after the plugin's setter; `save` keeps it. */
	readonly set: (path: SettingsPath, value: PluginData) => void;
	/** Stores what differs from the defaults. */
	readonly save: () => Promise<void>;
};

export type PluginHelper = (...values: readonly never[]) => unknown;

export type PluginContext = {
	/** The plugin's own id. */
	readonly id: string;
	readonly instance: PluginInstance | null;
	readonly settings: PluginSettingsAccess;
	/** Writes a line into printkeep's log. */
	readonly log: (level: 'debug' | 'info' | 'warning' | 'error', text: string) => void;
	/** The plugin's folder among the instance's data (OctoPrint: `data/<id>`), made when first asked for. Backups hold it. Throws without an instance. */
	readonly dataFolder: () => string;
	/** A private folder of the plugin's own beside printkeep's state, made when first asked for. Backups do not hold it. */
	readonly stateFolder: () => string;
	/** Aborted when the time of this call is over or its job was cancelled. */
	readonly signal: AbortSignal;
	/** Asks the server what it does now. */
	readonly serverActivity: () => Promise<PluginServerActivity>;
	/** Makes a backup, as soon as nothing else runs. Resolves when it is made. */
	readonly createBackup: (options?: {
		/** Names of parts to leave out. */
		readonly exclude?: readonly string[];
		/** Name of the archive; an automatic one when missing. */
		readonly filename?: string;
	}) => Promise<{readonly name: string}>;
	/** Deletes a backup of the store. Says nothing when there is none of that name. */
	readonly deleteBackup: (filename: string) => Promise<void>;
	/** Functions another plugin offers under `helpers`, by name; undefined when there is no such plugin. Names it does not offer are missing. */
	readonly getHelpers: (
		plugin: string,
		...names: readonly string[]
	) => Readonly<Record<string, PluginHelper>> | undefined;
};

// ---------------------------------------------------------------------------------------------- hooks and events

/** What a backup is about to be. */
export type BeforeBackup = {
	readonly excludes: readonly string[];
	readonly trigger: string;
	readonly note: string;
};

/** How a backup ended. */
export type AfterBackup = {
	/** Null when it was made. A cancelled one has the code `cancelled`. */
	readonly error: PluginFailure | null;
	/** Name of the archive; null when there is none. */
	readonly key: string | null;
	readonly path: string | null;
	readonly files: number;
	readonly bytes: number;
	/** Files that are not in it as they should be. */
	readonly skipped: number;
};

export type BeforeRestore = {
	/** Name of the archive. */
	readonly key: string;
	/** Absolute folder that receives the data. */
	readonly destination: string;
	readonly inPlace: boolean;
};

export type AfterRestore = BeforeRestore & {
	/** Null when it was done. A cancelled one has the code `cancelled`. */
	readonly error: PluginFailure | null;
};

export type PluginHooks = {
	/**
	 * Paths below the plugin's folder among the instance's data that backups leave out: `cache`, `cache/big.bin`; `.` for all of it.
	 * @param excludes parts left out, and what earlier plugins have answered, as `data/<plugin>/<path>`.
	 */
	readonly additionalExcludes?: (excludes: readonly string[], context: PluginContext) => Awaitable<readonly string[]>;
	readonly beforeBackup?: (backup: BeforeBackup, context: PluginContext) => Awaitable<void>;
	readonly afterBackup?: (backup: AfterBackup, context: PluginContext) => Awaitable<void>;
	readonly beforeRestore?: (restore: BeforeRestore, context: PluginContext) => Awaitable<void>;
	readonly afterRestore?: (restore: AfterRestore, context: PluginContext) => Awaitable<void>;
};

export type HookName = keyof PluginHooks;

// ---------------------------------------------------------------------------------------------- settings

/** Functions at places of the settings: `{topic: value => value.trim()}`. */
export type PreprocessorTree = {
	readonly [key: string]: PreprocessorTree | ((value: PluginData | undefined) => PluginData | undefined);
};

export type PluginSettings = {
	readonly defaults: PluginRecordData;
	/** Version of the shape of the settings; a stored lower or missing one is migrated. */
	readonly version?: number;
	/**
	 * Called once before `onInitialized` when what is stored is of another version.
	 * @param current the stored version, null when none is stored. @returns the stored values in their new shape.
	 */
	readonly migrate?: (
		target: number,
		current: number | null,
		stored: PluginRecordData,
		context: PluginContext,
	) => Awaitable<PluginRecordData>;
	readonly preprocessors?: {readonly get?: PreprocessorTree; readonly set?: PreprocessorTree};
	/** `never` is shown nowhere, `admin` and `user` say what of it may be read over HTTP. Screens and logs show none of the three. */
	readonly restricted?: {readonly [Who in 'never' | 'admin' | 'user']?: readonly SettingsPath[]};
	/** Changes what is shown as the plugin's settings. */
	readonly onLoad?: (values: PluginRecordData, context: PluginContext) => Awaitable<PluginRecordData>;
	/** Changes what is about to be stored. @throws `invalidSetting()` to refuse it. */
	readonly onSave?: (values: PluginRecordData, context: PluginContext) => Awaitable<PluginRecordData>;
	/** After loading and migration, always. */
	readonly onInitialized?: (context: PluginContext) => Awaitable<void>;
	/** Changes what stays stored when settings are cleaned up: by default what differs from the defaults. */
	readonly cleanup?: (different: PluginRecordData, context: PluginContext) => Awaitable<PluginRecordData>;
};

// ---------------------------------------------------------------------------------------------- commands and screens

export type PluginCommand = {
	readonly description?: string;
	/** Parameters that must be given. */
	readonly required?: readonly string[];
	/** True: over HTTP, only for whoever may change settings. */
	readonly adminOnly?: boolean;
	/** @returns what the caller gets; nothing is an answer too. */
	// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is what is meant.
	readonly run: (data: PluginRecordData, context: PluginContext) => Awaitable<PluginData | undefined | void>;
};

/** A route of the HTTP API, for when there is one. */
export type PluginRoute = {
	readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** Below `/plugin/<id>/`. */
	readonly path: string;
	/** True needs no token. False when missing. */
	readonly public?: boolean;
	readonly handle: (
		request: {readonly query: PluginRecordData; readonly body: PluginData},
		context: PluginContext,
	) => Awaitable<{readonly status: number; readonly body: PluginData}>;
};

export type Tone = 'plain' | 'accent' | 'ok' | 'warning' | 'error' | 'muted';

/** One piece of a screen. The dashboard lays it out, with its theme, its keys, and everything in it made safe. */
export type ScreenBlock =
	| {readonly type: 'text'; readonly text: string; readonly tone?: Tone; readonly strong?: boolean}
	| {
			readonly type: 'table';
			readonly columns: readonly string[];
			readonly rows: readonly (readonly string[])[];
	  }
	| {
			readonly type: 'fields';
			readonly fields: readonly {readonly label: string; readonly value: string; readonly tone?: Tone}[];
	  }
	| {readonly type: 'progress'; readonly label: string; readonly percent: number}
	| {
			readonly type: 'actions';
			readonly actions: readonly {
				readonly title: string;
				/** Name of one of the plugin's commands, and what it is given. */
				readonly command: string;
				readonly data?: PluginRecordData;
				/** A question to be answered with yes before. */
				readonly confirm?: string;
			}[];
	  };

/**
 * - `tab`: a screen of its own
 * - `status`: one short line in the header
 * - `settings`: a section of the settings
 * - `wizard`: a step of the first run, see `wizard`
 * - `about`: what there is to say about the plugin
 * - `overlay`: a dialog over whatever is shown, as long as it has content
 */
export type ScreenType = 'tab' | 'status' | 'settings' | 'wizard' | 'about' | 'overlay';

export type PluginScreen = {
	readonly type: ScreenType;
	/** Unique among the plugin's screens. */
	readonly name: string;
	readonly title: string;
	/** What is on it now. Asked for when it is shown, and again when the plugin or a job has something new. */
	readonly content: (context: PluginContext) => Awaitable<readonly ScreenBlock[]>;
	/** Name of a screen of the dashboard this one is shown instead of: `home`, `log`. */
	readonly replaces?: string;
	/** A wizard step that cannot be skipped. */
	readonly mandatory?: boolean;
	/** Lower comes first. */
	readonly order?: number;
};

export type PluginWizard = {
	/** True when there is something to ask. */
	readonly required: (context: PluginContext) => Awaitable<boolean>;
	/** A wizard that was seen is shown again when this is higher than it was then. */
	readonly version?: number;
	readonly details?: (context: PluginContext) => Awaitable<PluginData>;
	/** @param handled false when it was skipped. */
	readonly onFinish?: (handled: boolean, context: PluginContext) => Awaitable<void>;
};

/** Colours of the sixteen of the terminal by tone: `{accent: 'magenta'}`. */
export type PluginTheme = {readonly name: string; readonly tones: {readonly [Name in Tone]?: string}};

/** Marks of one cell each, by name: `{pointer: '→'}`. */
export type PluginSymbols = {readonly name: string; readonly symbols: {readonly [name: string]: string}};

// ---------------------------------------------------------------------------------------------- server adapters and agents

export type AdapterPart = {
	readonly name: string;
	readonly title: string;
	/** Paths inside the data folder. */
	readonly paths: readonly string[];
	/** `included` when missing. */
	readonly inclusion?: 'required' | 'included' | 'excluded' | 'never';
	/** Why it is never in or excluded by default. */
	readonly reason?: string;
};

/** What printkeep needs to know of a kind of server it does not know itself. */
export type PluginAdapter = {
	/** Kind of server, `[a-z0-9-]+`. */
	readonly kind: string;
	readonly title: string;
	/** Finds its instances on this host. */
	readonly detect: (
		context: PluginContext,
	) => Awaitable<readonly {readonly dataFolder: string; readonly name?: string}[]>;
	/** Describes what is in a folder; null when there is no such server's data in it. */
	readonly inspect: (
		dataFolder: string,
		context: PluginContext,
	) => Awaitable<{readonly version: string | null; readonly name?: string; readonly serviceUnit?: string} | null>;
	/** What the data consists of. What belongs to no part is in a part of its own, and always in. */
	readonly parts: (dataFolder: string, context: PluginContext) => Awaitable<readonly AdapterPart[]>;
	/** Brings the server to rest before its files are read; what it answers is called afterwards, whatever happened. */
	readonly quiesce?: (dataFolder: string, context: PluginContext) => Awaitable<() => Awaitable<void>>;
	/** What the server does now. */
	readonly readiness?: (dataFolder: string, context: PluginContext) => Awaitable<PluginServerActivity>;
};

/** A backup as an agent knows it. */
export type AgentBackup = {
	/** The archive's name. */
	readonly id: string;
	readonly name: string;
	readonly bytes: number;
	readonly createdAt: number;
	readonly instance?: string;
	/** SHA-256 of the whole archive, in hex. */
	readonly sha256?: string;
	readonly extra?: PluginRecordData;
};

/** A place off this host where copies go. Throw `notFound()` for a backup that is not there, `agentError()` for whatever else the place says no to. */
export type PluginAgent = {
	/** Unique and stable among the plugin's agents: `[a-z0-9_-]+`. */
	readonly id: string;
	readonly name: string;
	readonly list: (context: PluginContext) => Awaitable<readonly AgentBackup[]>;
	readonly get: (id: string, context: PluginContext) => Awaitable<AgentBackup>;
	/** @param upload `openStream` gives a fresh stream each time, so that it can be tried again; `onProgress` takes the bytes that are there so far. */
	readonly upload: (
		upload: {
			readonly backup: AgentBackup;
			readonly openStream: () => AsyncIterable<Uint8Array>;
			readonly onProgress: (bytes: number) => void;
		},
		context: PluginContext,
	) => Awaitable<void>;
	/** @returns the archive, piece by piece. */
	readonly download: (id: string, context: PluginContext) => Awaitable<AsyncIterable<Uint8Array>>;
	readonly delete: (id: string, context: PluginContext) => Awaitable<void>;
};

/** The three methods of an older kind of agent; `fromSyncAgent` makes an agent of it. */
export type SyncAgent = {
	readonly id: string;
	readonly name: string;
	readonly listBackups: () => Awaitable<readonly AgentBackup[]>;
	/** @param path of the archive on this host. */
	readonly uploadBackup: (path: string, backup: AgentBackup) => Awaitable<void>;
	/** @param path of the file to write. */
	readonly downloadBackup: (id: string, path: string) => Awaitable<void>;
	readonly deleteBackup?: (id: string) => Awaitable<void>;
};

export type PluginAgents = {
	readonly agents: (context: PluginContext) => Awaitable<readonly PluginAgent[]>;
	/** Told once at the start: call the function whenever `agents` would answer otherwise than before. */
	readonly onChange?: (changed: () => void, context: PluginContext) => void;
};

// ---------------------------------------------------------------------------------------------- a plugin

export type Ability =
	| 'hooks'
	| 'events'
	| 'progress'
	| 'settings'
	| 'life'
	| 'environment'
	| 'commands'
	| 'screens'
	| 'adapter'
	| 'agents'
	| 'helpers'
	| 'themes';

export type Plugin = {
	/** `apiVersion` of the API it was written for. */
	readonly apiVersion: number;
	/** Unique: `[a-z][a-z0-9_-]*`. The server's plugin of the same id shares its data folder. */
	readonly id: string;
	readonly name: string;
	readonly version?: string;
	readonly description?: string;
	readonly author?: string;
	readonly url?: string;
	/** Lower comes first; one number for everything, or one for each ability. 0 when missing. */
	readonly order?: number | {readonly [Name in Ability]?: number};
	/** What has to be begun anew when it is enabled or disabled. Nothing when missing. */
	readonly needs?: 'restart' | 'reload';
	/** Seconds that calls may take, where that is more than usual: `{beforeBackup: 3600}`. At most a day. */
	readonly timeLimits?: {readonly [name: string]: number};

	readonly hooks?: PluginHooks;
	/** Every event printkeep emits, one after the other. */
	readonly onEvent?: (name: string, payload: PluginRecordData, context: PluginContext) => Awaitable<void>;
	/** At most once for every per cent. */
	readonly onProgress?: (
		job: {readonly id: string; readonly type: string; readonly phase: string},
		percent: number,
		context: PluginContext,
	) => Awaitable<void>;
	readonly settings?: PluginSettings;
	/** While everything starts, before anything is asked of any plugin. */
	readonly onStartup?: (context: PluginContext) => Awaitable<void>;
	/** When every plugin has started. */
	readonly onAfterStartup?: (context: PluginContext) => Awaitable<void>;
	readonly onShutdown?: (context: PluginContext) => Awaitable<void>;
	/** Just before the plugin is taken out of the settings for good. */
	readonly onPendingRemoval?: (context: PluginContext) => Awaitable<void>;
	/** Facts for `printkeep doctor` and the manifest of backups. */
	readonly environment?: (context: PluginContext) => Awaitable<PluginRecordData>;
	/** The facts of all plugins, by their ids. */
	readonly onEnvironment?: (facts: PluginRecordData, context: PluginContext) => Awaitable<void>;
	readonly commands?: {readonly [name: string]: PluginCommand};
	/** What `printkeep plugin ID` answers without a command. */
	readonly get?: (context: PluginContext) => Awaitable<PluginData>;
	readonly routes?: readonly PluginRoute[];
	readonly screens?: readonly PluginScreen[];
	readonly wizard?: PluginWizard;
	readonly themes?: readonly PluginTheme[];
	readonly symbols?: readonly PluginSymbols[];
	readonly adapter?: PluginAdapter;
	readonly agents?: PluginAgents;
	/** Functions for other plugins, see `PluginContext.getHelpers`. */
	readonly helpers?: {readonly [name: string]: PluginHelper};
};

/** Says that something is a plugin, so that its types are checked. The module’s default export is what it returns. */
export const definePlugin = (plugin: Plugin): Plugin => plugin;

const coded = (code: string, message: string): Error => Object.assign(new Error(message), {code});

/** The error an agent throws for a backup it does not have. */
export const notFound = (id: string): Error => coded('not-found', `There is no backup ${id} there.`);

/** The error `onSave` throws for a value that cannot be: whoever wanted it is told, and the plugin has not failed. */
export const invalidSetting = (message: string): Error => coded('invalid-setting', message);

/** The error an agent throws when its place says no. */
export const agentError = (message: string): Error => coded('agent-error', message);
