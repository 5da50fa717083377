import type {JobPhase, LogLevel, SkippedFile} from '../../client/protocol.js';
import type {PluginRecordData} from '../../plugins/api.js';
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
};
