import type {JobRequest, JobResult, Target} from '../../client/protocol.js';
import {PrintkeepError, toErrorData} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {Catalog} from '../catalog.js';
import {isTaken} from '../names.js';
import {updateStoreIndex} from '../store-index.js';
import {chooseEntries} from '../trash-choice.js';
import {readTrash, type TrashEntry} from '../trash-folder.js';
import {healTrash, removeEntries} from '../trash-heal.js';
import {moveToStore} from '../trash-move.js';
import type {JobContext} from './context.js';

type TrashRestoreRequest = Extract<JobRequest, {type: 'trash-restore'}>;
type TrashRestoreResult = Extract<JobResult, {type: 'trash-restore'}>;

const refuseClashes = (entries: readonly TrashEntry[], existing: readonly string[]): void => {
	const taken = [...existing];
	for (const {key} of entries) {
		if (isTaken(key, taken)) {
			throw new PrintkeepError(
				'name-clash',
				existing.length < taken.length && !isTaken(key, existing)
					? `Two of these are called ${safeText(key)}.`
					: `There is a backup called ${safeText(key)} in the store now.`,
				{hint: 'Nothing was brought back. Delete or export that one first, or bring back only one of that name.'},
			);
		}

		taken.push(key);
	}
};

/** Notes pins and checks again, before the backups are there: one that comes back pinned is never without its pin. */
const remember = async (
	{ports, report}: JobContext,
	{store}: Target,
	entries: readonly TrashEntry[],
	isBack: (entry: TrashEntry) => boolean,
): Promise<void> => {
	if (!entries.some(({record}) => record && (record.pinned || record.verified))) {
		return;
	}

	await updateStoreIndex(ports.disk, store, ports.randomHex(8), index => {
		const pinned = new Set(index.pinned);
		const verified = new Map(index.verified);
		for (const entry of entries) {
			const id = `store/${entry.key}`;
			pinned.delete(entry.key);
			verified.delete(id);
			if (isBack(entry) && entry.record?.pinned) {
				pinned.add(entry.key);
			}

			if (isBack(entry) && entry.record?.verified) {
				verified.set(id, entry.record.verified);
			}
		}

		return {...index, pinned, verified};
	}).catch((error: unknown) => {
		// A backup without its pin is better than none.
		report.log('warning', 'Pins and checks could not be noted in the store.', toErrorData(error).detail);
	});
};

/**
 * Brings deleted backups back under their own names. All are looked at before the first is touched; nothing in the store is ever overwritten.
 * @throws not-found, name-clash naming the backup that is there now, and the disk's errors
 */
export const runTrashRestore = async (
	context: JobContext,
	{target, ids}: TrashRestoreRequest,
	catalog: Catalog,
): Promise<TrashRestoreResult> => {
	const {ports, report, breathe} = context;
	await catalog.refresh();
	await healTrash(ports.disk, target.store);
	const entries = chooseEntries(readTrash(target.store).entries, ids);
	refuseClashes(
		entries,
		catalog
			.list()
			.filter(({origin}) => origin === 'store')
			.map(({key}) => key),
	);
	report.phase('copying');
	report.total(
		entries.reduce((sum, {bytes}) => sum + bytes, 0),
		entries.length,
	);
	await remember(context, target, entries, () => true);
	const back: TrashEntry[] = [];
	try {
		for (const entry of entries) {
			await breathe();
			report.currentFile(entry.key);
			await moveToStore(ports, target.store, entry);
			back.push(entry);
			report.advance(entry.bytes, 1);
		}
	} finally {
		if (back.length < entries.length) {
			await remember(context, target, entries, entry => back.includes(entry));
		}

		await removeEntries(ports.disk, target.store, back).catch((error: unknown) => {
			report.log('warning', 'The trash could not be tidied up.', toErrorData(error).detail);
		});
		await catalog.refresh();
	}

	return {type: 'trash-restore', restored: back.map(({key}) => key)};
};
