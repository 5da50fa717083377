import type {HistoryRecord, JobOutcome, JobType} from '../client/protocol.js';
import type {Model} from '../state/model.js';
import {finishedText} from '../state/result-text.js';

/** How the last job ended, in a line. */
export type EndedJob = {readonly outcome: JobOutcome; readonly text: string; readonly at: number};

const jobWords = {
	create: 'Backup',
	verify: 'Verification',
	plan: 'Comparison',
	compare: 'Comparison',
	restore: 'Restore',
	undo: 'Undoing the restore',
	delete: 'Deletion',
	'trash-restore': 'Bringing back from the trash',
	'trash-empty': 'Emptying the trash',
	import: 'Import',
	export: 'Export',
	recover: 'Cleaning up',
	'reinstall-plugins': 'Installing plugins',
	send: 'Copy to another place',
	fetch: 'Copy from another place',
} as const satisfies Record<JobType, string>;

const outcomeWords = {
	done: 'done',
	partial: 'done, but not everything',
	failed: 'failed',
	cancelled: 'cancelled',
} as const satisfies Record<JobOutcome, string>;

/** A job of an earlier start, of a command or of another printkeep, from the history. */
const historyText = ({job, outcome, key, message, unchanged = false}: HistoryRecord): string =>
	[
		unchanged ? 'No backup made, nothing had changed since' : `${jobWords[job]} ${outcomeWords[outcome]}`,
		...(key === null ? [] : [key]),
		...(message === '' ? [] : [message]),
	].join(': ');

/** How the last job ended: one of this dashboard, else the last one of the history, so that what went on after a lost connection is told too. */
export const endedJob = ({lastJob, status}: Pick<Model, 'lastJob' | 'status'>): EndedJob | null => {
	const earlier = status?.lastJob ?? null;
	if (lastJob && (earlier === null || earlier.at <= lastJob.at + 60_000)) {
		return {outcome: lastJob.outcome, text: finishedText(lastJob), at: lastJob.at};
	}

	return earlier && {outcome: earlier.outcome, text: historyText(earlier), at: earlier.at};
};
