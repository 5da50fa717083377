import type {JobPhase, LogLevel, SkippedFile} from '../../client/protocol.js';
import type {AgentBackup, PluginRecordData} from '../../plugins/api.js';
import type {PluginExcludes} from '../../plugins/service-types.js';
import type {Pool} from '../pool/pool.js';
import type {EnginePorts} from '../ports.js';

/** How a job tells what it does. Cheap to call: progress is coalesced behind it. */
export type JobReporter = {
	/** Starts a phase; counters and totals start again at zero. */
	readonly phase: (phase: JobPhase) => void;
	/** Totals of the phase, once known. */
	readonly total: (bytes: number, files: number) => void;
	/** Adds to the counters of the phase. */
	readonly advance: (bytes: number, files: number) => void;
	readonly currentFile: (path: string) => void;
	readonly skipped: (file: SkippedFile) => void;
	/** False from the moment a cancel would be too late, true again after it. */
	readonly cancellable: (value: boolean) => void;
	readonly log: (level: LogLevel, text: string, detail?: string) => void;
};

/** What a job asks of plugins while it runs. */
export type JobPlugins = {
	/**
	 * What they want left out of a backup, each as it answered.
	 * @param excludes parts left out, and what others want left out.
	 * @param told what the answer of one means for those that are asked after it.
	 * @throws plugin-failed where the instance's policy says so
	 */
	readonly excludes: (
		excludes: readonly string[],
		told: (plugin: string, items: readonly string[]) => readonly string[],
	) => Promise<readonly PluginExcludes[]>;
	/** Facts for the manifest, by plugin. */
	readonly environment: () => Promise<PluginRecordData>;
};

/** The places for copies that plugins know, as a job asks them: for its instance, and until it is cancelled. */
export type JobAgents = {
	readonly backups: (agent: string) => Promise<readonly AgentBackup[]>;
	readonly backup: (agent: string, id: string) => Promise<AgentBackup>;
	/** @param path of the archive. @param onProgress told the bytes that are there so far, never fewer than before. */
	readonly upload: (
		agent: string,
		backup: AgentBackup,
		path: string,
		onProgress: (bytes: number) => void,
	) => Promise<void>;
	/** @param path of an empty file, which receives what the agent gives. */
	readonly download: (
		agent: string,
		backup: AgentBackup,
		path: string,
		onProgress: (bytes: number) => void,
	) => Promise<{readonly bytes: number}>;
};

/** What every job is given. */
export type JobContext = {
	readonly ports: EnginePorts;
	readonly report: JobReporter;
	/** Aborted when the person cancels; `throwIfAborted` throws the `cancelled` PrintkeepError. */
	readonly signal: AbortSignal;
	/** Lets other work of the thread run when the job has kept it busy for over 10 ms; throws when cancelled. Call it often. */
	readonly breathe: () => Promise<void>;
	/** The helper threads of this job, started when they are first asked for and ended with it. */
	readonly pool: () => Pool;
	/** Told what the job's own thread has read, where its rate is bounded: the next `breathe` then takes its time. */
	readonly onRead?: ((bytes: number) => void) | undefined;
	/** Missing where there are no plugins. */
	readonly plugins?: JobPlugins | undefined;
	/** The same. */
	readonly agents?: JobAgents | undefined;
};
