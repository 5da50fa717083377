/**
 * The language between the engine and everyone who uses it: plain, structured-clone-safe data, one `Methods` map, one
 * `EngineEvent` union. Sizes are bytes, times are milliseconds since the epoch, unless the name says otherwise. What methods and events are about stands in the
 * files of `protocol/`, by subject.
 */
import type {ErrorData} from '../errors.js';
import type {AgentInfo} from '../plugins/agents.js';
import type {AgentBackup, PluginData, PluginRecordData, ScreenBlock} from '../plugins/api.js';
import type {PluginDescription} from '../plugins/messages.js';
import type {
	ArchiveEntryInfo,
	BackupDetails,
	BackupSummary,
	DoctorCheck,
	FolderEntry,
	Holder,
	Origin,
	Page,
	StatusReport,
	StoreInfo,
} from './protocol/backups.js';
import type {
	Instance,
	InstanceRef,
	Part,
	PartLeftOut,
	PartSize,
	ServerKind,
	UnusableInstance,
} from './protocol/instances.js';
import type {ArchiveSource, JobRequest} from './protocol/jobs.js';
import type {PlanAction, PlanFile, TextComparison, TrashItem} from './protocol/plans.js';
import type {Target} from './protocol/targets.js';

export * from './protocol/backups.js';
export * from './protocol/events.js';
export * from './protocol/instances.js';
export * from './protocol/jobs.js';
export * from './protocol/plans.js';
export * from './protocol/targets.js';

/** A plugin the settings name, and what is known of it. */
export type PluginInfo = {
	/** As the settings name it. */
	readonly source: string;
	/** `failed`: it was loaded, and is not asked any more. `refused`: it could not be loaded. */
	readonly state: 'active' | 'failed' | 'refused';
	/** What went wrong with it last; empty when nothing did. */
	readonly reason: string;
	/** What it says of itself; null when it could not be loaded. */
	readonly description: PluginDescription | null;
};

export type Methods = {
	/** Looks for instances on this host: units, processes, usual folders, and the extra folders given. Asks plugins when told to, or only these. */
	'instances.find': {
		params: {readonly extraFolders: readonly string[]; readonly asksPlugins?: boolean | 'only'};
		result: {readonly found: readonly Instance[]; readonly unusable: readonly UnusableInstance[]};
	};
	/**
	 * Describes the instance in a folder. Errors: missing-folder, no-instance, source-unreadable; no-plugin for a kind that no plugin knows.
	 */
	'instances.inspect': {
		params: {
			readonly dataFolder: string;
			/** When missing it is found out; plugins are asked last. */
			readonly kind?: ServerKind;
			readonly configFile?: string;
			readonly name?: string;
			readonly python?: string;
		};
		result: Instance;
	};
	/** The instance's parts, without sizes. What plugins want left out is only in it when that is known already; `parts.left-out` asks them. */
	'parts.list': {params: {readonly instance: InstanceRef; readonly store: string}; result: readonly Part[]};
	/** The size of one part; walks it. */
	'parts.measure': {
		params: {
			readonly instance: InstanceRef;
			readonly store: string;
			readonly part: string;
			/** Names of the parts that stay out, on which some of what is left out depends; none when missing. */
			readonly excludes?: readonly string[];
		};
		result: PartSize;
	};
	/**
	 * What a backup without some parts would leave out of the others: what `parts.list` says of it, and what plugins want. They are asked for it, which takes
	 * seconds where that was not done a short while ago.
	 */
	'parts.left-out': {
		params: {
			readonly instance: InstanceRef;
			readonly store: string;
			readonly excludes: readonly string[];
			readonly includes: readonly string[];
		};
		result: readonly PartLeftOut[];
	};
	'store.info': {params: {readonly target: Target}; result: StoreInfo};
	/** Newest first; at most 200 a page. */
	'backups.list': {
		params: {readonly target: Target; readonly offset: number; readonly limit: number};
		result: Page<BackupSummary> & {readonly revision: number};
	};
	/** Starts `catalog-changed` and `holder-changed` events for this target, until `backups.unwatch`. */
	'backups.watch': {
		params: {readonly target: Target};
		result: {readonly revision: number; readonly holder: Holder | null};
	};
	'backups.unwatch': {params: {readonly target: Target}; result: null};
	'backup.details': {params: {readonly target: Target; readonly source: ArchiveSource}; result: BackupDetails};
	/** Entries directly inside `directory` of the data folder ('' for the top); at most 200 a page. */
	'backup.entries': {
		params: {
			readonly target: Target;
			readonly source: ArchiveSource;
			readonly directory: string;
			readonly offset: number;
			readonly limit: number;
		};
		result: Page<ArchiveEntryInfo>;
	};
	'backup.pin': {
		params: {readonly target: Target; readonly key: string; readonly origin?: Origin; readonly pinned: boolean};
		result: BackupSummary;
	};
	/** Files whose path has all of these words in it, case aside; '' finds everything. At most 200 a page. */
	'backup.search': {
		params: {
			readonly target: Target;
			readonly source: ArchiveSource;
			readonly words: string;
			readonly offset: number;
			readonly limit: number;
		};
		result: Page<ArchiveEntryInfo>;
	};
	/** Deleted backups, latest first. */
	'trash.list': {
		params: {readonly target: Target};
		result: {readonly items: readonly TrashItem[]; readonly bytes: number; readonly days: number};
	};
	/**
	 * Ends a restore of this instance that was interrupted, forward or back, as its journal says; does nothing when none was, or while another printkeep
	 * is at work on it. Asked once by every command and by the dashboard before anything else.
	 */
	'recover.pending': {
		params: {readonly target: Target};
		result: {
			readonly type: 'none' | 'cleaned' | 'finished' | 'rolled-back' | 'failed';
			readonly message: string;
			readonly hint: string;
		};
	};
	/** Files of a plan made by a `plan` or `compare` job in this engine, by action and part; at most 200 a page. */
	'plan.files': {
		params: {
			readonly planId: string;
			readonly action?: PlanAction;
			readonly part?: string;
			readonly offset: number;
			readonly limit: number;
		};
		result: Page<PlanFile>;
	};
	/** How one file of such a plan differs. Errors: not-found */
	'plan.text': {params: {readonly planId: string; readonly path: string}; result: TextComparison};
	'status.report': {params: {readonly target: Target; readonly overdueAfterMilliseconds: number}; result: StatusReport};
	'doctor.run': {
		params: {readonly target: Target | null; readonly stateFolder: string};
		result: readonly DoctorCheck[];
	};
	/**
	 * After the engine's thread died: gives back the locks it held on a target, which carry this process's number, and removes the archive it was writing.
	 * Only the client that saw it die asks for this.
	 */
	'engine.sweep': {params: {readonly target: Target}; result: null};
	/** Every plugin the settings name, in their order; starts those that are enabled. */
	'plugins.list': {params: Record<string, never>; result: readonly PluginInfo[]};
	/** Loads one plugin and tells how that went; nothing of it stays. Takes what the settings would name it by. */
	'plugins.check': {params: {readonly source: string}; result: PluginInfo};
	/** Asks a plugin; without a command, for what it has to say. Errors: no-plugin, plugin-failed */
	'plugins.command': {
		params: {
			readonly plugin: string;
			readonly command: string | null;
			readonly data: PluginRecordData;
			readonly target: Target | null;
		};
		result: PluginData;
	};
	/** What is on one of a plugin's screens now. Errors: no-plugin, plugin-failed */
	'plugins.screen': {
		params: {readonly plugin: string; readonly screen: string; readonly target: Target | null};
		result: readonly ScreenBlock[];
	};
	/** Whether a plugin has something to ask at the first run. */
	'plugins.wizard': {
		params: {readonly plugin: string};
		result: {readonly required: boolean; readonly version: number | null};
	};
	'plugins.finishWizard': {params: {readonly plugin: string; readonly handled: boolean}; result: null};
	/** A plugin's settings as they may be shown. */
	'plugins.settings': {params: {readonly plugin: string}; result: PluginRecordData};
	/** Changes and stores them; a value of null takes the default back. Errors: plugin-failed when the plugin refuses. */
	'plugins.change': {
		params: {
			readonly plugin: string;
			readonly changes: readonly {readonly path: readonly string[]; readonly value: PluginData}[];
		};
		result: PluginRecordData;
	};
	/** Takes out of what is stored of a plugin's settings what is not needed. */
	'plugins.clean': {params: {readonly plugin: string}; result: null};
	/** Tells a plugin that it is about to be taken out of the settings. */
	'plugins.removing': {params: {readonly plugin: string}; result: null};
	/** Ends all plugins; they start again, as the settings are then, when next needed. */
	'plugins.reload': {params: Record<string, never>; result: null};
	/** The agents of all plugins, and why those of some could not be told. */
	'agents.list': {
		params: {readonly target: Target | null};
		result: {readonly agents: readonly AgentInfo[]; readonly problems: readonly ErrorData[]};
	};
	/** What an agent has, newest first. Errors: no-agent, remote-failed, plugin-failed */
	'agent.backups': {
		params: {readonly agent: string; readonly target: Target | null};
		result: readonly AgentBackup[];
	};
	/** Deletes a backup at an agent for good. Errors: not-found, no-agent, remote-failed, plugin-failed */
	'agent.delete': {params: {readonly agent: string; readonly id: string; readonly target: Target | null}; result: null};
	/** Lists a folder for the file picker: sub folders and `.zip` files. */
	'folder.list': {
		params: {readonly directory: string};
		result: {readonly directory: string; readonly parent: string | null; readonly entries: readonly FolderEntry[]};
	};
	/** Starts a job and answers at once; `job-finished` tells how it ended. Error: busy. */
	'job.start': {params: JobRequest; result: {readonly jobId: string}};
	/** Asks the running job to stop; answers at once. The job ends as `cancelled` unless it is past that. */
	'job.cancel': {params: {readonly jobId: string}; result: null};
};

export type MethodName = keyof Methods;
export type Params<Name extends MethodName> = Methods[Name]['params'];
export type Result<Name extends MethodName> = Methods[Name]['result'];
