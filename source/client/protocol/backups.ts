/** Stores and the backups in them, as the protocol tells of them. */
import type {ErrorData} from '../../errors.js';
import type {BuiltInKind, Instance, ServerKind} from './instances.js';
import type {JobOutcome, JobType} from './jobs.js';

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
