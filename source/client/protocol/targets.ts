/** What a job works on and how: an instance, its store, and how much of the machine it may take. */
import type {InstanceRef} from './instances.js';

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
