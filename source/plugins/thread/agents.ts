/** A plugin's agents inside the plugin thread: the list of them, and the bytes of archives on their way in and out. */
import {constants, createReadStream, type ReadStream} from 'node:fs';
import {open} from 'node:fs/promises';
import type {Plugin, PluginAgent, PluginContext} from '../api.js';
import type {PluginCalls} from '../messages.js';

const chunkBytes = 256 * 1024;

/** Between two messages about progress. */
const progressMilliseconds = 100;

const agentFunctions = ['list', 'get', 'upload', 'download', 'delete'] as const;

export type ThreadAgents = {
	/** All of them, as they were when last asked for or after a change. @throws TypeError for what is no agent */
	readonly list: (context: PluginContext) => Promise<readonly PluginAgent[]>;
	/** @throws with the code `no-agent` */
	readonly find: (id: string, context: PluginContext) => Promise<PluginAgent>;
	/** Starts listening for changes. */
	readonly watch: (changed: () => void, context: PluginContext) => Promise<void>;
};

const checkAgents = (agents: unknown): readonly PluginAgent[] => {
	if (!Array.isArray(agents)) {
		throw new TypeError('agents did not answer with a list.');
	}

	for (const agent of agents as readonly unknown[]) {
		const record = agent as Readonly<Record<string, unknown>> | null;
		if (typeof record !== 'object' || record === null || typeof record.id !== 'string') {
			throw new TypeError('agents answered with something that is no agent.');
		}

		const missing = agentFunctions.find(name => typeof record[name] !== 'function');
		if (missing !== undefined) {
			throw new TypeError(`The agent ${record.id.slice(0, 60)} has no function ${missing}.`);
		}
	}

	return agents as readonly PluginAgent[];
};

/** Makes the list; nothing is asked before somebody wants it. */
export const createThreadAgents = ({agents}: Plugin): ThreadAgents => {
	let known: readonly PluginAgent[] | undefined;
	/** Counts changes, so that a list asked for before one is not kept after it. */
	let version = 0;
	const list: ThreadAgents['list'] = async context => {
		if (known) {
			return known;
		}

		const asked = version;
		const found = checkAgents((await agents?.agents(context)) ?? []);
		if (asked === version) {
			known = found;
		}

		return found;
	};

	return {
		list,
		async find(id, context) {
			const found = (await list(context)).find(agent => agent.id === id);
			if (!found) {
				throw Object.assign(new Error(`It has no agent called ${id}.`), {code: 'no-agent'});
			}

			return found;
		},
		async watch(changed, context) {
			await agents?.onChange?.(() => {
				version++;
				known = undefined;
				changed();
			}, context);
		},
	};
};

/** Passes bytes on that only ever become more, not too often. @param alive told also when there is nothing new: the transfer goes on */
const createProgress = (total: number, tell: (bytes: number) => void) => {
	let most = 0;
	let toldAt = Number.NEGATIVE_INFINITY;
	const alive = (): void => {
		const now = performance.now();
		if (now - toldAt >= progressMilliseconds) {
			toldAt = now;
			tell(most);
		}
	};

	return {
		alive,
		set(bytes: unknown): void {
			if (typeof bytes === 'number' && Number.isFinite(bytes)) {
				most = Math.max(most, Math.min(Math.floor(bytes), total));
			}

			alive();
		},
	};
};

type Transfer = {readonly context: PluginContext; readonly tell: (bytes: number) => void};

/** Has an agent take an archive, which it may read as often as it needs. */
export const uploadTo = async (
	agent: PluginAgent,
	{backup, path}: PluginCalls['agentUpload']['input'],
	{context, tell}: Transfer,
): Promise<void> => {
	const progress = createProgress(backup.bytes, tell);
	const streams = new Set<ReadStream>();
	const read = async function* (): AsyncGenerator<Uint8Array> {
		const stream = createReadStream(path, {highWaterMark: chunkBytes, signal: context.signal});
		streams.add(stream);
		for await (const piece of stream) {
			progress.alive();
			yield piece as Uint8Array;
		}
	};

	try {
		await agent.upload({backup, openStream: read, onProgress: progress.set}, context);
	} finally {
		for (const stream of streams) {
			stream.destroy();
		}
	}
};

/**
 * Writes an archive of an agent into a file that is there already, empty. Never makes a file: one that was given up meanwhile stays gone.
 * @returns bytes written. @throws TypeError for what is no stream of bytes, RangeError for more bytes than the agent said
 */
export const downloadFrom = async (
	agent: PluginAgent,
	{id, path, bytes: expected}: PluginCalls['agentDownload']['input'],
	{context, tell}: Transfer,
): Promise<number> => {
	const progress = createProgress(expected, tell);
	const stream: unknown = await agent.download(id, context);
	if (typeof stream !== 'object' || stream === null || !(Symbol.asyncIterator in stream)) {
		throw new TypeError('download did not answer with a stream of bytes.');
	}

	const file = await open(path, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0));
	const close = (): void => {
		file.close().catch(() => undefined);
	};

	// A stream that never goes on must not keep the file open.
	context.signal.addEventListener('abort', close, {once: true});
	let bytes = 0;
	try {
		for await (const piece of stream as AsyncIterable<unknown>) {
			context.signal.throwIfAborted();
			if (!(piece instanceof Uint8Array)) {
				throw new TypeError('download gave something that is no bytes.');
			}

			if (bytes + piece.length > expected) {
				throw new RangeError(`download gave more than the ${expected} bytes the backup has.`);
			}

			for (let done = 0; done < piece.length; ) {
				const {bytesWritten} = await file.write(piece, done, piece.length - done, bytes + done);
				done += bytesWritten;
			}

			bytes += piece.length;
			progress.set(bytes);
		}
	} finally {
		context.signal.removeEventListener('abort', close);
		await file.close();
	}

	return bytes;
};
