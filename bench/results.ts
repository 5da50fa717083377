import type {JobName} from './options.js';

/** One run of one contender. Times in seconds. */
export type Run = {
	readonly wall: number;
	readonly cpu: number;
	readonly peakBytes: number;
	/** Until everything it left unwritten was on the medium, after it had ended. */
	readonly flush: number;
	/** Of the archive or repository it made, or of what was added to one; null when it made none. */
	readonly sizeBytes: number | null;
	/** Seconds of each phase, in order; `start` comes before the first, `end` after the job. Null for programs that do not tell. */
	readonly phases: Readonly<Record<string, number>> | null;
};

/** What one contender did in all rounds; `runs` are in the order of the rounds. */
export type Contest = {
	readonly name: string;
	/** True for printkeep itself, in any of its ways. */
	readonly own: boolean;
	readonly runs: readonly Run[];
	/** Why it dropped out; empty when it did not. */
	readonly failure: string;
};

/** A figure that is no contest: milliseconds to a frame, a share of the limit. */
export type Figure = {
	readonly id: FigureId;
	readonly what: string;
	readonly values: readonly number[];
	readonly unit: 'ms' | 'MB' | 'MB/s' | '%';
	/** How it is shown when median and spread do not say it well. */
	readonly shown?: string;
};

export type FigureId =
	| 'deflate-rate'
	| 'create-rate'
	| 'limit-share'
	| 'first-frame'
	| 'first-frame-many'
	| 'first-frame-no-plugins'
	| 'first-frame-plugins'
	| 'plugins-cost'
	| 'list-frame'
	| 'row-latency'
	| 'page-latency'
	| 'busy-latency'
	| 'dashboard-memory';

/** One table of the report. */
export type JobResult = {
	readonly job: JobName;
	/** Which data it was done with, and what about it: `M`, `M, 1 % changed`. */
	readonly data: string;
	readonly title: string;
	/** The contender all others are compared with. */
	readonly baseline: string;
	readonly contests: readonly Contest[];
	readonly figures: readonly Figure[];
	readonly notes: readonly string[];
};
