/**
 * Lets what has been in the trash for long enough go for good. The clock alone is never believed: a board without a battery for it may wake up in 1970 or
 * in 2099, and no backup may be lost to that. So
 *
 * - nothing goes while the clock is behind any time that is known to have been;
 * - an item goes only when an earlier job found it past its time too, at least half a day before: a clock that jumped ahead has been set right by then, and
 *   a job that finds the item within its time forgets what the earlier one saw;
 * - an item goes only while a newer backup of the same instance is in the store that was read in full and found right;
 * - an item whose record was lost stays: nothing tells how long it has been there.
 */
import {join} from 'node:path';
import type {BackupSummary, JobResult, Target} from '../client/protocol.js';
import {toErrorData} from '../errors.js';
import {plural} from '../format/plural.js';
import type {Catalog} from './catalog.js';
import {builtAt} from './clock-doubt.js';
import {replaceFile} from './durable-file.js';
import type {JobContext} from './jobs/context.js';
import {defaultTrashDays, expiryOf} from './trash.js';
import {readTrash, type TrashEntry} from './trash-folder.js';
import {healTrash, removeEntries} from './trash-heal.js';
import {type TrashRecord, trashRecordBytes, trashRecordName} from './trash-record.js';

const secondLookMilliseconds = 12 * 60 * 60 * 1000;

/** Only archives of other programs have no number. Nothing but their time tells whether something is newer, and they replace none that has one. */
const isNewer = (backup: BackupSummary, {sequence, createdAt}: TrashRecord): boolean =>
	sequence === null
		? createdAt === null || backup.createdAt > createdAt
		: backup.sequence !== null && backup.sequence > sequence;

const replaces = (backup: BackupSummary, record: TrashRecord): boolean =>
	backup.origin === 'store' &&
	backup.health.type === 'verified' &&
	isNewer(backup, record) &&
	(record.instance === null || backup.instanceName === record.instance);

/** What to do about an item: let it go, note that it was seen past its time, forget such a note, or nothing. */
export const judgeTrash = (
	{record}: Pick<TrashEntry, 'record'>,
	{
		now,
		days,
		latestKnown,
		backups,
	}: {
		readonly now: number;
		readonly days: number;
		/** The latest time that is known to have been. */
		readonly latestKnown: number;
		/** What is in the store. */
		readonly backups: readonly BackupSummary[];
	},
): 'go' | 'note' | 'forget' | 'stay' => {
	const expiry = expiryOf({record}, days);
	if (record === null || expiry === null) {
		return 'stay';
	}

	const isExpired = now >= latestKnown && now >= expiry;
	if (record.seenExpiredAt === undefined) {
		return isExpired ? 'note' : 'stay';
	}

	if (!isExpired || now < record.seenExpiredAt) {
		return 'forget';
	}

	return now - record.seenExpiredAt >= secondLookMilliseconds && backups.some(backup => replaces(backup, record))
		? 'go'
		: 'stay';
};

/**
 * Runs at the end of a job that succeeded and holds the store's lock. The catalog must be fresh.
 * @returns the names that went for good.
 * @throws what the disk throws; the next job goes on with it
 */
export const purgeTrash = async (
	{ports, report}: Pick<JobContext, 'ports' | 'report'>,
	{store, trashDays = defaultTrashDays}: Target,
	catalog: Catalog,
): Promise<readonly string[]> => {
	const {disk, clock, randomHex} = ports;
	await healTrash(disk, store);
	const {entries} = readTrash(store);
	const backups = catalog.list();
	const latestKnown = Math.max(
		builtAt,
		...backups.map(({createdAt}) => createdAt),
		...entries.flatMap(({record}) => (record ? [record.deletedAt, record.createdAt ?? 0] : [])),
	);
	const known = {now: clock.now(), days: trashDays, latestKnown, backups};
	const going: TrashEntry[] = [];
	for (const entry of entries) {
		const verdict = judgeTrash(entry, known);
		if (verdict === 'go') {
			going.push(entry);
		} else if (entry.record && verdict !== 'stay') {
			const {seenExpiredAt: _forgotten, ...record} = entry.record;
			const bytes = trashRecordBytes(verdict === 'note' ? {...record, seenExpiredAt: known.now} : record);
			await replaceFile(disk, join(entry.folder, trashRecordName), bytes, {randomHex: randomHex(8)});
		}
	}

	await removeEntries(disk, store, going);
	if (going.length > 0) {
		report.log(
			'info',
			`${plural(going.length, 'deleted backup')} went from the trash for good, after ${trashDays} days.`,
		);
	}

	return going.map(({key}) => key);
};

/** Purges after a job that succeeded, never before one: first there is the new, then the old goes. A failure changes nothing about the job's success. */
export const purgeAfter = async <Result extends JobResult>(
	context: Pick<JobContext, 'ports' | 'report'>,
	{target}: {readonly target: Target},
	catalog: Catalog,
	result: Result,
): Promise<Result> => {
	try {
		await purgeTrash(context, target, catalog);
	} catch (error) {
		context.report.log('warning', 'What is old in the trash could not be deleted.', toErrorData(error).detail);
	}

	return result;
};
