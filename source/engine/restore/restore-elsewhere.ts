/** Restoring into a folder of its own: unpacked beside it and put in place with one rename. Nothing is replaced, so there is nothing to undo. */
import type {JobResult, SkippedFile} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {plural} from '../../format/plural.js';
import {createBreathe} from '../breathe.js';
import {removeTree} from '../disk.js';
import {makeFolders} from '../durable-file.js';
import type {JobContext} from '../jobs/context.js';
import {type BytePath, joinPath, listNames, lookAt, parentPath, toBytePath, toDiskPath, toText} from './byte-path.js';
import {checkRestored} from './check.js';
import {countPlanned} from './plan-counts.js';
import type {Prepared} from './prepare.js';
import {refuseRestore} from './refusals.js';
import {resultOf} from './restore-result.js';
import {type Staged, stage} from './stage.js';
import {dropStage, noteStage} from './stage-record.js';
import {verifyWholeBackup} from './verify-backup.js';
import {chooseWorkFolder, makeWorkFolder, removeWorkFolderIfEmpty} from './work-folder.js';

type RestoreResult = Extract<JobResult, {type: 'restore'}>;

/** Puts the unpacked tree in place. An empty folder is replaced by the rename itself; one that cannot be (a mount point) gets the children one by one. */
const putInPlace = async (
	{ports}: JobContext,
	{destination, mounts}: Prepared,
	{root, work}: {readonly root: BytePath; readonly work: BytePath},
): Promise<void> => {
	const {disk} = ports;
	const stats = lookAt(destination);
	const isInside = parentPath(work) === destination;
	if (!isInside && !(stats && mounts.isMountPoint(destination))) {
		if (stats) {
			disk.changeMode(toDiskPath(root), Number(stats.mode & 0o777n) | 0o700);
			if (process.geteuid?.() === 0) {
				disk.changeOwner(toDiskPath(root), Number(stats.uid), Number(stats.gid));
			}
		}

		disk.rename(toDiskPath(root), toDiskPath(destination));
		await disk.syncDirectory(toDiskPath(parentPath(destination)));
		return;
	}

	const moved: BytePath[] = [];
	try {
		for (const name of listNames(root)) {
			disk.rename(toDiskPath(joinPath(root, name)), toDiskPath(joinPath(destination, name)));
			moved.push(name);
		}
	} catch (error) {
		for (const name of moved) {
			disk.rename(toDiskPath(joinPath(destination, name)), toDiskPath(joinPath(root, name)));
		}

		throw error;
	}

	await disk.syncDirectory(toDiskPath(destination));
};

const tidy = ({ports, report}: JobContext, folders: readonly string[], work: BytePath): void => {
	try {
		removeWorkFolderIfEmpty(ports.disk, work);
		for (const folder of [...folders].reverse()) {
			removeWorkFolderIfEmpty(ports.disk, toBytePath(folder));
		}
	} catch (error) {
		report.log('warning', 'A private folder could not be removed.', error instanceof Error ? error.message : undefined);
	}
};

const check = async (context: JobContext, prepared: Prepared, staged: Staged): Promise<readonly SkippedFile[]> => {
	const breathe = createBreathe(context.ports.clock, new AbortController().signal);
	const {problems, corrupt, unreadable} = await checkRestored(
		{report: context.report, pool: context.pool, breathe},
		prepared,
		staged.skippedLinks,
	);
	if (corrupt.length > 0) {
		throw new PrintkeepError(
			'io-error',
			`${plural(corrupt.length, 'restored file')} did not read back as written: the disk does not keep what it is given.`,
			{hint: `Do not use ${toText(prepared.destination)}. Choose another disk.`},
		);
	}

	if (unreadable.length > 0) {
		throw new PrintkeepError(
			'io-error',
			`${plural(unreadable.length, 'restored file')} could not be read back: the disk reported an input/output error.`,
			{hint: `Do not use ${toText(prepared.destination)}. Choose another disk.`},
		);
	}

	return problems;
};

/**
 * Restores into a missing or empty folder.
 * @throws archive errors, no-space, the disk's errors: the folder is missing or empty then, as it was; cancelled
 */
export const restoreElsewhere = async (context: JobContext, prepared: Prepared): Promise<RestoreResult> => {
	const {ports, report, breathe} = context;
	const {disk} = ports;
	const {destination, wanted} = prepared;
	refuseRestore(prepared, {allowNewer: true});
	await verifyWholeBackup(context, prepared);
	const found = await prepared.survey(breathe);
	const {counts} = countPlanned(found, {kept: [], changed: []});
	report.phase('staging');
	let madeFolders: readonly string[] = [];
	let work: BytePath;
	try {
		madeFolders = makeFolders(disk, toText(parentPath(destination)) || '/');
		work = chooseWorkFolder(destination, prepared.mounts);
		for (const folder of madeFolders) {
			await disk.syncDirectory(toDiskPath(parentPath(toBytePath(folder)) || toBytePath('/')));
		}

		await makeWorkFolder(disk, work);
	} catch (error) {
		tidy(context, madeFolders, destination);
		throw toPrintkeepError(error, 'The destination cannot be written');
	}

	const root = joinPath(work, toBytePath(`stage-${ports.randomHex(8)}`));
	const note = noteStage(ports, toText(root));
	const forget = (): void => {
		removeTree(disk, toText(root));
		if (note) {
			dropStage(disk, note);
		}
	};

	let staged: Staged;
	try {
		staged = await stage(context, {
			backup: prepared.backup,
			wanted,
			places: prepared.places,
			roots: [root],
			sameLinks: new Set(),
			avoided: found.avoided,
			ownerOf: prepared.ownerOf,
		});
		const owner = prepared.ownerOf({mode: 0o700, modifiedSeconds: 0, owner: null});
		if (owner) {
			disk.changeOwner(toDiskPath(root), owner.uid, owner.gid);
		}

		await breathe();
		report.cancellable(false);
		report.phase('swapping');
		await putInPlace(context, prepared, {root, work});
	} catch (error) {
		try {
			forget();
		} catch (second) {
			report.log(
				'warning',
				'What had been unpacked could not be removed.',
				second instanceof Error ? second.message : undefined,
			);
		}

		tidy(context, madeFolders, work);
		report.cancellable(true);
		throw toPrintkeepError(error, 'The backup could not be unpacked');
	}

	try {
		forget();
		removeWorkFolderIfEmpty(disk, work);
		const problems = await check(context, prepared, staged);
		return await resultOf(context, prepared, {
			counts,
			skipped: [...staged.skipped, ...problems],
			rollbackCopy: null,
		});
	} finally {
		report.cancellable(true);
	}
};
