import type {
	BackupSummary,
	Holder,
	Instance,
	JobOutcome,
	JobPhase,
	JobProgress,
	JobResult,
	JobType,
	LogLevel,
	Origin,
	Part,
	PartSize,
	StatusReport,
	StoreInfo,
	Target,
	TrashItem,
} from '../client/protocol.js';
import type {ErrorData} from '../errors.js';
import type {Settings} from '../settings/schema.js';
import {noPlugins, type PluginsState} from './plugins-model.js';

export type Loading = 'idle' | 'loading' | 'ready' | 'failed';

/** Newest first, with an index by `origin/key`. */
export type BackupsState = {
	readonly state: Loading;
	readonly error: ErrorData | null;
	readonly ordered: readonly BackupSummary[];
	readonly byId: ReadonlyMap<string, BackupSummary>;
	readonly revision: number;
};

export type PartsState = {
	readonly state: Loading;
	readonly error: ErrorData | null;
	readonly list: readonly Part[];
	/** By name; missing while it is still being measured. */
	readonly sizes: ReadonlyMap<string, PartSize>;
	/** By name: parts that could not be measured, and why. */
	readonly unmeasured: ReadonlyMap<string, ErrorData>;
	/** True while plugins are asked what they want left out. */
	readonly asking: boolean;
	/** By name: what there is to say of how they were asked, in sentences. */
	readonly notes: ReadonlyMap<string, readonly string[]>;
};

/** Before anything is known of the parts. */
export const noParts: PartsState = {
	state: 'idle',
	error: null,
	list: [],
	sizes: new Map(),
	unmeasured: new Map(),
	asking: false,
	notes: new Map(),
};

/** The running job. */
export type JobState = {
	readonly id: string;
	readonly type: JobType;
	readonly title: string;
	readonly startedAt: number;
	readonly phase: JobPhase;
	/** Null until the first message. */
	readonly progress: JobProgress | null;
	/** The person asked once; a second press cancels. */
	readonly cancelAsked: boolean;
	/** The engine was told to stop and has not answered yet. */
	readonly cancelling: boolean;
	readonly skipped: number;
};

/** How the last job ended. */
export type FinishedJob = {
	readonly id: string;
	readonly type: JobType;
	readonly title: string;
	readonly outcome: JobOutcome;
	readonly result: JobResult | null;
	readonly error: ErrorData | null;
	readonly durationMilliseconds: number;
	readonly at: number;
};

export type LogEntry = {
	/** Counts up; the key of a row. */
	readonly id: number;
	readonly level: LogLevel;
	readonly at: number;
	readonly text: string;
	/** Lines for the full view: technical detail, what to do. */
	readonly detail: readonly string[];
};

export type ToastLevel = 'info' | 'warning' | 'error';

export type Toast = {
	readonly id: number;
	readonly level: ToastLevel;
	readonly text: string;
};

/** A restore that was interrupted and has been ended by itself, or could not be. */
export type RecoveryNote = {readonly isFailure: boolean; readonly text: string};

export type Model = {
	readonly engine:
		| {readonly type: 'starting' | 'ready'}
		| {readonly type: 'restarted' | 'gone'; readonly error: ErrorData};
	readonly settings: Settings;
	/** What the screens work on; null before it is known, or when there is no instance. */
	readonly target: Target | null;
	readonly instance: Instance | null;
	/** Why there is no target, when there is none. */
	readonly targetError: ErrorData | null;
	readonly backups: BackupsState;
	readonly parts: PartsState;
	readonly store: StoreInfo | null;
	readonly status: StatusReport | null;
	/** Deleted backups that can be brought back, latest first; null before they are known. */
	readonly trash: readonly TrashItem[] | null;
	/** What was found and done at the start; null when nothing was, or when a later restore has made it old. */
	readonly recovery: RecoveryNote | null;
	readonly job: JobState | null;
	/** How the last job ended that did something; plans are kept apart. */
	readonly lastJob: FinishedJob | null;
	/** How the last plan ended: a plan is looked at on a screen of its own. */
	readonly lastPlan: FinishedJob | null;
	/** Another printkeep that is at work here; everything that changes something is refused meanwhile. */
	readonly holder: Holder | null;
	readonly plugins: PluginsState;
	/** Oldest first, at most 500. */
	readonly log: readonly LogEntry[];
	readonly nextLogId: number;
	/** The one on show, if any. */
	readonly toast: Toast | null;
	readonly nextToastId: number;
};

export const maximumLogEntries = 500;

/** Identifies a backup among those of store and server. */
export const backupId = ({key, origin}: {readonly key: string; readonly origin: Origin}): string => `${origin}/${key}`;

const idle = {state: 'idle', error: null} as const;

/** What is known before anything has been asked. */
export const initialModel = (settings: Settings): Model => ({
	engine: {type: 'starting'},
	settings,
	target: null,
	instance: null,
	targetError: null,
	backups: {...idle, ordered: [], byId: new Map(), revision: 0},
	parts: noParts,
	store: null,
	status: null,
	trash: null,
	recovery: null,
	job: null,
	lastJob: null,
	lastPlan: null,
	holder: null,
	plugins: noPlugins,
	log: [],
	nextLogId: 1,
	toast: null,
	nextToastId: 1,
});
