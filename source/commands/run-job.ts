import type {Client} from '../client/client.js';
import type {EngineEvent, JobRequest, JobResult} from '../client/protocol.js';
import {fromErrorData, PrintkeepError} from '../errors.js';
import type {JobEnd} from './context.js';
import type {Signals} from './signals.js';

type Finished = Extract<EngineEvent, {readonly type: 'job-finished'}>;

/**
 * Starts a job, hands every event to `print`, and waits for its end.
 * Rejects with the job's error when it has no result, with `busy` when it could not start, and with `cancelled` when a signal came before it was begun.
 */
export const runJob = async <Type extends JobResult['type']>(
	client: Client,
	request: Extract<JobRequest, {readonly type: Type}>,
	{print, signals}: {readonly print: (event: EngineEvent) => void; readonly signals: Signals},
): Promise<JobEnd<Type>> => {
	let settle: (event: Finished) => void = () => undefined;
	const finished = new Promise<Finished>(resolve => {
		settle = resolve;
	});

	if (signals.isEnding()) {
		throw new PrintkeepError('cancelled', 'Cancelled before it was begun: nothing was changed.');
	}

	let id: string | undefined;
	// The end may come before the reply; and plugins may have other jobs done before and after it.
	const early: Finished[] = [];
	const unsubscribe = client.subscribe(event => {
		if (id !== undefined && 'jobId' in event && event.jobId !== id) {
			return;
		}

		print(event);
		if (event.type === 'job-finished') {
			if (id === undefined) {
				early.push(event);
			} else {
				settle(event);
			}
		}
	});

	let isCancelled = false;
	const cancel = (): void => {
		isCancelled = true;
		if (id !== undefined) {
			// A job that cannot be found any more has ended.
			client.request('job.cancel', {jobId: id}).catch(() => undefined);
		}
	};

	const {promise: over, resolve: end} = Promise.withResolvers<void>();
	// A signal can come while it waits for its locks.
	const untrack = signals.track({cancel, finished: over});
	try {
		({jobId: id} = await client.request('job.start', request));
		const ended = early.find(({jobId}) => jobId === id);
		if (ended) {
			settle(ended);
		}

		if (isCancelled) {
			cancel();
		}

		const {outcome, result, error, durationMilliseconds} = await finished;
		// A check that found damage has failed and has a result all the same.
		if (result?.type === request.type) {
			return {
				outcome,
				result: result as Extract<JobResult, {readonly type: Type}>,
				durationMilliseconds,
				error: error ? fromErrorData(error) : undefined,
			};
		}

		throw error ? fromErrorData(error) : new PrintkeepError('bug', `The job ended as ${outcome} and did not say why.`);
	} finally {
		untrack();
		end();
		unsubscribe();
	}
};
