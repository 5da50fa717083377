/** Events on their way to plugins: each plugin gets them one after the other, at its own pace; nothing ever waits for it. */
import type {EngineEvent} from '../client/protocol.js';
import type {PluginInstance, PluginRecordData} from './api.js';
import {usualLimits} from './limits.js';

type EventCall = {
	readonly name: 'onEvent' | 'onProgress';
	readonly input: unknown;
	readonly instance: PluginInstance | null;
	/** Of the job whose progress it is: a newer one takes its place while it waits. */
	readonly job: string | null;
};

export type EventQueues = {
	/** @param receivers ids of the plugins that want events, and those that want progress. */
	readonly add: (
		event: EngineEvent,
		instance: PluginInstance | null,
		receivers: {readonly events: readonly string[]; readonly progress: readonly string[]},
	) => void;
	/** Resolves when nothing waits any more. */
	readonly drained: () => Promise<void>;
};

/** Whole per cent of what a job has done in its phase; null while its total is not known. */
export const percentOf = ({
	bytesDone,
	bytesTotal,
	filesDone,
	filesTotal,
}: Pick<Extract<EngineEvent, {readonly type: 'progress'}>, 'bytesDone' | 'bytesTotal' | 'filesDone' | 'filesTotal'>):
	| number
	| null => {
	const [done, total] = bytesTotal !== null && bytesTotal > 0 ? [bytesDone, bytesTotal] : [filesDone, filesTotal];
	return total === null || total === 0 ? null : Math.max(0, Math.min(100, Math.floor((100 * done) / total)));
};

/** Makes the queues, one for each plugin, when something comes for it. */
export const createEventQueues = ({
	call,
	isolate,
	waitingEvents = usualLimits.waitingEvents,
}: {
	readonly call: (
		id: string,
		name: EventCall['name'],
		input: unknown,
		instance: PluginInstance | null,
	) => Promise<unknown>;
	readonly isolate: (id: string, reason: string) => void;
	readonly waitingEvents?: number;
}): EventQueues => {
	const waiting = new Map<string, EventCall[]>();
	const working = new Map<string, Promise<void>>();
	/** Type of the jobs that run, and the last per cent told of each. */
	const jobs = new Map<string, {readonly type: string; phase: string; percent: number}>();

	const work = async (id: string, queue: EventCall[]): Promise<void> => {
		for (let next = queue.shift(); next; next = queue.shift()) {
			try {
				await call(id, next.name, next.input, next.instance);
			} catch {
				// The failure has been put down to the plugin; the next event may go better.
			}
		}
	};

	const push = (id: string, event: EventCall): void => {
		const queue = waiting.get(id) ?? [];
		waiting.set(id, queue);
		const older = event.job === null ? -1 : queue.findIndex(({job}) => job === event.job);
		if (older !== -1) {
			queue[older] = event;
			return;
		}

		if (queue.length >= waitingEvents) {
			queue.length = 0;
			isolate(id, `It did not keep up: over ${waitingEvents} events waited for it.`);
			return;
		}

		queue.push(event);
		if (!working.has(id)) {
			// What follows runs later: the map must know of it before.
			working.set(
				id,
				Promise.resolve()
					.then(async () => work(id, queue))
					.finally(() => working.delete(id)),
			);
		}
	};

	return {
		add(event, instance, {events, progress}) {
			if (event.type === 'job-started') {
				jobs.set(event.jobId, {type: event.job, phase: '', percent: -1});
			}

			const job = 'jobId' in event ? jobs.get(event.jobId) : undefined;
			if (event.type === 'progress') {
				const percent = percentOf(event);
				if (!job || percent === null || (percent === job.percent && event.phase === job.phase)) {
					return;
				}

				job.percent = percent;
				job.phase = event.phase;
				const input = {job: {id: event.jobId, type: job.type, phase: event.phase}, percent};
				for (const id of progress) {
					push(id, {name: 'onProgress', input, instance, job: event.jobId});
				}

				return;
			}

			const {type: name, ...payload} = event;
			for (const id of events) {
				// Events are plain data by the rules of the protocol.
				const input = {name, payload: payload as unknown as PluginRecordData};
				push(id, {name: 'onEvent', input, instance, job: null});
			}

			if (event.type === 'job-finished') {
				jobs.delete(event.jobId);
			}
		},
		async drained() {
			while (working.size > 0) {
				await Promise.all(working.values());
			}
		},
	};
};
