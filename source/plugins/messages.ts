/** What crosses between whoever uses plugins and the thread they run in. What a plugin answers crosses as JSON text, so that nothing but plain data can. */
import type {ErrorData} from '../errors.js';
import type {
	AdapterPart,
	AfterBackup,
	AfterRestore,
	AgentBackup,
	BeforeBackup,
	BeforeRestore,
	PluginData,
	PluginInstance,
	PluginRecordData,
	PluginServerActivity,
	ScreenBlock,
	ScreenType,
	SettingsPath,
} from './api.js';

/** A plugin as the settings name it. */
export type PluginEntry = {
	/** Name of one that comes with printkeep (`builtin:notify`), absolute path of a module, or name of a package in the settings folder's `node_modules`. */
	readonly source: string;
	readonly enabled: boolean;
	/** Its id as it was when it was enabled: what is switched off is not run to find out what it is. */
	readonly id?: string;
};

/** What is stored of a plugin's settings: what differs from its defaults, and the version of their shape. */
export type StoredSettings = {readonly version: number | null; readonly values: PluginRecordData};

export type PluginConfiguration = {
	readonly entries: readonly PluginEntry[];
	/** By plugin id. */
	readonly settings: Readonly<Record<string, StoredSettings>>;
};

/** What is known of a plugin that was loaded; plain data. */
export type PluginDescription = {
	readonly source: string;
	readonly id: string;
	readonly name: string;
	readonly version: string;
	readonly description: string;
	readonly author: string;
	readonly url: string;
	readonly needs: 'restart' | 'reload' | null;
	readonly order: Readonly<Record<string, number>>;
	readonly timeLimits: Readonly<Record<string, number>>;
	/** Names of the hooks it has. */
	readonly hooks: readonly string[];
	/** Everything else it can do, by name: `events`, `progress`, `settings`… */
	readonly abilities: readonly string[];
	readonly commands: readonly {
		readonly name: string;
		readonly description: string;
		readonly required: readonly string[];
		readonly adminOnly: boolean;
	}[];
	readonly hasGet: boolean;
	readonly routes: readonly {readonly method: string; readonly path: string; readonly public: boolean}[];
	readonly screens: readonly {
		readonly type: ScreenType;
		readonly name: string;
		readonly title: string;
		readonly replaces: string | null;
		readonly mandatory: boolean;
		readonly order: number;
	}[];
	readonly wizardVersion: number | null;
	readonly themes: readonly {readonly name: string; readonly tones: Readonly<Record<string, string>>}[];
	readonly symbols: readonly {readonly name: string; readonly symbols: Readonly<Record<string, string>>}[];
	readonly adapterKind: string | null;
	readonly adapterTitle: string | null;
	/** Which of the functions an adapter need not have it has. */
	readonly adapterHas?: readonly ('quiesce' | 'readiness')[];
	/** The settings as they may be shown: restricted ones are left out. */
	readonly restricted: readonly SettingsPath[];
	/** Names of what it has and printkeep has no use for: misspelt, or meant for a later version. */
	readonly unknown: readonly string[];
};

/** What can be asked of one plugin. Every answer is plain data. */
export type PluginCalls = {
	additionalExcludes: {input: {readonly excludes: readonly string[]}; output: readonly string[]};
	beforeBackup: {input: BeforeBackup; output: null};
	afterBackup: {input: AfterBackup; output: null};
	beforeRestore: {input: BeforeRestore; output: null};
	afterRestore: {input: AfterRestore; output: null};
	onEvent: {input: {readonly name: string; readonly payload: PluginRecordData}; output: null};
	onProgress: {
		input: {
			readonly job: {readonly id: string; readonly type: string; readonly phase: string};
			readonly percent: number;
		};
		output: null;
	};
	/** Migrates and initialises the settings; part of every start. */
	initializeSettings: {input: null; output: null};
	onStartup: {input: null; output: null};
	onAfterStartup: {input: null; output: null};
	onShutdown: {input: null; output: null};
	onPendingRemoval: {input: null; output: null};
	environment: {input: null; output: PluginRecordData};
	onEnvironment: {input: {readonly facts: PluginRecordData}; output: null};
	command: {input: {readonly name: string; readonly data: PluginRecordData}; output: PluginData};
	get: {input: null; output: PluginData};
	screen: {input: {readonly name: string}; output: readonly ScreenBlock[]};
	wizard: {input: null; output: {readonly required: boolean; readonly details: PluginData}};
	finishWizard: {input: {readonly handled: boolean}; output: null};
	/** The settings as they may be shown. */
	readSettings: {input: null; output: PluginRecordData};
	/** Changes values and stores them; null takes the default back. */
	changeSettings: {
		input: {readonly changes: readonly {readonly path: SettingsPath; readonly value: PluginData}[]};
		output: PluginRecordData;
	};
	cleanSettings: {input: null; output: null};
	adapterDetect: {input: null; output: readonly {readonly dataFolder: string; readonly name?: string}[]};
	adapterInspect: {
		input: {readonly dataFolder: string};
		output: {readonly version: string | null; readonly name?: string; readonly serviceUnit?: string} | null;
	};
	adapterParts: {input: {readonly dataFolder: string}; output: readonly AdapterPart[]};
	/** Answers with what `adapterRelease` has to be given once. */
	adapterQuiesce: {input: {readonly dataFolder: string}; output: number};
	adapterRelease: {input: {readonly token: number}; output: null};
	adapterReadiness: {input: {readonly dataFolder: string}; output: PluginServerActivity};
	/** Starts listening for changes of the list of agents; part of every start. */
	watchAgents: {input: null; output: null};
	agents: {input: null; output: readonly {readonly id: string; readonly name: string}[]};
	agentBackups: {input: {readonly agent: string}; output: readonly AgentBackup[]};
	agentGet: {input: {readonly agent: string; readonly id: string}; output: AgentBackup};
	/** `path`: of the archive on this host. */
	agentUpload: {input: {readonly agent: string; readonly backup: AgentBackup; readonly path: string}; output: null};
	/** `path`: of an empty file that is there. `bytes`: how many it will have. Answers with how many were written. */
	agentDownload: {
		input: {readonly agent: string; readonly id: string; readonly path: string; readonly bytes: number};
		output: number;
	};
	agentDelete: {input: {readonly agent: string; readonly id: string}; output: null};
};

export type CallName = keyof PluginCalls;

/** What the thread is started with. */
export type HostData = {
	readonly plugins: readonly {
		readonly source: string;
		/** Address of its module; empty for one that comes with printkeep. */
		readonly url: string;
	}[];
	readonly settings: Readonly<Record<string, StoredSettings>>;
	/** Folder in which each plugin may have a private one. */
	readonly stateFolder: string;
	/** Where `printkeep/plugin` is. */
	readonly apiUrl: string;
	/** Who runs, see `markPlaces`. Readable while the thread is busy. */
	readonly running: SharedArrayBuffer;
	/** How many lines a plugin may say in a second. */
	readonly linesPerSecond: number;
};

/** The numbers in `HostData.running`. Plugins are counted from 1 in the order of `HostData.plugins`; 0 is none. */
export const markPlaces = {
	/** The plugin that runs at this moment. */
	now: 0,
	/** The plugin that ran last. */
	last: 1,
	/** How often one began to run; starts again from its lowest value. */
	count: 2,
} as const;

/** Bytes of `HostData.running`. */
export const markBytes = 4 * Object.keys(markPlaces).length;

/** What plugins may ask of printkeep. */
export type HostRequests = {
	serverActivity: {input: {readonly instance: PluginInstance}; output: PluginServerActivity};
	createBackup: {
		input: {
			readonly instance: PluginInstance;
			readonly exclude: readonly string[];
			readonly filename: string | null;
		};
		output: {readonly name: string};
	};
	deleteBackup: {input: {readonly instance: PluginInstance; readonly filename: string}; output: null};
	saveSettings: {input: {readonly id: string; readonly stored: StoredSettings}; output: null};
};

export type HostRequestName = keyof HostRequests;

export type ToHost =
	| {
			readonly type: 'call';
			readonly id: number;
			/** Place in `HostData.plugins`, from 0. */
			readonly plugin: number;
			readonly name: CallName;
			readonly instance: PluginInstance | null;
			readonly input: unknown;
	  }
	/** Whoever called does not wait any more. */
	| {readonly type: 'abandon'; readonly id: number}
	| {readonly type: 'answer'; readonly id: number; readonly ok: true; readonly value: unknown}
	| {readonly type: 'answer'; readonly id: number; readonly ok: false; readonly error: ErrorData}
	| {readonly type: 'ping'; readonly id: number}
	/** Asks for memory that nobody holds any more to be given back; answered when that was done. */
	| {readonly type: 'collect'};

export type FromHost =
	/** One plugin was loaded, or could not be. */
	| {readonly type: 'loaded'; readonly plugin: number; readonly description: PluginDescription}
	| {readonly type: 'refused'; readonly plugin: number; readonly reason: string}
	| {readonly type: 'ready'}
	/** A call has reached its plugin. */
	| {readonly type: 'begun'; readonly id: number}
	| {readonly type: 'reply'; readonly id: number; readonly ok: true; readonly json: string}
	| {readonly type: 'reply'; readonly id: number; readonly ok: false; readonly message: string; readonly code: string}
	| {
			readonly [Name in HostRequestName]: {
				readonly type: 'request';
				readonly id: number;
				readonly plugin: number;
				readonly name: Name;
				readonly input: HostRequests[Name]['input'];
			};
	  }[HostRequestName]
	| {
			readonly type: 'log';
			readonly plugin: number;
			readonly level: 'debug' | 'info' | 'warning' | 'error';
			readonly text: string;
	  }
	/** Something nobody waited for went wrong: a rejected promise, a timer that threw. */
	| {readonly type: 'stray'; readonly plugin: number; readonly message: string}
	/** It says more than anybody could read; what it says from now on is dropped. */
	| {readonly type: 'flood'; readonly plugin: number}
	/** A program was started, or has ended. */
	| {readonly type: 'child'; readonly pid: number; readonly isRunning: boolean}
	| {readonly type: 'collected'}
	| {readonly type: 'pong'; readonly id: number}
	/** Bytes a transfer is past; also when they are the same as before, since it goes on. */
	| {readonly type: 'call-progress'; readonly id: number; readonly bytes: number}
	| {readonly type: 'agents-changed'; readonly plugin: number};
