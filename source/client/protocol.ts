/**
 * The language between the engine and everyone who uses it: plain, structured-clone-safe data, one `Methods` map, one
 * `EngineEvent` union. Sizes are bytes, times are milliseconds since the epoch, unless the name says otherwise.
 * Why one long file: it is the reference that both sides are checked against.
 */
import type {ErrorData} from '../errors.js';
import type {AgentInfo} from '../plugins/agents.js';
import type {AgentBackup, PluginData, PluginRecordData, ScreenBlock} from '../plugins/api.js';
import type {PluginDescription} from '../plugins/messages.js';

// ---------------------------------------------------------------------------------------------- instances and parts

/** Kinds of servers printkeep knows itself. */
export type BuiltInKind = 'octoprint';

/** Kinds of servers that a plugin knows: `plugin-` and what the plugin calls it. */
export type PluginKind = `plugin-${string}`;

export type ServerKind = BuiltInKind | PluginKind;

/** Enough to find one instance's data again; what a job is given. */
export type InstanceRef = {
	/** Unique name among the instances of this host: `[a-z0-9_-]+`. */
	readonly name: string;
	readonly kind: ServerKind;
	/** Absolute path of the data folder (OctoPrint: basedir). */
	readonly dataFolder: string;
	/** Absolute path of the server's active configuration file when it is not the usual one in the data folder. */
	readonly configFile?: string;
	/** Absolute path of the server's Python interpreter or environment, when known. */
	readonly python?: string;
};

export type VersionSource = 'environment' | 'log' | 'unknown';

export type Instance = InstanceRef & {
	/** The server's version, or null when nothing tells it. */
	readonly version: string | null;
	readonly versionSource: VersionSource;
	/** Why printkeep thinks there is an instance here, in words ("process 812", "unit octoprint.service"). */
	readonly foundBy: string;
	readonly serviceUnit?: string;
	/** What this kind of server is called, where only a plugin knows it. */
	readonly kindTitle?: string;
	/** Where the server itself keeps its backups; empty when it keeps none. */
	readonly nativeBackupFolder: string;
	/** True when a process of the server is running on this data folder; null when that cannot be known. */
	readonly running: boolean | null;
	/** Things a person should know, in words: leftovers of an interrupted restore, an unreadable folder… */
	readonly problems: readonly string[];
};

/** A folder that looked like an instance but cannot be used, and why. */
export type UnusableInstance = {readonly dataFolder: string; readonly reason: string; readonly hint: string};

/**
 * - `required`: always in (the configuration)
 * - `included` / `excluded`: the default of a part a person can toggle
 * - `never`: always left out; `reason` says why
 */
export type Inclusion = 'required' | 'included' | 'excluded' | 'never';

export type Part = {
	readonly name: string;
	/** For a person: "G-code files and models". */
	readonly title: string;
	readonly inclusion: Inclusion;
	/** Why it is never in, or excluded by default; empty otherwise. */
	readonly reason: string;
	/** Absolute folders or files this part is read from. */
	readonly sources: readonly string[];
	/** True when it lies outside the data folder (another disk, a symbolic link). */
	readonly external: boolean;
	/** Things inside it that are left out, each with why ("data/octolapse/tmp", "kept by the Octolapse plugin …"). */
	readonly leftOut: readonly {readonly path: string; readonly reason: string}[];
};

/** What is left out of a part. */
export type PartLeftOut = Pick<Part, 'name' | 'leftOut'> & {
	/** What there is to say of how plugins were asked, in sentences. */
	readonly notes: readonly string[];
};

export type PartSize = {
	readonly name: string;
	readonly bytes: number;
	readonly files: number;
	/** Expected size inside an archive, from the kinds of files. */
	readonly estimatedBytes: number;
};

// ---------------------------------------------------------------------------------------------- stores and backups

/** What a job works on: an instance and the store that keeps its backups. */
export type Target = {
	readonly instance: InstanceRef;
	/** Absolute path; need not exist yet. */
	readonly store: string;
	/** Free bytes to leave on the store's disk. */
	readonly keepFreeBytes: number;
	/** The person's setting that disables restore. The server's own and the environment's are asked by the engine. */
	readonly restoreUnsupported: boolean;
	/** Days a deleted backup stays in the trash: 7 when missing, 0 deletes at once. */
	readonly trashDays?: number;
	/** Days the rollback copy of a restore stays: 14 when missing, 0 until the next restore. */
	readonly rollbackDays?: number;
	/** What an archive may claim before it is refused; the engine's defaults when missing. */
	readonly limits?: LimitSettings;
	/** How to ask, stop and start the server; looked for when missing. */
	readonly service?: ServiceSettings;
	/** How much of the machine jobs may take; the engine's defaults when missing. */
	readonly effort?: Effort;
	/** What a failing plugin does to a job; `warn` when missing. */
	readonly pluginPolicy?: PluginPolicy;
	/** True makes no backup when nothing at all has changed since the newest verified one. A backup with a name or path of its own is always made. */
	readonly skipUnchanged?: boolean;
};

/**
 * What a plugin that fails before a backup or restore, or that should have been asked and cannot be, does to it:
 * - `ignore`: nothing, apart from a line in the log
 * - `warn`: it goes on, and the result says so
 * - `abort`: it is not begun
 */
export const pluginPolicies = ['ignore', 'warn', 'abort'] as const;

export type PluginPolicy = (typeof pluginPolicies)[number];

/** The limits a person can change. */
export type LimitSettings = {
	readonly entries?: number;
	readonly totalBytes?: number;
	/** Unpacked to packed size of one entry above 1 MB. */
	readonly entryRatio?: number;
	/** Length of an entry's name in UTF-8 bytes. */
	readonly nameBytes?: number;
};

/**
 * What a backup is made for:
 * - `balanced`: about as large as the server's own archives, in a fraction of the time
 * - `fast`: some per cent larger, sooner done
 * - `small`: the smallest there is, whatever it costs
 */
export const profiles = ['balanced', 'fast', 'small'] as const;

export type Profile = (typeof profiles)[number];

/** How much of the machine a job may take. */
export type Effort = {
	/** `balanced` when missing. */
	readonly profile?: Profile;
	/** Threads that read, compress and unpack; when missing as many as the machine has cores, up to four, and one core less while a backup runs beside a print. */
	readonly jobs?: number;
	/** What these threads and their buffers may take; bounds their number. No bound of its own when missing. */
	readonly maxMemoryBytes?: number;
	/** Bytes a second that a backup reads; unbounded when missing. */
	readonly maxBytesPerSecond?: number;
	/** False makes a backup at the usual priority for processor and disk; at a low one when missing. */
	readonly nice?: boolean;
};

export type ServiceSettings = {
	/** Address of the server's API, `http://127.0.0.1:5000`; from its configuration when missing. */
	readonly url?: string;
	/** Absolute path of a private file that holds an application key; the server's own configuration is asked when missing. */
	readonly keyFile?: string;
	/** A command line, split without a shell, that stops the server and comes back when it has stopped. Its systemd unit is used when missing. */
	readonly stopCommand?: string;
	readonly startCommand?: string;
};

export type StoreInfo = {
	readonly path: string;
	readonly exists: boolean;
	readonly writable: boolean;
	readonly freeBytes: number | null;
	readonly totalBytes: number | null;
	/** True when it lies on the same device as the data folder: one dead card loses both. */
	readonly sameDevice: boolean;
	readonly problem: string;
};

/** `store`: in printkeep's store. `server`: in the server's own backup folder. */
export type Origin = 'store' | 'server';

/** How a backup can be proven intact: a hash of the whole archive and of each file, or only the ZIP's CRC-32. */
export type Proof = 'sha256' | 'crc32';

export type Trigger = 'manual' | 'auto' | 'preupgrade' | 'prerestore' | 'import';

export type BackupHealth =
	/** Written and checked by printkeep, or checked by `verify`, and not changed since. */
	| {readonly type: 'verified'; readonly at: number}
	/** Readable, but nobody has read every byte yet. */
	| {readonly type: 'unverified'}
	/** Complete as an archive, but files are missing from it; `reason` says so in words. */
	| {readonly type: 'partial'; readonly reason: string}
	/** Cannot be used; the error says why. */
	| {readonly type: 'bad'; readonly error: ErrorData};

export type BackupSummary = {
	/** File name; unique within store and origin. */
	readonly key: string;
	readonly origin: Origin;
	/** Absolute path of the archive. */
	readonly path: string;
	readonly bytes: number;
	/** Modification time of the file. */
	readonly modifiedAt: number;
	/** When the backup was made, as it says itself; else the file's modification time. */
	readonly createdAt: number;
	/** printkeep's sequence number, from the manifest; null in foreign archives. */
	readonly sequence: number | null;
	readonly proof: Proof;
	readonly health: BackupHealth;
	/** Who wrote it. */
	readonly writtenBy: 'printkeep' | BuiltInKind | 'unknown';
	readonly kind: ServerKind | null;
	readonly instanceName: string | null;
	readonly host: string | null;
	readonly serverVersion: string | null;
	readonly trigger: Trigger | null;
	/** Free text of the person; made safe only when shown. */
	readonly note: string;
	readonly pinned: boolean;
	readonly files: number | null;
	readonly uncompressedBytes: number | null;
	/** Names of parts the person left out, or null when the archive does not say. */
	readonly excludes: readonly string[] | null;
};

export type BackupPart = {
	readonly name: string;
	readonly title: string;
	readonly state: 'included' | 'excluded' | 'never';
	readonly reason: string;
	readonly files: number;
	readonly bytes: number;
	/** Where it was read from, when that was outside the data folder. */
	readonly externalSource: string | null;
};

export type PluginRecord = {
	readonly key: string;
	readonly name: string;
	readonly url: string | null;
	/** Exact version; null in foreign archives. */
	readonly version: string | null;
};

/**
 * - `installed`: just now
 * - `present`: was there before
 * - `would-install`: of a dry run
 * - `incompatible`: does not run on this server, interpreter or system
 * - `unknown`: the repository does not have it
 * - `failed`: could not be fetched or installed
 */
export type ReinstallOutcome = 'installed' | 'present' | 'would-install' | 'incompatible' | 'unknown' | 'failed';

/** What became of one plugin of a backup. */
export type ReinstalledPlugin = {
	readonly key: string;
	readonly name: string;
	/** The version that was backed up; null when that is not known. */
	readonly wanted: string | null;
	readonly outcome: ReinstallOutcome;
	/** The version that is there now; null when it is not there, or comes with the server. */
	readonly version: string | null;
	/** Why, in sentences; empty when there is nothing to say. Safe to print. */
	readonly reason: string;
	/** How often something was fetched or installed for it, all tries together. */
	readonly attempts: number;
};

/** A file that is not in the backup as it should be. */
export type SkippedFile = {readonly path: string; readonly reason: string};

/** Something a plugin wanted left out of a backup; a folder stands for all below it. */
export type LeftOutByPlugin = {
	/** Inside the data folder. */
	readonly path: string;
	/** Identifier of the plugin. */
	readonly plugin: string;
	/** For a person. */
	readonly reason: string;
};

export type BackupDetails = {
	readonly summary: BackupSummary;
	/** Version of printkeep that wrote it. */
	readonly printkeepVersion: string | null;
	readonly dataFolder: string | null;
	readonly parts: readonly BackupPart[];
	readonly plugins: readonly PluginRecord[];
	readonly skipped: readonly SkippedFile[];
	/** What plugins left out. */
	readonly leftOut: readonly LeftOutByPlugin[];
	/** Size per top folder of the archive's data, largest first. */
	readonly folders: readonly {readonly path: string; readonly files: number; readonly bytes: number}[];
	readonly databases: readonly {readonly path: string; readonly tables: number; readonly rows: number}[];
	/** What kind of proof it has, in one sentence. */
	readonly proofText: string;
};

export type ArchiveEntryInfo = {
	/** Name inside the data folder (`uploads/a.gcode`), unescaped: make it safe before showing it. */
	readonly path: string;
	readonly type: 'file' | 'directory';
	readonly bytes: number;
	readonly modifiedAt: number;
	/** Number of files below, for folders. */
	readonly files: number;
};

export type Page<Item> = {readonly items: readonly Item[]; readonly total: number; readonly offset: number};

/** Something an earlier run or another program left lying about. */
export type Leftover = {
	readonly id: string;
	readonly type:
		| 'partial-archive'
		| 'stale-lock'
		| 'interrupted-restore'
		| 'stage'
		| 'server-partial'
		| 'server-rollback';
	readonly path: string;
	readonly bytes: number;
	/** What it is and what cleaning it does, in words. */
	readonly explanation: string;
	/** `clean`: can be deleted; `recover`: an interrupted restore is finished or rolled back; `none`: only reported. */
	readonly remedy: 'clean' | 'recover' | 'none';
};

/** Who holds a lock. */
export type Holder = {
	readonly pid: number;
	readonly host: string;
	/** Kind of its job, "restore". */
	readonly job: string;
	readonly since: number;
};

export type HistoryRecord = {
	readonly at: number;
	readonly job: JobType;
	readonly outcome: JobOutcome;
	readonly key: string | null;
	readonly message: string;
	/** True when no backup was made since nothing had changed: `key` is the one that still holds all there was. */
	readonly unchanged?: boolean | undefined;
	/** True for a restore of single files, or to another place: it did not make the instance what the backup is. */
	readonly limited?: boolean | undefined;
};

export type DayState = 'ok' | 'warning' | 'failed' | 'none' | 'overdue';

/** What the home screen and `printkeep status` say. */
export type StatusReport = {
	readonly instance: Instance;
	readonly store: StoreInfo;
	readonly total: number;
	readonly totalBytes: number;
	readonly bad: number;
	readonly lastGood: BackupSummary | null;
	/** Milliseconds since the last good backup was made, or since nothing was found to have changed after it; null when there is none. */
	readonly ageMilliseconds: number | null;
	readonly overdue: boolean;
	/** Why the clock cannot be believed, in a sentence: neither can `overdue` and the ages be then. Missing when nothing speaks against it. */
	readonly clockProblem?: string;
	/** Fourteen days, oldest first, the last is today (local time). */
	readonly days: readonly {readonly date: string; readonly state: DayState}[];
	readonly lastJob: HistoryRecord | null;
	readonly leftovers: readonly Leftover[];
	readonly holder: Holder | null;
	/** Set when a rollback copy exists that `undo` brings back. */
	readonly undo: UndoInfo | null;
	readonly restoreDisabled: string | null;
};

export type UndoInfo = {
	/** What the next undo takes back: a restore, or the undo before it. */
	readonly takesBack: 'restore' | 'undo';
	/** When that was. */
	readonly restoredAt: number;
	readonly key: string;
	readonly bytes: number;
	/** When the rollback copy goes; null when it stays until the next restore. */
	readonly expiresAt: number | null;
};

export type DoctorCheck = {
	readonly id: string;
	readonly title: string;
	readonly state: 'ok' | 'warning' | 'error';
	/** What was found. */
	readonly finding: string;
	/** What to do; empty when ok. */
	readonly advice: string;
};

export type FolderEntry = {
	readonly name: string;
	readonly type: 'file' | 'directory';
	readonly bytes: number;
	readonly modifiedAt: number;
};

// ---------------------------------------------------------------------------------------------- plugins

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

// ---------------------------------------------------------------------------------------------- restore plans

export type PlanAction = 'added' | 'changed' | 'removed' | 'kept';

export type PlanCounts = Readonly<Record<PlanAction, number>>;

export type PlanPart = {
	readonly name: string;
	readonly title: string;
	readonly counts: PlanCounts;
	/** Bytes that would be written. */
	readonly bytes: number;
	/** Where it goes, when that is outside the destination. */
	readonly externalTarget: string | null;
};

export type RestorePlan = {
	readonly planId: string;
	readonly source: string;
	/** Absolute path that receives the data. */
	readonly destination: string;
	/** False for `--to DIR`. */
	readonly inPlace: boolean;
	readonly counts: PlanCounts;
	readonly parts: readonly PlanPart[];
	/** Present parts the backup does not cover and that stay as they are. */
	readonly untouched: readonly string[];
	readonly bytesToWrite: number;
	readonly mode: RestoreMode;
	/** The paths chosen, when only some files are restored; else null. */
	readonly files: readonly string[] | null;
	/**
	 * True when only what differs is unpacked and exchanged file by file, because it was asked for or everything does not fit. What is the same stays in
	 * its place.
	 */
	readonly lowSpace: boolean;
	/** What the server does now. Null when nothing in its data folder is going to change. */
	readonly activity: ServerActivity | null;
	/** Why the server's activity forbids the restore, in words; empty when it does not. `evenIfPrinting` overrides it. */
	readonly activityRefusal: string;
	/** Whether and how the server is stopped before the exchange and started after it; null when it does not run or nothing is known. */
	readonly service: ServicePlan | null;
	/** Settings that belong to this machine and are different in the backup: they can be kept as they are now. */
	readonly machineSettings: readonly MachineSetting[];
	/** Groups of them that will be kept. */
	readonly keepSettings: readonly string[];
	/** Space needed while it runs, per file system. */
	readonly space: readonly {readonly path: string; readonly neededBytes: number; readonly freeBytes: number}[];
	readonly enoughSpace: boolean;
	readonly backupVersion: string | null;
	readonly installedVersion: string | null;
	/** True when the backup is of a newer version than the installed server: refused unless forced. */
	readonly newerVersion: boolean;
	readonly serverRunning: boolean | null;
	readonly serviceUnit: string | null;
	/** Non-empty when restore in place is disabled, with the reason. */
	readonly restoreDisabled: string;
	/** Plugins in the backup that the environment does not have. */
	readonly missingPlugins: readonly PluginRecord[];
	/** Commands that install them. */
	readonly pluginCommands: readonly string[];
	readonly proof: Proof;
	/** Sentences a person should read before confirming. */
	readonly warnings: readonly string[];
};

/**
 * - `replace`: every part that is restored becomes as it was backed up; what the backup does not cover stays
 * - `merge`: nothing is removed
 * - `exact`: the whole data folder becomes as it was backed up; only backups, wherever they lie, and what is mounted in it stay
 */
export type RestoreMode = 'replace' | 'merge' | 'exact';

/**
 * - `stopped`: no process of the server runs on the data folder
 * - `idle`: it runs, and says that it does not print
 * - `printing`, `paused`: it says so
 * - `unknown`: it runs, or may run, and could not be asked; counts as printing
 */
export type ServerActivity = {
	readonly state: 'stopped' | 'idle' | 'printing' | 'paused' | 'unknown';
	/** For a person: the file that prints and how far, or why it could not be asked. Unescaped. */
	readonly detail: string;
	/** For a person: how to make it possible to ask. */
	readonly advice?: string;
};

export type ServicePlan = {
	/** For a person: "octoprint.service", or the command. */
	readonly name: string;
	/** `unit`: systemctl; `command`: the person's own commands; `none`: printkeep cannot stop it. */
	readonly by: 'unit' | 'command' | 'none';
	/** Commands for a person when printkeep may not or cannot do it itself. */
	readonly stop: string;
	readonly start: string;
	/** Why printkeep will not stop it, when `by` is `none`. */
	readonly reason: string;
};

export type MachineSetting = {
	/** What is kept or not as one: `network`, `serial`, `name`. */
	readonly group: string;
	/** For a person: "Serial port". */
	readonly title: string;
	/** Path in the configuration: `serial.port`. */
	readonly path: string;
	/** Values as one line of text; null where there is none. Never of a secret. */
	readonly present: string | null;
	readonly backup: string | null;
};

/** How two states differ: what restoring the left one over the right one would do. */
export type Comparison = {
	/** For `plan.files` and `plan.text`. */
	readonly planId: string;
	/** For a person: the backup's name. */
	readonly left: string;
	/** The other backup's name, or the data folder. */
	readonly right: string;
	readonly rightIsLive: boolean;
	readonly counts: PlanCounts;
	readonly parts: readonly PlanPart[];
	/** `crc32` where one side has no hashes. */
	readonly proof: Proof;
	readonly warnings: readonly string[];
};

/** A line of a text comparison; `gap` stands for lines left out between changes, with their number. Text is unescaped, without its line end. */
export type DiffLine =
	| {
			readonly type: 'same' | 'added' | 'removed';
			readonly left: number | null;
			readonly right: number | null;
			readonly text: string;
	  }
	| {readonly type: 'gap'; readonly lines: number};

/** `added` and `removed` are what a restore of the left side would add and remove. Values of secrets are hidden, also where they differ. */
export type TextComparison =
	| {
			readonly type: 'text';
			readonly lines: readonly DiffLine[];
			readonly added: number;
			readonly removed: number;
			readonly hidden: number;
	  }
	| {
			readonly type: 'other';
			readonly reason: string;
			readonly leftBytes: number | null;
			readonly rightBytes: number | null;
	  };

/** A deleted backup that can still be brought back. */
export type TrashItem = {
	readonly id: string;
	/** The name it had in the store and gets again. */
	readonly key: string;
	readonly bytes: number;
	readonly deletedAt: number;
	/** When it goes for good; null when it does not by itself. */
	readonly expiresAt: number | null;
	readonly createdAt: number | null;
	readonly note: string;
};

export type PlanFile = {
	readonly path: string;
	readonly part: string;
	readonly action: PlanAction;
	/** Bytes in the backup (added, changed, kept) or on disk (removed). */
	readonly bytes: number;
};

// ---------------------------------------------------------------------------------------------- jobs

export const jobTypes = [
	'create',
	'verify',
	'plan',
	'compare',
	'restore',
	'undo',
	'delete',
	'trash-restore',
	'trash-empty',
	'import',
	'export',
	'recover',
	'reinstall-plugins',
	'send',
	'fetch',
] as const;

export type JobType = (typeof jobTypes)[number];

/** A backup in the catalog, or any archive file. */
export type ArchiveSource =
	| {readonly type: 'backup'; readonly key: string; readonly origin?: Origin}
	| {readonly type: 'file'; readonly path: string};

export type JobRequest =
	| {
			readonly type: 'create';
			readonly target: Target;
			/** Names of parts to leave out; everything else that can be in is in, apart from default-excluded parts not in `includes`. */
			readonly excludes: readonly string[];
			/** Names of default-excluded parts to take in. */
			readonly includes: readonly string[];
			readonly note: string;
			readonly trigger: Trigger;
			/** Key to use instead of the automatic name. */
			readonly name?: string;
			/** Absolute path of a file to write instead of putting the backup into the store. */
			readonly path?: string;
			/** True reads every file anew and takes nothing over from an earlier backup. */
			readonly rehash?: boolean;
	  }
	| {readonly type: 'verify'; readonly target: Target; readonly sources: readonly ArchiveSource[] | 'all'}
	| ({
			readonly type: 'plan';
			/** False when nobody is going to look at its files: they are counted only, which takes less memory. */
			readonly listsFiles?: boolean;
	  } & RestoreChoice)
	| {
			readonly type: 'compare';
			readonly target: Target;
			readonly left: ArchiveSource;
			readonly right: ArchiveSource | {readonly type: 'live'};
	  }
	| ({
			readonly type: 'restore';
			readonly allowNewer: boolean;
			/** Goes on although the server prints or could not be asked. */
			readonly evenIfPrinting?: boolean;
			/** False leaves a running server running. */
			readonly stopServer?: boolean;
	  } & RestoreChoice)
	| {readonly type: 'undo'; readonly target: Target; readonly evenIfPrinting?: boolean; readonly stopServer?: boolean}
	| {
			readonly type: 'delete';
			readonly target: Target;
			readonly keys: readonly string[];
			readonly allowPinned: boolean;
			/** True deletes for good instead of moving to the trash. */
			readonly permanently?: boolean;
	  }
	/** Brings deleted backups back under their own names. */
	| {readonly type: 'trash-restore'; readonly target: Target; readonly ids: readonly string[]}
	/** Deletes for good what is in the trash. */
	| {readonly type: 'trash-empty'; readonly target: Target; readonly ids: readonly string[] | 'all'}
	| {readonly type: 'import'; readonly target: Target; readonly path: string; readonly as?: string}
	| {
			readonly type: 'export';
			readonly target: Target;
			readonly source: ArchiveSource;
			/** Absolute path of the file to write, or of a folder to put it into. */
			readonly destination: string;
			/** When either is non-empty, a small ZIP with just these. Paths are inside the data folder; a folder means all below. */
			readonly parts: readonly string[];
			readonly files: readonly string[];
	  }
	/** `interrupted` ends interrupted restores and cleans nothing else. */
	| {
			readonly type: 'recover';
			readonly target: Target;
			readonly leftoverIds: readonly string[] | 'all' | 'interrupted';
	  }
	/** Installs the plugins of a backup that the server's environment lacks. Never part of a restore. */
	| {
			readonly type: 'reinstall-plugins';
			readonly target: Target;
			/** Whose plugins; the backup last restored when missing, else the newest good one. */
			readonly source?: ArchiveSource;
			/** Address, or absolute path of a file, of the data of a plugin repository; the server's usual one when missing. */
			readonly repository?: string;
			/** Keys of the only plugins to look at; all of the backup when missing. */
			readonly only?: readonly string[];
			/** True takes the version that was backed up from a package index too, by its bare name, which anybody may have taken there. */
			readonly fromIndex?: boolean;
			readonly evenIfPrinting?: boolean;
			/** True only finds out what would be installed. */
			readonly dryRun: boolean;
	  }
	/** Takes a copy of a backup to an agent, `<plugin>.<agent>`. */
	| {readonly type: 'send'; readonly target: Target; readonly source: ArchiveSource; readonly agent: string}
	/** Takes a backup of an agent into the store. */
	| {
			readonly type: 'fetch';
			readonly target: Target;
			readonly agent: string;
			/** As the agent lists it. */
			readonly id: string;
			/** Name in the store; the agent's when missing, or one like it. */
			readonly as?: string;
	  };

export type RestoreChoice = {
	readonly target: Target;
	readonly source: ArchiveSource;
	/**
	 * Absolute folder to restore into instead of in place; must be missing or empty. With a single file in `files`: the file to write, or an existing
	 * folder to put it into; nothing is ever overwritten there.
	 */
	readonly to?: string;
	/** Parts to restore; all in the backup when missing. */
	readonly parts?: readonly string[];
	/** Paths inside the data folder, a folder for all below: only these are restored, and nothing is removed. Not together with `parts`. */
	readonly files?: readonly string[];
	/** `replace` when missing; `merge` is the only one there is with `files`. */
	readonly mode?: RestoreMode;
	/** Groups of machine-specific settings that stay as they are now. */
	readonly keepSettings?: readonly string[];
	/** True unpacks and exchanges only what differs even where everything would fit. */
	readonly lowSpace?: boolean;
};

export type JobOutcome = 'done' | 'partial' | 'failed' | 'cancelled';

export type JobResult =
	| {
			readonly type: 'create';
			readonly backup: BackupSummary;
			readonly files: number;
			readonly bytes: number;
			readonly storedBytes: number;
			readonly skipped: readonly SkippedFile[];
			/** What plugins left out. */
			readonly leftOut: readonly LeftOutByPlugin[];
			/** Things taken in under another form, worth telling: renamed odd names, clamped times. */
			readonly notes: readonly string[];
			/** What plugins did wrong before or after it, also among the notes; missing when nothing. */
			readonly pluginProblems?: readonly string[];
			/** What was taken over as it lay in an earlier backup, its key, and its content's bytes; zeros and null when nothing was. */
			readonly reused: {readonly key: string | null; readonly files: number; readonly bytes: number};
			/** Key of the backup since which nothing has changed, so that no new one was made: `backup` is that one. Null when one was made. */
			readonly unchangedSince: string | null;
	  }
	| {
			readonly type: 'verify';
			readonly results: readonly {
				readonly key: string;
				readonly ok: boolean;
				readonly proof: Proof;
				readonly entries: number;
				readonly bytes: number;
				readonly databases: number;
				/** Empty when ok. */
				readonly problems: readonly ErrorData[];
			}[];
	  }
	| {readonly type: 'plan'; readonly plan: RestorePlan}
	| {readonly type: 'compare'; readonly comparison: Comparison}
	| {
			readonly type: 'restore';
			readonly destination: string;
			readonly inPlace: boolean;
			readonly counts: PlanCounts;
			readonly files: number;
			readonly bytes: number;
			readonly rollbackCopy: string | null;
			readonly missingPlugins: readonly PluginRecord[];
			readonly pluginCommands: readonly string[];
			readonly skipped: readonly SkippedFile[];
			/** What a person has to do now ("Restart OctoPrint: sudo service octoprint restart"). */
			readonly next: readonly string[];
	  }
	| {readonly type: 'undo'; readonly destination: string; readonly restoredAt: number; readonly next: readonly string[]}
	| {
			readonly type: 'delete';
			readonly deleted: readonly string[];
			/** Bytes freed for good; 0 for what went to the trash. */
			readonly freedBytes: number;
			readonly remaining: number;
			/** Those that can be brought back. */
			readonly trashed: readonly TrashItem[];
	  }
	| {readonly type: 'trash-restore'; readonly restored: readonly string[]}
	| {readonly type: 'trash-empty'; readonly deleted: readonly string[]; readonly freedBytes: number}
	| {readonly type: 'import'; readonly backup: BackupSummary}
	| {readonly type: 'export'; readonly path: string; readonly bytes: number; readonly files: number}
	| {
			readonly type: 'recover';
			readonly cleaned: readonly Leftover[];
			readonly freedBytes: number;
			readonly messages: readonly string[];
	  }
	| {
			readonly type: 'reinstall-plugins';
			/** The backup whose plugins these are. */
			readonly source: ArchiveSource;
			/** Address or path of the repository that was asked, without a password. */
			readonly repository: string;
			readonly dryRun: boolean;
			readonly plugins: readonly ReinstalledPlugin[];
			/** What the server does, when nothing was installed yet; null when something was. */
			readonly activity: ServerActivity | null;
			/** What a person has to do now. */
			readonly next: readonly string[];
	  }
	| {
			readonly type: 'send';
			readonly agent: string;
			/** What the agent calls it. */
			readonly id: string;
			readonly bytes: number;
			/** SHA-256 of the whole archive, in hex. */
			readonly sha256: string;
			/** How the copy was compared afterwards: the agent told its hash, or only its size. */
			readonly comparedBy: 'sha256' | 'size';
			/** True when it was there already, and nothing was sent. */
			readonly wasThere: boolean;
	  }
	| {readonly type: 'fetch'; readonly agent: string; readonly id: string; readonly backup: BackupSummary};

export type JobPhase =
	| 'waiting'
	| 'scanning'
	| 'databases'
	| 'writing'
	| 'syncing'
	| 'verifying'
	| 'comparing'
	| 'staging'
	| 'swapping'
	| 'checking'
	| 'stopping'
	| 'starting'
	| 'copying'
	| 'sending'
	| 'receiving'
	| 'deleting'
	| 'cleaning'
	| 'fetching'
	| 'installing'
	| 'cancelling';

/** Absolute values only, so that any message may be lost. */
export type JobProgress = {
	readonly jobId: string;
	readonly phase: JobPhase;
	readonly bytesDone: number;
	/** Null until the scan has finished. */
	readonly bytesTotal: number | null;
	readonly filesDone: number;
	readonly filesTotal: number | null;
	/** Unescaped: make it safe before showing it. */
	readonly currentFile: string;
	readonly skipped: number;
	readonly elapsedMilliseconds: number;
	/** Null until the rate is known. */
	readonly bytesPerSecond: number | null;
	/** Null until total and rate are known. */
	readonly etaMilliseconds: number | null;
	/** False while nothing can be cancelled any more (the swap). */
	readonly cancellable: boolean;
};

// ---------------------------------------------------------------------------------------------- events and methods

export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

export type EngineEvent =
	| {
			readonly type: 'job-started';
			readonly jobId: string;
			readonly job: JobType;
			/** For a person: "Backing up octoprint". */
			readonly title: string;
			readonly at: number;
	  }
	| {readonly type: 'phase'; readonly jobId: string; readonly phase: JobPhase}
	| ({readonly type: 'progress'} & JobProgress)
	| {readonly type: 'file-skipped'; readonly jobId: string; readonly file: SkippedFile}
	| {
			readonly type: 'job-finished';
			readonly jobId: string;
			readonly job: JobType;
			readonly outcome: JobOutcome;
			readonly result: JobResult | null;
			readonly error: ErrorData | null;
			readonly durationMilliseconds: number;
			readonly at: number;
	  }
	/** A backup has got its name. `excludes` are the parts left out. */
	| {
			readonly type: 'backup-created';
			readonly jobId: string;
			readonly name: string;
			readonly path: string;
			readonly excludes: readonly string[];
	  }
	/** The last good backup is older than it should be. */
	| {readonly type: 'backup-overdue'; readonly instance: string; readonly ageMilliseconds: number | null}
	| {readonly type: 'plugin-failed'; readonly plugin: string; readonly reason: string; readonly at: number}
	/** A plugin has other agents than before. */
	| {readonly type: 'agents-changed'; readonly plugin: string}
	| {
			readonly type: 'catalog-changed';
			readonly store: string;
			readonly revision: number;
			readonly upserted: readonly BackupSummary[];
			readonly removed: readonly {readonly key: string; readonly origin: Origin}[];
	  }
	| {readonly type: 'holder-changed'; readonly store: string; readonly holder: Holder | null}
	| {
			readonly type: 'log';
			readonly level: LogLevel;
			readonly at: number;
			readonly text: string;
			readonly detail?: string;
	  }
	/** From the client, never the engine: the worker died and a new one is starting (or not). */
	| {readonly type: 'engine-restarted'; readonly error: ErrorData};

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
