/** Restoring a single file to a place of its own: unpacked under a hidden name, read back, and published without overwriting anything. */
import type {JobResult} from '../../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {removeTree} from '../disk.js';
import {makeLastingFolders, publish} from '../durable-file.js';
import type {JobContext} from '../jobs/context.js';
import {type BytePath, emptyPath, joinPath, parentPath, showPath, toBytePath, toDiskPath, toText} from './byte-path.js';
import {digestFile, isContentOf} from './compare.js';
import type {Prepared} from './prepare.js';
import {refuseRestore} from './refusals.js';
import {resultOf} from './restore-result.js';
import {stage} from './stage.js';
import {dropStage, noteStage} from './stage-record.js';
import {changedFile, type WantedFile} from './wanted-tree.js';
import {makeWorkFolder, removeWorkFolderIfEmpty} from './work-folder.js';

type RestoreResult = Extract<JobResult, {type: 'restore'}>;

const stagedName = toBytePath('file');

/** Unpacks the file, and reads it back before it gets its name. @throws the disk's errors, archive-damaged, io-error, cancelled */
const unpackAndPublish = async (
	context: JobContext,
	{backup, ownerOf, destination}: Prepared,
	{file, root}: {readonly file: WantedFile; readonly root: BytePath},
): Promise<void> => {
	const {ports, report, breathe} = context;
	// What a link led to is wanted here, and not the link.
	const staged = changedFile(file, {target: stagedName, linkTarget: null});
	await stage(context, {
		backup,
		wanted: {files: [staged], links: [], folders: []},
		places: [{target: emptyPath, live: parentPath(destination), work: parentPath(root), made: false, only: null}],
		roots: [root],
		sameLinks: new Set(),
		avoided: new Set(),
		ownerOf,
	});
	report.phase('checking');
	const path = joinPath(root, stagedName);
	if (!isContentOf(await digestFile(toDiskPath(path), {breathe}), staged)) {
		throw new PrintkeepError(
			'io-error',
			`${showPath(destination)} did not read back as written: the disk does not keep what it is given.`,
			{hint: 'Choose another disk.'},
		);
	}

	report.cancellable(false);
	await publish(ports.disk, toText(path), toText(destination));
};

/**
 * Restores one file to the path `prepared.destination`, which does not exist. Only that file of the archive is read.
 * @throws archive-damaged, no-space, destination-exists, the disk's errors: nothing is there then; cancelled
 */
export const restoreFile = async (
	context: JobContext,
	prepared: Prepared,
	file: WantedFile,
): Promise<RestoreResult> => {
	const {ports, report} = context;
	const {disk} = ports;
	const {destination} = prepared;
	refuseRestore(prepared, {allowNewer: true});
	report.phase('staging');
	const folder = toText(parentPath(destination)) || '/';
	let made: readonly string[] = [];
	const work = joinPath(toBytePath(folder), toBytePath(`.printkeep-${ports.randomHex(8)}`));
	const root = joinPath(work, toBytePath(`stage-${ports.randomHex(8)}`));
	const note = noteStage(ports, toText(root));
	try {
		made = await makeLastingFolders(disk, folder);
		await makeWorkFolder(disk, work);
		await unpackAndPublish(context, prepared, {file, root});
		made = [];
	} catch (error) {
		const known = toPrintkeepError(error, `${showPath(destination)} could not be written`);
		throw known.code === 'name-clash'
			? new PrintkeepError(
					'destination-exists',
					`${showPath(destination)} exists already, and nothing is overwritten.`,
					{
						hint: 'Choose another name or folder.',
					},
				)
			: known;
	} finally {
		tidy(context, {root: toText(root), note: note === null ? () => undefined : () => dropStage(disk, note)});
		removeWorkFolderIfEmpty(disk, work);
		for (const path of made.toReversed()) {
			removeWorkFolderIfEmpty(disk, toBytePath(path));
		}

		report.cancellable(true);
	}

	return resultOf(context, prepared, {
		counts: {added: 1, changed: 0, removed: 0, kept: 0},
		skipped: [],
		rollbackCopy: null,
	});
};

/** Removes what had been unpacked. A failure is not reported: the next start finds what is left. */
const tidy = ({ports, report}: JobContext, {root, note}: {readonly root: string; readonly note: () => void}): void => {
	try {
		removeTree(ports.disk, root);
		note();
	} catch (error) {
		report.log(
			'warning',
			'What had been unpacked could not be removed.',
			error instanceof Error ? error.message : undefined,
		);
	}
};
