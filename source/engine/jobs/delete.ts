import {lstatSync} from 'node:fs';
import {dirname} from 'node:path';
import type {BackupSummary, JobRequest, JobResult, TrashItem} from '../../client/protocol.js';
import {PrintkeepError, toErrorData, toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {Catalog} from '../catalog.js';
import {readStoreIndex, requireStoreIndex, updateStoreIndex} from '../store-index.js';
import {sweepStore} from '../store-strays.js';
import {defaultTrashDays, trashItem} from '../trash.js';
import {healTrash} from '../trash-heal.js';
import {moveToTrash, prepareTrash} from '../trash-move.js';
import type {JobContext} from './context.js';

type DeleteRequest = Extract<JobRequest, {type: 'delete'}>;
type DeleteResult = Extract<JobResult, {type: 'delete'}>;

const chosen = ({keys, allowPinned}: DeleteRequest, catalog: Catalog): readonly BackupSummary[] =>
	[...new Set(keys)].map(key => {
		const backup = catalog.get(key);
		if (backup.origin === 'server') {
			throw new PrintkeepError(
				'not-found',
				`${safeText(key)} is not in printkeep's store but in the server's own backup folder.`,
				{
					hint: 'Delete it in the server itself.',
				},
			);
		}

		if (backup.pinned && !allowPinned) {
			throw new PrintkeepError('pinned', `${safeText(key)} is pinned, so it is not deleted.`, {
				hint: `Unpin it first with: printkeep unpin ${safeText(key)}`,
			});
		}

		return backup;
	});

/** A link would lead elsewhere from within the trash, and what it leads to is not in the store. */
const refuseLinks = (backups: readonly BackupSummary[]): void => {
	const link = backups.find(({path}) => lstatSync(path, {throwIfNoEntry: false})?.isSymbolicLink());
	if (link) {
		throw new PrintkeepError(
			'not-a-file',
			`${safeText(link.key)} is a link to a file elsewhere, which the trash cannot keep.`,
			{hint: 'Nothing was deleted. To delete the link, and not what it leads to: printkeep delete --permanently KEY'},
		);
	}
};

/**
 * Deletes backups from the store: into the trash, or for good when that is asked for or the trash keeps nothing. Everything is checked before the first is
 * touched.
 * @throws not-a-file for a link that is to go to the trash; not-found (also for backups in the server's own folder, which belong to the server), pinned, store-unwritable when what is pinned cannot be told
 */
export const runDelete = async (
	context: JobContext,
	request: DeleteRequest,
	catalog: Catalog,
): Promise<DeleteResult> => {
	const {ports, report, breathe} = context;
	const {target, allowPinned} = request;
	const permanently = request.permanently === true || (target.trashDays ?? defaultTrashDays) === 0;
	sweepStore(ports.disk, target.store);
	await catalog.refresh();
	if (!allowPinned) {
		// As long as nobody knows what is pinned, everything may be.
		requireStoreIndex(target.store);
	}

	const backups = chosen(request, catalog);
	if (!permanently) {
		refuseLinks(backups);
	}

	report.phase('deleting');
	report.total(
		backups.reduce((sum, {bytes}) => sum + bytes, 0),
		backups.length,
	);
	// A second name that an interrupted move left in the trash would outlive the first.
	await healTrash(ports.disk, target.store);
	const remembered = readStoreIndex(target.store);
	const deleted: string[] = [];
	const trashed: TrashItem[] = [];
	let freedBytes = 0;
	if (!permanently) {
		await prepareTrash(ports, target.store);
	}

	try {
		for (const backup of backups) {
			await breathe();
			report.currentFile(backup.key);
			if (permanently) {
				try {
					ports.disk.unlink(backup.path);
				} catch (error) {
					throw toPrintkeepError(error, `${safeText(backup.key)} could not be deleted`);
				}

				freedBytes += backup.bytes;
			} else {
				const entry = await moveToTrash(ports, target.store, backup, remembered);
				trashed.push(trashItem(entry, target, ports.adapters));
			}

			deleted.push(backup.key);
			report.advance(backup.bytes, 1);
		}
	} finally {
		if (deleted.length > 0) {
			const [first] = backups;
			await ports.disk.syncDirectory(dirname(first?.path ?? target.store));
			await updateStoreIndex(ports.disk, target.store, ports.randomHex(8), index => ({
				...index,
				pinned: new Set([...index.pinned].filter(key => !deleted.includes(key))),
				verified: new Map([...index.verified].filter(([id]) => !deleted.some(key => id === `store/${key}`))),
			})).catch((error: unknown) => {
				report.log('warning', 'That backups were deleted could not be noted in the store.', toErrorData(error).detail);
			});
			await catalog.refresh();
		}
	}

	return {
		type: 'delete',
		deleted,
		freedBytes,
		trashed,
		remaining: catalog.list().filter(({origin}) => origin === 'store').length,
	};
};
