/** An agent made of the three methods of an older kind of agent, which take and give whole files instead of streams. */
import {createReadStream, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync} from 'node:fs';
import {open} from 'node:fs/promises';
import {join} from 'node:path';
import {type AgentBackup, agentError, notFound, type PluginAgent, type PluginContext, type SyncAgent} from './api.js';

const chunkBytes = 256 * 1024;
const folderName = /^transfer-(\d+)-/u;

const isAlive = (pid: number): boolean => {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
};

/** A new private folder, after those of processes that died with one have been removed. */
const makeFolder = (stateFolder: string): string => {
	const parent = join(stateFolder, 'transfers');
	mkdirSync(parent, {recursive: true, mode: 0o700});
	for (const name of readdirSync(parent)) {
		const pid = folderName.exec(name)?.[1];
		if (pid !== undefined && !isAlive(Number(pid))) {
			rmSync(join(parent, name), {recursive: true, force: true});
		}
	}

	return mkdtempSync(join(parent, `transfer-${process.pid}-`));
};

/** Runs something that needs a file of its own, which is gone afterwards, whatever happened. */
const withFile = async <Value>(
	context: Pick<PluginContext, 'stateFolder'>,
	work: (path: string) => Promise<Value>,
): Promise<Value> => {
	const folder = makeFolder(context.stateFolder());
	try {
		return await work(join(folder, 'archive.zip'));
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
};

const writeAll = async (stream: AsyncIterable<Uint8Array>, path: string, signal: AbortSignal): Promise<void> => {
	const file = await open(path, 'wx', 0o600);
	try {
		for await (const piece of stream) {
			signal.throwIfAborted();
			await file.writeFile(piece);
		}
	} finally {
		await file.close();
	}
};

/** The file's bytes, and nothing left of its folder afterwards. */
async function* readAndRemove(folder: string, path: string): AsyncGenerator<Uint8Array> {
	try {
		for await (const piece of createReadStream(path, {highWaterMark: chunkBytes})) {
			yield piece as Uint8Array;
		}
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}

/**
 * An agent of the older kind's methods. Archives pass through a private file in the plugin's state folder, so that there has to be room for one.
 * What its methods throw is the agent's to word, with `notFound` and `agentError` as everywhere.
 */
export const fromSyncAgent = (agent: SyncAgent): PluginAgent => {
	const get = async (id: string): Promise<AgentBackup> => {
		const found = (await agent.listBackups()).find(backup => backup.id === id);
		if (!found) {
			throw notFound(id);
		}

		return found;
	};

	return {
		id: agent.id,
		name: agent.name,
		list: async () => agent.listBackups(),
		get,
		async upload({backup, openStream, onProgress}, context) {
			await withFile(context, async path => {
				await writeAll(openStream(), path, context.signal);
				await agent.uploadBackup(path, backup);
			});
			onProgress(backup.bytes);
		},
		async download(id, context) {
			await get(id);
			const folder = makeFolder(context.stateFolder());
			const path = join(folder, 'archive.zip');
			try {
				await agent.downloadBackup(id, path);
				if (!statSync(path, {throwIfNoEntry: false})?.isFile()) {
					throw new TypeError('downloadBackup wrote no file.');
				}

				return readAndRemove(folder, path);
			} catch (error) {
				rmSync(folder, {recursive: true, force: true});
				throw error;
			}
		},
		async delete(id) {
			if (!agent.deleteBackup) {
				throw agentError(`${agent.name} cannot delete.`);
			}

			await get(id);
			await agent.deleteBackup(id);
		},
	};
};
