import type {EngineEvent, JobProgress} from '../../source/client/protocol.js';
import {scriptedNow} from './scripted-client.js';

/** What the engine tells while a backup runs. */
export const jobStarted = (jobId = 'job-1'): EngineEvent => ({
	type: 'job-started',
	jobId,
	job: 'create',
	title: 'Backing up octoprint',
	at: scriptedNow,
});

/** Progress of the job at so many percent of 100 MB. */
export const jobProgress = (percent: number, changes: Partial<JobProgress> = {}): EngineEvent => ({
	type: 'progress',
	jobId: 'job-1',
	phase: 'writing',
	bytesDone: percent * 1_000_000,
	bytesTotal: 100_000_000,
	filesDone: percent * 2,
	filesTotal: 200,
	currentFile: `uploads/part-${percent}.gcode`,
	skipped: 0,
	elapsedMilliseconds: percent * 100,
	bytesPerSecond: 12_000_000,
	etaMilliseconds: (100 - percent) * 100,
	cancellable: true,
	...changes,
});

/** The end of that job. */
export const jobCancelled = (jobId = 'job-1'): EngineEvent => ({
	type: 'job-finished',
	jobId,
	job: 'create',
	outcome: 'cancelled',
	result: null,
	error: {code: 'cancelled', message: 'The backup was cancelled.', hint: ''},
	durationMilliseconds: 4000,
	at: scriptedNow,
});
