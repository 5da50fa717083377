import {existsSync} from 'node:fs';
import {join} from 'node:path';
import type {Worker} from 'node:worker_threads';
import type {Client} from '../../source/client/client.js';
import {createInProcessClient} from '../../source/client/in-process.js';
import type {EngineEvent, InstanceRef, JobRequest, JobResult, Target} from '../../source/client/protocol.js';
import {createWorkerClient} from '../../source/client/worker-client.js';
import {systemPorts} from '../../source/engine/system-ports.js';
import {clientJobs, type RunClientJob} from './run-client-job.js';

export type {JobFinished} from './run-client-job.js';

export type Transport = 'in process' | 'worker';

export type TestClient = {
	readonly client: Client;
	readonly events: readonly EngineEvent[];
	/** Ends the engine's thread as running out of memory would; only for the worker. */
	readonly killThread: () => Promise<unknown>;
	/** Starts a job and waits for its end. */
	readonly run: RunClientJob;
	/** Runs a job that must succeed, and returns its result. */
	readonly result: <Type extends JobRequest['type']>(
		request: Extract<JobRequest, {type: Type}>,
	) => Promise<Extract<JobResult, {type: Type}>>;
};

/** The built worker; the test script builds it first. */
export const workerUrl = new URL('../../dist/worker.js', import.meta.url);

/** A client of one of the two transports, with a home of its own. The caller closes it. */
export const makeClient = (transport: Transport, home: string): TestClient => {
	if (transport === 'worker' && !existsSync(workerUrl)) {
		throw new Error(`${workerUrl.pathname} is missing: run "npm run build" first`);
	}

	const options = {environment: {HOME: home, PATH: process.env.PATH}, stateFolder: join(home, 'state')};
	let thread: Worker | undefined;
	const client =
		transport === 'worker'
			? createWorkerClient(workerUrl, options, started => {
					thread = started;
				})
			: createInProcessClient(systemPorts(options));
	const events: EngineEvent[] = [];
	client.subscribe(event => events.push(event));

	const run = clientJobs(client, events);

	return {
		client,
		events,
		killThread: async () => thread?.terminate(),
		run,
		async result<Type extends JobRequest['type']>(request: Extract<JobRequest, {type: Type}>) {
			const {result, error} = await run(request);
			if (result?.type !== request.type) {
				throw new Error(`The ${request.type} job failed: ${error?.message} ${error?.detail ?? ''}`);
			}

			return result as Extract<JobResult, {type: Type}>;
		},
	};
};

/** A target for an instance's data folder, with its store beside it. */
export const makeTarget = (dataFolder: string, store: string): Target => ({
	instance: {name: 'octoprint', kind: 'octoprint', dataFolder} satisfies InstanceRef,
	store,
	keepFreeBytes: 0,
	restoreUnsupported: false,
});

/** A create request with nothing left out. */
export const createRequest = (target: Target, options: Partial<Extract<JobRequest, {type: 'create'}>> = {}) =>
	({
		type: 'create',
		target,
		excludes: [],
		includes: [],
		note: '',
		trigger: 'manual',
		...options,
	}) as const satisfies JobRequest;
