/** What plugins may ask of the engine. */
import type {EngineEvent, JobRequest} from '../client/protocol.js';
import {fromErrorData, isPrintkeepError, PrintkeepError} from '../errors.js';
import {backupsPerHour} from '../plugins/limits.js';
import type {PluginConnections} from '../plugins/service-types.js';
import {adapterFor} from './adapter-for.js';
import type {EventBus} from './events.js';
import type {JobRunner} from './job-runner.js';
import type {KnownTargets} from './known-targets.js';
import type {EnginePorts} from './ports.js';

const hourMilliseconds = 3_600_000;

type Finished = Extract<EngineEvent, {readonly type: 'job-finished'}>;

/** @param targets known from what was asked about them. */
export const pluginRequests = (
	ports: EnginePorts,
	bus: EventBus,
	jobs: () => JobRunner,
	targets: KnownTargets,
): PluginConnections['requests'] => {
	/** Runs a job when nothing else does. A plugin that asks from within a job's hook would wait for itself. */
	const run = async (request: JobRequest, plugin: string): Promise<Finished> => {
		do {
			await jobs().idle(plugin);
			// Of two that have waited, one was first.
		} while (jobs().isRunning());

		const {promise, resolve} = Promise.withResolvers<Finished>();
		const early: Finished[] = [];
		let id: string | undefined;
		const unsubscribe = bus.subscribe(event => {
			if (event.type !== 'job-finished') {
				return;
			}

			if (id === undefined) {
				early.push(event);
			} else if (event.jobId === id) {
				resolve(event);
			}
		});
		try {
			({jobId: id} = await targets.during(request.target, async () => jobs().start(request, plugin)));
			const ended = early.find(({jobId}) => jobId === id) ?? (await promise);
			if (ended.error) {
				throw fromErrorData(ended.error);
			}

			return ended;
		} finally {
			unsubscribe();
		}
	};

	const made = new Map<string, readonly number[]>();
	/** A plugin that answers each backup with another one would go on until the disk is full. @throws busy */
	const allowOneMore = (plugin: string): void => {
		const now = ports.clock.monotonic();
		const recent = (made.get(plugin) ?? []).filter(at => now - at < hourMilliseconds);
		if (recent.length >= backupsPerHour) {
			throw new PrintkeepError('busy', `The plugin ${plugin} has asked for ${backupsPerHour} backups within an hour.`, {
				hint: 'More are made when a person or a timetable asks for them.',
			});
		}

		made.set(plugin, [...recent, now]);
	};

	return {
		async serverActivity({instance}) {
			const {instance: ref, service} = targets.of(instance);
			const {state, detail} = await (await adapterFor(ports, ref.kind)).activity(ports.server, ref, service);
			return {state, detail};
		},
		async createBackup({instance, exclude, filename}, plugin) {
			allowOneMore(plugin);
			const {result} = await run(
				{
					type: 'create',
					target: targets.of(instance),
					excludes: exclude,
					includes: [],
					note: `Made by the plugin ${plugin}`,
					trigger: 'auto',
					...(filename === null ? {} : {name: filename}),
				},
				plugin,
			);
			if (result?.type !== 'create') {
				throw new PrintkeepError('bug', 'The backup ended without a result.');
			}

			return {name: result.backup.key};
		},
		async deleteBackup({instance, filename}, plugin) {
			try {
				const request = {type: 'delete', target: targets.of(instance), keys: [filename], allowPinned: false} as const;
				await run(request, plugin);
			} catch (error) {
				if (!(isPrintkeepError(error) && error.code === 'not-found')) {
					throw error;
				}
			}

			return null;
		},
	};
};
