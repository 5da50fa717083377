import {Worker} from 'node:worker_threads';
import type {SystemOptions} from '../engine/system-ports.js';
import {type ErrorData, fromErrorData} from '../errors.js';
import type {PluginProgram} from '../settings/plugins-from-settings.js';
import type {FromWorker, RequestMessage, ToWorker} from '../worker/messages.js';
import type {Client} from './client.js';
import type {EngineEvent, JobType, MethodName, Params, Result, Target} from './protocol.js';

type Pending = {readonly resolve: (value: never) => void; readonly reject: (error: unknown) => void};

const crashed: ErrorData = {
	code: 'engine-crashed',
	message: 'The archive engine stopped unexpectedly; what it was doing was given up.',
	hint: 'No finished backup was touched. Try again, and report it with the log if it happens twice.',
};

/** How long the end of the engine's thread is waited for when all of its work is done. */
const patienceMilliseconds = 2000;

/**
 * A client whose engine runs in a worker thread, so that the screen never waits for it. When the thread dies, everything asked of it fails as
 * `engine-crashed`, the running job is reported as failed, and a new thread is started once.
 * @param workerUrl the bundled `worker.js`.
 */
export const createWorkerClient = (
	workerUrl: URL,
	options: SystemOptions & {readonly plugins?: PluginProgram},
	/** Called with each thread as it starts, for whoever supervises them. */
	onThread: (thread: Worker) => void = () => undefined,
): Client => {
	const listeners = new Set<(event: EngineEvent) => void>();
	const pending = new Map<number, Pending>();
	const watched = new Map<string, Params<'backups.watch'>>();
	let nextId = 1;
	let restarts = 0;
	let isClosed = false;
	let onClosed: (() => void) | undefined;
	let job: {readonly id: string; readonly type: JobType; readonly startedAt: number} | null = null;
	/** Target of the job that was asked for, from the moment on in which the thread may hold its locks. */
	let jobTarget: Target | null = null;

	const emit = (event: EngineEvent): void => {
		if (event.type === 'job-started') {
			job = {id: event.jobId, type: event.job, startedAt: performance.now()};
		} else if (event.type === 'job-finished') {
			job = null;
			jobTarget = null;
		}

		for (const listener of [...listeners]) {
			listener(event);
		}
	};

	const onMessage = (message: FromWorker): void => {
		switch (message.type) {
			case 'event':
				emit(message.event);
				break;
			case 'reply': {
				const waiting = pending.get(message.id);
				pending.delete(message.id);
				if (message.ok) {
					waiting?.resolve(message.value as never);
				} else {
					waiting?.reject(fromErrorData(message.error));
				}

				break;
			}

			case 'closed':
				onClosed?.();
				break;
			case 'ready':
				break;
		}
	};

	const onDeath = (detail: string): void => {
		if (isClosed) {
			onClosed?.();
			return;
		}

		const error = {...crashed, detail};
		for (const {reject} of pending.values()) {
			reject(fromErrorData(error));
		}

		pending.clear();
		const lost = job;
		const lostTarget = jobTarget;
		job = null;
		jobTarget = null;
		const isFirst = restarts === 0;
		restarts++;
		if (isFirst) {
			worker = start();
		}

		const tell = (): void => {
			if (lost) {
				emit({
					type: 'job-finished',
					jobId: lost.id,
					job: lost.type,
					outcome: 'failed',
					result: null,
					error,
					durationMilliseconds: performance.now() - lost.startedAt,
					at: performance.timeOrigin + performance.now(),
				});
			}

			emit({type: 'engine-restarted', error});
		};

		const recover = async (): Promise<void> => {
			if (lostTarget) {
				await request('engine.sweep', {target: lostTarget});
			}

			for (const params of watched.values()) {
				await request('backups.watch', params);
			}
		};

		// What the dead thread held is given back before anybody is told, so that trying again works. When even that fails, a job's refusal says why.
		(isFirst ? recover() : Promise.resolve()).catch(() => undefined).finally(tell);
	};

	const start = (): Worker => {
		const started = new Worker(workerUrl, {
			workerData: options,
			stdout: false,
			stderr: false,
			// Files are opened on helper threads and closed on this one: Node would print a warning for each of them onto the screen.
			trackUnmanagedFds: false,
		});
		let detail = '';
		onThread(started);
		started.on('message', onMessage);
		started.on('error', error => {
			detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
		});
		started.on('exit', code => onDeath(detail === '' ? `The thread ended with code ${code}.` : detail));
		return started;
	};

	const request = async <Name extends MethodName>(method: Name, params: Params<Name>): Promise<Result<Name>> => {
		if (isClosed || worker.threadId === -1) {
			throw fromErrorData(crashed);
		}

		const id = nextId++;
		return new Promise<Result<Name>>((resolve, reject) => {
			pending.set(id, {resolve: resolve as (value: never) => void, reject});
			worker.postMessage({type: 'request', id, method, params} as RequestMessage satisfies ToWorker);
		});
	};

	let worker = start();

	return {
		async request(method, params) {
			if (method === 'backups.watch') {
				const watch = params as Params<'backups.watch'>;
				watched.set(`${watch.target.instance.dataFolder}\0${watch.target.store}`, watch);
			}

			if (method !== 'job.start') {
				return request(method, params);
			}

			// A second job is refused; its target is not the one at work then.
			const before = jobTarget;
			jobTarget = (params as Params<'job.start'>).target;
			try {
				return await request(method, params);
			} catch (error) {
				jobTarget = before;
				throw error;
			}
		},
		subscribe(listener) {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		async close() {
			if (isClosed || worker.threadId === -1) {
				return;
			}

			isClosed = true;
			await new Promise<void>(resolve => {
				onClosed = resolve;
				worker.postMessage({type: 'close'} satisfies ToWorker);
			});
			// It has done what it had to; one that a plugin's thread keeps from ending is not waited for.
			const {promise: enough, resolve: stopWaiting} = Promise.withResolvers<void>();
			const patience = setTimeout(stopWaiting, patienceMilliseconds);
			await Promise.race([worker.terminate(), enough]);
			clearTimeout(patience);
		},
	};
};
