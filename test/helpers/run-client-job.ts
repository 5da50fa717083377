import type {Client} from '../../source/client/client.js';
import type {EngineEvent, JobRequest} from '../../source/client/protocol.js';
import {waitFor} from './wait-for.js';

export type JobFinished = Extract<EngineEvent, {type: 'job-finished'}>;

/** Runs a job to its end, whatever that is. @param events fills with what the client tells. @param onStart is told the job's id. */
export type RunClientJob = (request: JobRequest, onStart?: (jobId: string) => void) => Promise<JobFinished>;

/** Makes what runs jobs of a client, whose events are collected elsewhere. */
export const clientJobs =
	(client: Client, events: readonly EngineEvent[]): RunClientJob =>
	async (request, onStart) => {
		const {jobId} = await client.request('job.start', request);
		onStart?.(jobId);
		return waitFor(
			`the ${request.type} job to end`,
			() => events.find((event): event is JobFinished => event.type === 'job-finished' && event.jobId === jobId),
			{timeout: 60_000, interval: 5},
		);
	};
