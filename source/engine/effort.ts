/** How much of the machine one job takes: its threads, their priority, and how fast they read. */
import {availableParallelism} from 'node:os';
import type {JobRequest} from '../client/protocol.js';
import {adapterFor} from './adapter-for.js';
import type {JobReporter} from './jobs/context.js';
import {createPace, createReadMeter, type ReadMeter} from './pace.js';
import {createJobPool, type JobPool} from './pool/job-pool.js';
import {mostThreads} from './pool/pool.js';
import type {EnginePorts} from './ports.js';
import {yieldDisk} from './priority.js';

/** What a helper thread takes by itself, measured. */
const threadBytes = 10_000_000;
/** What is under way: a megabyte as it was read, and what it was packed into. */
const unitBytes = 1_600_000;

/** Each thread has one unit in hand and two waiting; one more is being written. */
const bytesFor = (threads: number): number => threads * threadBytes + (3 * threads + 1) * unitBytes;

/** Threads for a job, at least one. @param spare cores that are left to others. */
export const threadsFor = (
	{jobs, maxMemoryBytes = Number.POSITIVE_INFINITY}: {readonly jobs?: number; readonly maxMemoryBytes?: number},
	cores: number,
	spare: number,
): number => {
	let threads = jobs ?? Math.min(mostThreads, cores - spare);
	while (threads > 1 && bytesFor(threads) > maxMemoryBytes) {
		threads--;
	}

	return Math.max(1, threads);
};

/** A server that does not answer soon is busy enough, and none of them keeps a backup waiting. */
const questionMilliseconds = 1000;

/** True when the server says that it prints. One that cannot be asked counts as not printing: every backup beside it would be slow. */
const isPrinting = async (
	ports: Pick<EnginePorts, 'server' | 'adapters' | 'pluginAdapters'>,
	{target}: JobRequest,
): Promise<boolean> => {
	const {server} = ports;
	const {state} = await (await adapterFor(ports, target.instance.kind)).activity(
		{
			...server,
			request: async (url, options) => server.request(url, {...options, timeoutMilliseconds: questionMilliseconds}),
		},
		target.instance,
		target.service,
	);
	return state === 'printing' || state === 'paused';
};

/** The threads of a job, and what bounds the rate at which its own thread reads. */
export type JobEffort = JobPool & {readonly meter: ReadMeter | undefined};

/**
 * Prepares the threads of a job. A backup gives way to everybody unless it is told not to, and leaves a core to a print; other jobs are waited for by a
 * person, and take what they can get.
 * @param cores of the machine.
 */
export const prepareEffort = async (
	ports: EnginePorts,
	request: JobRequest,
	report: Pick<JobReporter, 'log'>,
	signal: AbortSignal,
	cores: number = availableParallelism(),
): Promise<JobEffort> => {
	const {effort = {}} = request.target;
	const isBackup = request.type === 'create';
	const isNice = isBackup && effort.nice !== false;
	const mayLeaveCore = isNice && effort.jobs === undefined && cores > 1;
	const spare = mayLeaveCore && (await isPrinting(ports, request)) ? 1 : 0;
	const size = threadsFor(effort, cores, spare);
	if (spare > 0) {
		report.log('info', 'A print is running: the backup leaves one core to it.');
	}

	const onThreads = (threads: readonly number[]): void => void yieldDisk(ports.server, threads);
	const ownThread = isNice ? (ports.lowerOwnThread?.() ?? null) : null;
	if (ownThread !== null) {
		onThreads([ownThread]);
	}

	const {maxBytesPerSecond} = effort;
	const pace =
		isBackup && maxBytesPerSecond !== undefined ? createPace(ports.clock, signal, maxBytesPerSecond) : undefined;
	const jobPool = createJobPool({
		start: ports.startPool,
		disk: ports.disk,
		size,
		// A thread that has other things to do must not be slowed down for good; a helper of its own takes the work then.
		needsHelper: isNice && ownThread === null,
		isNice,
		takesPart: ports.isForOneJob === true && (!isNice || ownThread !== null),
		onThreads,
		pace,
	});
	return {...jobPool, meter: pace && createReadMeter(pace)};
};
