import type {JobRequest, Result, Target} from '../client/protocol.js';
import {PrintkeepError, toErrorData} from '../errors.js';
import {toPluginInstance} from '../plugins/service.js';
import type {HookOptions, PluginService} from '../plugins/service-types.js';
import {cancelledError, createBreathe} from './breathe.js';
import type {Catalog} from './catalog.js';
import {type JobEffort, prepareEffort} from './effort.js';
import type {EventBus} from './events.js';
import {addHistory} from './history.js';
import {historyRecord} from './history-record.js';
import {hookOptions, runBetweenHooks} from './job-hooks.js';
import {jobTitle} from './job-title.js';
import type {JobAgents, JobPlugins, JobReporter} from './jobs/context.js';
import type {EnginePorts} from './ports.js';
import {createReporter} from './reporter.js';
import {type JobEnd, lockFor, runJob} from './run-job.js';

export type JobRunner = {
	/**
	 * Takes the locks and starts; answers once the job is on its way.
	 * @param plugin the one that asked for it, if one did. @throws busy, store-unwritable
	 */
	readonly start: (request: JobRequest, plugin?: string) => Promise<Result<'job.start'>>;
	/** Asks the job to stop, if it is the one that runs. */
	readonly cancel: (jobId: string) => void;
	readonly isRunning: () => boolean;
	/** Resolves when no job runs. @param plugin who waits for that. @throws busy while the job waits for that plugin: it would wait for itself */
	readonly idle: (plugin: string) => Promise<void>;
	/** @throws busy when a job runs in this engine */
	readonly refuseSecond: () => void;
	/** Cancels what runs and waits for its end. @param sparesPlugins leaves alone what a plugin asked for, and does not wait for it. */
	readonly close: (sparesPlugins?: boolean) => Promise<void>;
};

type RunningJob = {
	readonly id: string;
	readonly request: JobRequest;
	readonly controller: AbortController;
	readonly finished: Promise<void>;
	readonly isOfPlugin: boolean;
};

/** What a job may ask of plugins while it runs. */
export const jobPlugins = (plugins: PluginService, options: HookOptions): JobPlugins => ({
	excludes: async (excludes, told) => plugins.excludes(excludes, told, options),
	environment: async () => plugins.environment(options.instance),
});

const jobAgents = (plugins: PluginService, {instance, signal}: HookOptions): JobAgents => ({
	backups: async agent => plugins.agentBackups(agent, {instance, signal}),
	backup: async (agent, id) => plugins.agentBackup(agent, id, {instance, signal}),
	upload: async (agent, backup, path, onProgress) =>
		plugins.agentUpload(agent, backup, path, {instance, signal, onProgress}),
	download: async (agent, backup, path, onProgress) =>
		plugins.agentDownload(agent, backup, path, {instance, signal, onProgress}),
});

/** The end of a backup with what plugins did wrong among its notes. */
const withNotes = (end: JobEnd, problems: readonly string[]): JobEnd =>
	end.result?.type === 'create' && problems.length > 0
		? {...end, result: {...end.result, notes: [...end.result.notes, ...problems], pluginProblems: problems}}
		: end;

/** Runs one job at a time. */
export const createJobRunner = (
	ports: EnginePorts,
	bus: EventBus,
	{
		plugins,
		catalogOf,
		beforeStart,
		afterEnd,
	}: {
		/** Asked and told around jobs. */
		readonly plugins?: PluginService | undefined;
		readonly catalogOf: (target: Target) => Promise<Catalog>;
		readonly beforeStart: () => void;
		/** Awaited before the end is told, so that the list is true by then. */
		readonly afterEnd: (target: Target) => Promise<void>;
	},
): JobRunner => {
	let job: RunningJob | null = null;

	const refuseSecond = (): void => {
		if (job) {
			throw new PrintkeepError('busy', `A ${job.request.type} job is running here already.`, {
				hint: 'Wait for it, or cancel it first.',
			});
		}
	};

	const note = async (request: JobRequest, end: JobEnd, report: JobReporter): Promise<void> => {
		const record = historyRecord(request, end, ports.clock.now());
		if (!record) {
			return;
		}

		try {
			const {stateFolder, disk, randomHex} = ports;
			await addHistory(disk, {stateFolder, target: request.target, record, randomHex: randomHex(8)});
		} catch (error) {
			report.log('warning', 'The result could not be noted in the history.', toErrorData(error).detail);
		}
	};

	/** Whoever asked hears it as the answer; plugins would not hear of it at all, of a disk that is not there for instance. */
	const tellRefusal = ({type, target}: JobRequest, jobId: string, error: unknown): void => {
		const data = toErrorData(error);
		if (data.code !== 'busy') {
			const end = {outcome: 'failed', result: null, error: data, durationMilliseconds: 0} as const;
			plugins?.event(
				{type: 'job-finished', jobId, job: type, ...end, at: ports.clock.now()},
				toPluginInstance(target.instance, target.store),
			);
		}
	};

	const start = async (request: JobRequest, plugin?: string): Promise<Result<'job.start'>> => {
		// What a plugin asked for holds a person up, and is no reason to refuse what they ask for.
		while (job?.isOfPlugin && plugin === undefined) {
			await job.finished;
		}

		refuseSecond();
		const id = ports.randomHex(8);
		const controller = new AbortController();
		const startedAt = ports.clock.monotonic();
		const {promise: finished, resolve: finish} = Promise.withResolvers<void>();
		job = {id, request, controller, finished, isOfPlugin: plugin !== undefined};
		let locks: Awaited<ReturnType<typeof lockFor>>;
		try {
			beforeStart();
			locks = await lockFor(ports, request);
		} catch (error) {
			job = null;
			finish();
			tellRefusal(request, id, error);
			throw error;
		}

		const work = async (): Promise<void> => {
			// The caller has the id before anything is told about it.
			await new Promise(resolve => {
				setImmediate(resolve);
			});
			bus.emit({type: 'job-started', jobId: id, job: request.type, title: jobTitle(request), at: ports.clock.now()});
			const report = createReporter(bus, ports.clock, id);
			let effort: JobEffort | undefined;
			let end: JobEnd;
			try {
				const {signal} = controller;
				effort = await prepareEffort(ports, request, report, signal);
				const {pool, meter} = effort;
				const breathe = createBreathe(ports.clock, signal, meter?.pay);
				const problems: string[] = [];
				const options = hookOptions(request, {
					signal,
					// A backup says so in its result; what has none is told at once.
					onProblem: text => (request.type === 'create' ? problems.push(text) : report.log('warning', text)),
				});
				const context = {
					ports,
					report,
					pool,
					signal,
					breathe,
					onRead: meter?.onRead,
					...(plugins?.isUsed() ? {plugins: jobPlugins(plugins, options), agents: jobAgents(plugins, options)} : {}),
				};
				const catalog = await catalogOf(request.target);
				end = await runBetweenHooks(plugins, request, options, async () => runJob(context, request, catalog));
				end = withNotes(end, problems);
				report.flush();
				await note(request, end, report);
			} catch (error) {
				end = {outcome: 'failed', result: null, error: toErrorData(error)};
			} finally {
				await effort?.close();
				for (const lock of locks.toReversed()) {
					lock.release();
				}
			}

			job = null;
			await afterEnd(request.target).catch((error: unknown) => {
				report.log('warning', 'The backup folder could not be read again.', toErrorData(error).detail);
			});
			if (end.result?.type === 'create' && end.result.unchangedSince === null) {
				const {key, path, excludes} = end.result.backup;
				bus.emit({type: 'backup-created', jobId: id, name: key, path, excludes: excludes ?? []});
			}

			bus.emit({
				type: 'job-finished',
				jobId: id,
				job: request.type,
				...end,
				durationMilliseconds: ports.clock.monotonic() - startedAt,
				at: ports.clock.now(),
			});
			finish();
		};
		void work();
		return {jobId: id};
	};

	return {
		start,
		cancel(jobId) {
			if (job?.id === jobId && !job.controller.signal.aborted) {
				bus.emit({type: 'phase', jobId, phase: 'cancelling'});
				job.controller.abort(cancelledError());
			}
		},
		isRunning: () => job !== null,
		async idle(plugin) {
			while (job) {
				if (plugins?.isAsked(plugin)) {
					throw new PrintkeepError('busy', 'A job waits for this plugin right now.', {
						hint: 'Ask from the event backup-created or job-finished instead.',
					});
				}

				await job.finished;
			}
		},
		refuseSecond,
		async close(sparesPlugins = false) {
			if (sparesPlugins && job?.isOfPlugin) {
				return;
			}

			job?.controller.abort(cancelledError());
			await job?.finished;
		},
	};
};
