/** What happened to an instance's jobs, a line each, newest last, at most 400: for the home screen's days and for what an unattended job left to say. */
import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import * as v from 'valibot';
import {type HistoryRecord, jobTypes, type Target} from '../client/protocol.js';
import type {Disk} from './disk.js';
import {discard, makeLastingFolders, replaceFile} from './durable-file.js';
import {withMutex} from './mutex.js';

const maximumRecords = 400;

const schema = v.object({
	at: v.number(),
	job: v.picklist(jobTypes),
	outcome: v.picklist(['done', 'partial', 'failed', 'cancelled']),
	key: v.nullable(v.string()),
	message: v.string(),
	unchanged: v.optional(v.boolean()),
	limited: v.optional(v.boolean()),
});

const historyPath = (stateFolder: string, target: Target): string => {
	const hash = createHash('sha256').update(`${target.instance.dataFolder}\0${target.store}`).digest('hex').slice(0, 12);
	return join(stateFolder, `history-${target.instance.name}-${hash}.jsonl`);
};

const parseLine = (line: string): HistoryRecord | null => {
	try {
		return v.parse(schema, JSON.parse(line));
	} catch {
		return null;
	}
};

/** The records of a target, oldest first; lines that cannot be understood are left out. */
export const readHistory = (stateFolder: string, target: Target): readonly HistoryRecord[] => {
	let text: string;
	try {
		text = readFileSync(historyPath(stateFolder, target), 'utf8');
	} catch {
		return [];
	}

	return text
		.split('\n')
		.map(parseLine)
		.filter(record => record !== null);
};

/** Removes what processes that died while they added a record left. */
const sweepTemporaries = (disk: Disk, stateFolder: string, path: string): void => {
	const start = `${basename(path)}.`;
	for (const name of readdirSync(stateFolder)) {
		if (name.startsWith(start) && name.endsWith('.tmp')) {
			discard(disk, join(stateFolder, name));
		}
	}
};

/** Adds a record. Jobs on the same target can end at the same time, one that holds the store and one that holds the instance: they wait for each other. */
export const addHistory = async (
	disk: Disk,
	{
		stateFolder,
		target,
		record,
		randomHex,
	}: {
		readonly stateFolder: string;
		readonly target: Target;
		readonly record: HistoryRecord;
		readonly randomHex: string;
	},
): Promise<void> => {
	await makeLastingFolders(disk, stateFolder);
	const path = historyPath(stateFolder, target);
	await withMutex(path, async () => {
		sweepTemporaries(disk, stateFolder, path);
		const records = [...readHistory(stateFolder, target), record].slice(-maximumRecords);
		const text = records.map(entry => `${JSON.stringify(entry)}\n`).join('');
		await replaceFile(disk, path, Buffer.from(text), {randomHex});
	});
};
