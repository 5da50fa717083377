/** Jobs as they are asked for, how they go and how they end, as the protocol tells of them. */
import type {ErrorData} from '../../errors.js';
import type {
	BackupSummary,
	LeftOutByPlugin,
	Leftover,
	Origin,
	PluginRecord,
	Proof,
	ReinstalledPlugin,
	SkippedFile,
	Trigger,
} from './backups.js';
import type {Comparison, PlanCounts, RestoreMode, RestorePlan, ServerActivity, TrashItem} from './plans.js';
import type {Target} from './targets.js';

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
