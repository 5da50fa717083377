import {dirname} from 'node:path';
import type {JobRequest, JobResult} from '../../client/protocol.js';
import {PrintkeepError, toErrorData, toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {Catalog} from '../catalog.js';
import {requireStoreIndex, updateStoreIndex} from '../store-index.js';
import type {JobContext} from './context.js';

type DeleteRequest = Extract<JobRequest, {type: 'delete'}>;
type DeleteResult = Extract<JobResult, {type: 'delete'}>;

/**
 * Deletes backups from the store. Everything is checked before the first is touched.
 * @throws not-found (also for backups in the server's own folder, which belong to the server), pinned, store-unwritable when what is pinned cannot be told
 */
export const runDelete = async (
	context: JobContext,
	{target, keys, allowPinned}: DeleteRequest,
	catalog: Catalog,
): Promise<DeleteResult> => {
	const {ports, report, breathe} = context;
	await catalog.refresh();
	if (!allowPinned) {
		// As long as nobody knows what is pinned, everything may be.
		requireStoreIndex(target.store);
	}

	const backups = [...new Set(keys)].map(key => {
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

	report.phase('deleting');
	report.total(
		backups.reduce((sum, {bytes}) => sum + bytes, 0),
		backups.length,
	);
	const deleted: string[] = [];
	let freedBytes = 0;
	try {
		for (const backup of backups) {
			await breathe();
			report.currentFile(backup.key);
			try {
				ports.disk.unlink(backup.path);
			} catch (error) {
				throw toPrintkeepError(error, `${safeText(backup.key)} could not be deleted`);
			}

			deleted.push(backup.key);
			freedBytes += backup.bytes;
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
		trashed: [],
		remaining: catalog.list().filter(({origin}) => origin === 'store').length,
	};
};
