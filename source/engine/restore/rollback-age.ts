/**
 * How old a rollback copy certainly is, and its end. No clock is believed on such a board: it starts at the last shutdown or in 1970 and jumps when the
 * network comes. So the time that passes is added up from one look to the next, of which each counts for at most half of the time a copy is kept: no single
 * jump, however far, deletes one. A clock that went back adds nothing until it has caught up.
 */
import {readFileSync} from 'node:fs';
import * as v from 'valibot';
import type {Target} from '../../client/protocol.js';
import type {EnginePorts} from '../ports.js';
import {type BytePath, joinPath, lookAt, toBytePath, toDiskPath} from './byte-path.js';
import {dropRollbackCopy, type Untidied} from './finish.js';
import {journalPath, removeFile, type SwapRecord, writeRecord} from './journal.js';
import {dataRoot} from './recover.js';
import {findRollback} from './undo-record.js';
import {workFolderCandidates} from './work-folder.js';

const dayMilliseconds = 86_400_000;
/** Looks that are closer together are one: nothing is written for them. */
const worthNotingMilliseconds = 3_600_000;
const defaultDays = 14;

const schema = v.object({
	/** Id of the swap the copy is of; a later one starts anew. */
	id: v.string(),
	/** What is certain to have passed, and the time of the latest look. */
	agedMilliseconds: v.pipe(v.number(), v.minValue(0)),
	seenAt: v.number(),
});

export type Age = v.InferOutput<typeof schema>;

const ageName = toBytePath('age.json');

/** What is known of a copy's age. */
export const readAge = (work: BytePath, {id, startedAt}: Pick<SwapRecord, 'id' | 'startedAt'>): Age => {
	try {
		const age = v.parse(schema, JSON.parse(readFileSync(toDiskPath(joinPath(work, ageName)), 'utf8')));
		if (age.id === id) {
			return age;
		}
	} catch {
		// None yet, or none that says anything: it begins with the record.
	}

	return {id, agedMilliseconds: 0, seenAt: startedAt};
};

/** Milliseconds a copy is kept; null when it stays until the next restore. */
export const keptMilliseconds = ({rollbackDays = defaultDays}: Pick<Target, 'rollbackDays'>): number | null =>
	rollbackDays <= 0 ? null : rollbackDays * dayMilliseconds;

/** The age after another look. */
export const seenAgain = (age: Age, now: number, kept: number): Age => {
	const passed = Math.max(0, now - age.seenAt);
	return {
		id: age.id,
		agedMilliseconds: age.agedMilliseconds + Math.min(passed, kept / 2),
		seenAt: Math.max(age.seenAt, now),
	};
};

/** When a copy goes at the earliest, as far as can be said; null when it stays until the next restore. */
export const expiryOf = (
	{work, record}: {readonly work: BytePath; readonly record: SwapRecord},
	target: Pick<Target, 'rollbackDays'>,
): number | null => {
	const kept = keptMilliseconds(target);
	if (kept === null) {
		return null;
	}

	const {agedMilliseconds, seenAt} = readAge(work, record);
	return seenAt + Math.max(0, kept - agedMilliseconds);
};

/**
 * Deletes the rollback copy of an instance's last restore when it is certainly older than it is to be kept; undo is not possible any more then. Does nothing
 * while an interrupted restore is pending. The caller holds the instance's lock.
 * @returns what was deleted, and what could not be; null when nothing was to be deleted.
 * @throws needs-recovery when its record cannot be understood; the disk's errors
 */
export const dropExpiredRollback = async (
	{disk, clock, randomHex}: Pick<EnginePorts, 'disk' | 'clock' | 'randomHex'>,
	target: Pick<Target, 'instance' | 'rollbackDays'>,
): Promise<{readonly bytes: number; readonly untidied: readonly Untidied[]} | null> => {
	const dataFolder = dataRoot(target.instance);
	const kept = keptMilliseconds(target);
	const rollback = findRollback(dataFolder);
	const isPending = workFolderCandidates(dataFolder).some(work => lookAt(journalPath(work)) !== undefined);
	if (kept === null || rollback === null || isPending) {
		return null;
	}

	const {work, record} = rollback;
	const before = readAge(work, record);
	const age = seenAgain(before, clock.now(), kept);
	if (age.agedMilliseconds >= kept) {
		await removeFile(disk, work, ageName);
		return {bytes: record.rollbackBytes, untidied: await dropRollbackCopy(disk, work, record)};
	}

	if (age.seenAt - before.seenAt >= worthNotingMilliseconds) {
		await writeRecord(disk, joinPath(work, ageName), age, randomHex(8));
	}

	return null;
};
