/** What a restore would do, and how two states differ, as the protocol tells of it. */
import type {PluginRecord, Proof} from './backups.js';

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
