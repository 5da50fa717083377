/** What the engine is given to use plugins: asked around jobs, told of events, and by the methods of the protocol. */
import type {EngineEvent, PluginPolicy} from '../client/protocol.js';
import type {PluginAdapterLookup} from './adapters.js';
import type {PluginAgentCalls} from './agents.js';
import type {PluginData, PluginInstance, PluginRecordData, ScreenBlock, SettingsPath} from './api.js';
import type {HostOptions, PluginStatus} from './host.js';
import type {PluginCalls} from './messages.js';

export type HookName = 'beforeBackup' | 'afterBackup' | 'beforeRestore' | 'afterRestore';

/** How a job is told of what plugins did wrong. */
export type HookOptions = {
	readonly instance: PluginInstance;
	readonly policy: PluginPolicy;
	readonly signal?: AbortSignal;
	/** Told of each failure, in a sentence for a person. */
	readonly onProblem: (text: string) => void;
};

/** What one plugin wants left out, as it says it. */
export type PluginExcludes = {readonly plugin: string; readonly items: readonly string[]};

export type PluginService = PluginAgentCalls &
	PluginAdapterLookup & {
		/** True when the settings name at least one plugin; nothing else is started to find out. */
		readonly isUsed: () => boolean;
		/** Starts the plugins, unless they have been. */
		readonly start: () => Promise<void>;
		readonly list: () => Promise<readonly PluginStatus[]>;
		/** True while a job waits for this plugin's answer. */
		readonly isAsked: (id: string) => boolean;
		/**
		 * Asks every plugin that has the hook, one after the other.
		 * @throws plugin-failed when one fails and the policy is `abort`; only for hooks that come before. cancelled
		 */
		readonly hook: <Name extends HookName>(
			name: Name,
			input: PluginCalls[Name]['input'],
			options: HookOptions,
		) => Promise<void>;
		/**
		 * What plugins want left out of a backup, each as it answered.
		 * @param excludes parts left out, and what others want left out.
		 * @param told what the answer of one means for those that are asked after it.
		 * @throws as `hook` does
		 */
		readonly excludes: (
			excludes: readonly string[],
			told: (plugin: string, items: readonly string[]) => readonly string[],
			options: HookOptions,
		) => Promise<readonly PluginExcludes[]>;
		/** Passes an event on. Returns at once. */
		readonly event: (event: EngineEvent, instance: PluginInstance | null) => void;
		/** Facts of all plugins, by their ids. */
		readonly environment: (instance: PluginInstance | null) => Promise<PluginRecordData>;
		/** Loads one plugin in a thread of its own, and tells how that went; nothing of it stays. @param source as the settings would name it. */
		readonly check: (source: string) => Promise<PluginStatus>;
		readonly command: (
			id: string,
			name: string | null,
			data: PluginRecordData,
			instance: PluginInstance | null,
		) => Promise<PluginData>;
		readonly screen: (id: string, name: string, instance: PluginInstance | null) => Promise<readonly ScreenBlock[]>;
		readonly wizard: (id: string) => Promise<{readonly required: boolean; readonly version: number | null}>;
		readonly finishWizard: (id: string, handled: boolean) => Promise<void>;
		readonly readSettings: (id: string) => Promise<PluginRecordData>;
		readonly changeSettings: (
			id: string,
			changes: readonly {readonly path: SettingsPath; readonly value: PluginData}[],
		) => Promise<PluginRecordData>;
		readonly cleanSettings: (id: string) => Promise<void>;
		readonly pendingRemoval: (id: string) => Promise<void>;
		/** Ends all plugins; they are started again, as the settings are then, when next needed. */
		readonly reload: () => Promise<void>;
		/**
		 * Waits for events under way, within limits, and ends all plugins.
		 * @param endJobs ends what plugins have asked for, while they can still be asked: one may have brought a server to rest.
		 */
		readonly close: (endJobs?: () => Promise<void>) => Promise<void>;
	};

/** What plugins reach through whoever uses them. */
export type PluginConnections = Pick<HostOptions, 'onLog' | 'onFailure' | 'onAgentsChanged'> & {
	readonly requests: Omit<HostOptions['requests'], 'saveSettings'>;
};

export type StartPlugins = (connections: PluginConnections) => PluginService;
