/** What the engine tells by itself: how a job goes, what changes in a store, what plugins do wrong. */
import type {ErrorData} from '../../errors.js';
import type {BackupSummary, Holder, Origin, SkippedFile} from './backups.js';
import type {JobOutcome, JobPhase, JobProgress, JobResult, JobType} from './jobs.js';

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
