import {accessSync, constants} from 'node:fs';
import {join} from 'node:path';
import type {BackupSummary, JobRequest, JobResult, LimitSettings, Target} from '../../client/protocol.js';
import {type ErrorData, PrintkeepError, toErrorData, toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {openArchive} from '../archive/reader.js';
import {type Catalog, summariseFile} from '../catalog.js';
import {removeTree} from '../disk.js';
import {makeFolders} from '../durable-file.js';
import {partialName} from '../names.js';
import {checkDatabase} from '../sqlite.js';
import {rememberVerified} from '../verified.js';
import type {JobContext} from './context.js';
import {verifyWithProgress} from './verify-with-progress.js';

type VerifyRequest = Extract<JobRequest, {type: 'verify'}>;
type VerifyResult = Extract<JobResult, {type: 'verify'}>;
type VerifiedBackup = VerifyResult['results'][number];

/**
 * Where databases are unpacked to be opened. They may hold secrets, so the place is private, and one where leftovers are found: the store, or the state
 * folder when the store cannot be written.
 */
const scratchFolder = ({store}: Target, stateFolder: string): string => {
	try {
		accessSync(store, constants.W_OK | constants.X_OK);
		return store;
	} catch {
		return stateFolder;
	}
};

/** Reads one archive in full and checks everything in it that can be checked. Never throws for the archive's own faults. */
const verifyOne = async (
	context: JobContext,
	backup: BackupSummary,
	{scratch, limits}: {readonly scratch: string; readonly limits: LimitSettings | undefined},
): Promise<VerifiedBackup> => {
	const {ports, signal} = context;
	// Threads take a while to start: they do so while the archive is opened.
	context.pool();
	const nothing = {key: backup.key, proof: backup.proof, entries: 0, bytes: 0, databases: 0};
	let archive: Awaited<ReturnType<typeof openArchive>>;
	try {
		archive = await openArchive(backup.path, {limits});
	} catch (error) {
		return {...nothing, ok: false, problems: [toErrorData(error, 'The archive could not be opened')]};
	}

	const folder = join(scratch, `${partialName(ports.randomHex(8))}.databases`);
	const databaseProblems: ErrorData[] = [];
	let databases = 0;
	try {
		makeFolders(ports.disk, folder);
		const {problems, entries, bytes, proof} = await verifyWithProgress(context, archive, {
			databases: {
				folder,
				disk: ports.disk,
				async check(path, entry) {
					databases++;
					const {problems: found, isUnread} = await checkDatabase(path);
					const [first] = found;
					if (isUnread) {
						throw new PrintkeepError(
							'failed',
							`The database ${safeText(entry.name)} could not be opened to check it: ${safeText(first ?? '')}.`,
							{hint: 'That says nothing about the backup. Close other programs, then try again.'},
						);
					}

					if (first !== undefined) {
						databaseProblems.push({
							code: 'archive-damaged',
							message: `The database ${safeText(entry.name)} is damaged: ${safeText(first)}.`,
							hint: 'It was like that when the backup was made, or the archive is damaged. Look at an older backup.',
						});
					}
				},
			},
		});
		const all = [...problems, ...databaseProblems];
		return {key: backup.key, ok: all.length === 0, proof, entries, bytes, databases, problems: all};
	} catch (error) {
		// A place to unpack databases that is full says nothing about the backup, and a helper that died neither.
		if (signal.aborted || ['no-space', 'engine-crashed'].includes(toPrintkeepError(error).code)) {
			throw error;
		}

		return {...nothing, ok: false, problems: [toErrorData(error, 'The archive could not be read')]};
	} finally {
		archive.close();
		removeTree(ports.disk, folder);
	}
};

/**
 * Verifies backups one after another and notes the result in the store. The caller holds the store's lock.
 * @throws not-found, cancelled
 */
export const runVerify = async (
	context: JobContext,
	{target, sources}: VerifyRequest,
	catalog: Catalog,
): Promise<VerifyResult> => {
	const {ports, report} = context;
	await catalog.refresh();
	const backups =
		sources === 'all'
			? catalog.list()
			: sources.map(source => {
					if (source.type === 'backup') {
						return catalog.get(source.key, source.origin);
					}

					try {
						return summariseFile(source.path, ports.adapters, target.limits);
					} catch (error) {
						throw new PrintkeepError('not-found', `There is no file ${safeText(source.path)}.`, {cause: error});
					}
				});
	report.phase('verifying');
	report.total(
		backups.reduce((sum, {uncompressedBytes, bytes}) => sum + (uncompressedBytes ?? bytes), 0),
		backups.reduce((sum, {files}) => sum + (files ?? 0), 0),
	);
	const scratch = scratchFolder(target, ports.stateFolder);
	const results: VerifiedBackup[] = [];
	for (const backup of backups) {
		const result = await verifyOne(context, backup, {scratch, limits: target.limits});
		results.push(result);
		report.log(
			result.ok ? 'info' : 'error',
			result.ok
				? `${safeText(backup.key)} is intact.`
				: `${safeText(backup.key)} is not intact: ${result.problems[0]?.message ?? ''}`,
			result.problems
				.map(({message, detail}) => `${message}${detail === undefined ? '' : ` (${detail})`}`)
				.join('\n') || undefined,
		);
	}

	const inCatalog = backups.flatMap((backup, number) =>
		sources === 'all' || sources[number]?.type === 'backup'
			? [{backup, ok: results[number]?.ok ?? false, problem: results[number]?.problems[0]}]
			: [],
	);
	try {
		await rememberVerified(ports, target.store, inCatalog);
	} catch (error) {
		report.log('warning', 'The result could not be noted in the store.', toErrorData(error).detail);
	}

	await catalog.refresh();
	return {type: 'verify', results};
};
