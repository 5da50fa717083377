/**
 * Backing up: the files are scanned for their totals where no earlier backup tells them, and taken; a hidden archive is written and synced, all of it is read
 * back and compared, and only then does it get its name.
 */
import {isArchiveFault, isPrintkeepError, PrintkeepError, toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {Catalog} from '../catalog.js';
import {makeLastingFolders} from '../durable-file.js';
import {choosePrevious, openPreviousBackup, type PreviousBackup} from '../reuse/previous-backup.js';
import {readStoreIndex} from '../store-index.js';
import {sweepStore} from '../store-strays.js';
import {trashSequences} from '../trash-folder.js';
import {rememberVerified} from '../verified.js';
import type {JobContext} from './context.js';
import {type CreateRequest, checkSpace, type Intake, place, survey} from './create-intake.js';
import {bringToRest} from './rest.js';
import {type CreateResult, writeBackup} from './write-backup.js';

/** One more than any number given so far, also to what is in the trash; the store's own memory of it may have been lost. */
const nextSequence = (store: string, catalog: Catalog): number =>
	1 +
	Math.max(
		readStoreIndex(store).sequence,
		...catalog.list().map(({sequence}) => sequence ?? 0),
		...trashSequences(store),
	);

/** Names of the backups in the store. */
const keysOf = (catalog: Catalog): readonly string[] =>
	catalog
		.list()
		.filter(({origin}) => origin === 'store')
		.map(({key}) => key);

/** Makes the backup, with the help of an earlier one; without it when that turns out to be damaged. */
const makeBackup = async (
	context: JobContext,
	request: CreateRequest,
	catalog: Catalog,
	intake: Intake,
	previous: PreviousBackup | null,
): Promise<CreateResult> => {
	const {ports, report} = context;
	const {disk} = ports;
	const {target} = request;
	const {folder, name} = place(context, request, keysOf(catalog));
	checkSpace(folder, intake.totals.estimatedBytes, target.keepFreeBytes);

	if (request.path === undefined) {
		try {
			await makeLastingFolders(disk, folder);
		} catch (error) {
			throw new PrintkeepError(
				'store-unwritable',
				toPrintkeepError(error, 'The backup folder could not be made').message,
				{
					hint: 'Choose another one with: printkeep config set store DIR',
					cause: error,
				},
			);
		}
	}

	const sequence = nextSequence(target.store, catalog);
	const attempt = async (from: PreviousBackup | null): Promise<CreateResult> => {
		const rest = await bringToRest(context, target);
		try {
			return await writeBackup(context, request, catalog, {
				intake: {...intake, notes: [...intake.notes, ...rest.notes]},
				folder,
				name,
				sequence,
				previous: from,
				onRead: rest.over,
			});
		} finally {
			await rest.over();
		}
	};

	try {
		return await attempt(previous);
	} catch (error) {
		const isDamage = isPrintkeepError(error) && isArchiveFault(error.code);
		if (!previous || !isDamage) {
			throw error;
		}

		// What was taken over may have been damaged: without it the backup is made of nothing but the files themselves.
		const {key} = previous.summary;
		report.cancellable(true);
		report.log(
			'warning',
			`What was taken over from ${safeText(key)} did not read back right: everything is read anew. Check that backup with: printkeep verify ${safeText(key)}`,
			error.message,
		);
		const result = await attempt(null);
		// Only now is it known whose fault it was. That the mark could not be taken away does not undo the backup.
		await rememberVerified(ports, target.store, [{backup: previous.summary, ok: false}]).catch(() => undefined);
		return result;
	}
};

/**
 * Runs the job. The store's and the instance's locks are held by the caller.
 * @throws PrintkeepError: no-space, name-clash, destination-exists, store-unwritable, cancelled…; nothing is left behind then.
 */
export const runCreate = async (
	context: JobContext,
	request: CreateRequest,
	catalog: Catalog,
): Promise<CreateResult> => {
	const {target} = request;
	sweepStore(context.ports.disk, target.store);
	await catalog.refresh();
	// A name that cannot be is refused before anything else is done.
	place(context, request, keysOf(catalog));
	// Helper threads start, and what an earlier backup says is read, while the rest is found out.
	const pool = context.pool();
	const newest = request.rehash ? null : choosePrevious(catalog, target);
	const loading = newest && openPreviousBackup(newest, pool);
	loading?.catch(() => undefined);
	let intake: Intake;
	try {
		intake = await survey(context, request, newest);
	} catch (error) {
		(await loading?.catch(() => null))?.close();
		throw error;
	}

	const previous = (await loading) ?? null;
	try {
		return await makeBackup(context, request, catalog, intake, previous);
	} finally {
		previous?.close();
	}
};
