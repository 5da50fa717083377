import {readdirSync} from 'node:fs';
import {type Disk, removeTree} from '../disk.js';
import {type BytePath, joinPath, listNames, lookAt, toDiskPath, toText} from './byte-path.js';
import {
	type Journal,
	journalPath,
	readJournal,
	readRollbackRecord,
	removeJournal,
	removeRollbackRecord,
	type SwapRecord,
	writeJournal,
	writeRollbackRecord,
} from './journal.js';
import {swapBack, swapForward} from './swap.js';
import {removeWorkFolderIfEmpty} from './work-folder.js';

/** What tidying could not remove; a next start finds and explains it. */
export type Untidied = {readonly path: string; readonly reason: string};

const remove = (disk: Disk, path: BytePath): Untidied | undefined => {
	try {
		if (lookAt(path)) {
			removeTree(disk, toText(path));
		}

		return undefined;
	} catch (error) {
		return {path: toText(path), reason: error instanceof Error ? error.message : String(error)};
	}
};

const removeIn = (disk: Disk, record: SwapRecord, name: BytePath): readonly Untidied[] =>
	record.places.map(({work}) => remove(disk, joinPath(work, name))).filter(result => result !== undefined);

/** Removes a tree of empty folders; whatever is not empty stays. */
const removeEmptyFolders = (disk: Disk, folder: BytePath): void => {
	if (!lookAt(folder)?.isDirectory()) {
		return;
	}

	for (const name of listNames(folder)) {
		removeEmptyFolders(disk, joinPath(folder, name));
	}

	removeWorkFolderIfEmpty(disk, folder);
};

/**
 * Removes the private folders of a record that are empty. Those that the other record names stay: where a restore only brought new things nothing is kept, and
 * undo needs the folder all the same, to move them into and to see that the disk is there.
 */
const removeUnneeded = (disk: Disk, record: SwapRecord, needed: SwapRecord | null): void => {
	const kept = new Set(needed?.places.map(({work}) => work));
	for (const {work} of record.places.filter(place => !kept.has(place.work))) {
		removeWorkFolderIfEmpty(disk, work);
	}
};

const syncWorkFolders = async (disk: Disk, record: SwapRecord): Promise<void> => {
	for (const {work} of record.places) {
		if (lookAt(work)) {
			await disk.syncDirectory(toDiskPath(work));
		}
	}
};

/**
 * Forgets a record that lies in another private folder than the one that counts from now on, as when root could make one where the user could not: of two
 * nobody could tell the later one, since clocks tell no order.
 */
const forgetElsewhere = async (disk: Disk, work: BytePath, replaced: SwapRecord): Promise<readonly Untidied[]> => {
	const others = replaced.places.map(place => place.work).filter(other => other !== work);
	try {
		for (const other of new Set(others)) {
			if (readRollbackRecord(other)?.id === replaced.id) {
				await removeRollbackRecord(disk, other);
			}
		}

		return [];
	} catch (error) {
		return [{path: toText(work), reason: error instanceof Error ? error.message : String(error)}];
	}
};

/**
 * Ends a swap whose new tree is in place: the rollback copy becomes the one that `undo` brings back, the one before and the empty stage go, the
 * journal goes last. Can be repeated from any point.
 */
export const commitSwap = async (
	disk: Disk,
	work: BytePath,
	journal: Journal,
	randomHex: string,
): Promise<readonly Untidied[]> => {
	await writeRollbackRecord(disk, work, journal, randomHex);
	const untidied = [...removeIn(disk, journal, journal.stageName)];
	const {replaced} = journal;
	if (replaced && replaced.rollbackName !== journal.stageName && replaced.rollbackName !== journal.rollbackName) {
		untidied.push(...(await forgetElsewhere(disk, work, replaced)));
		untidied.push(...removeIn(disk, replaced, replaced.rollbackName));
		removeUnneeded(disk, replaced, journal);
	}

	await syncWorkFolders(disk, journal);
	try {
		await removeJournal(disk, work);
	} catch (error) {
		// Should the name of the journal come back with a power cut because it could not be synced, all of this is just done again.
		if (lookAt(journalPath(work))) {
			throw error;
		}
	}

	return untidied;
};

/**
 * Ends a swap that did not happen or was taken back: the stage goes, unless it is the rollback copy an undo was made from, then the journal, then what is
 * empty. Can be repeated from any point. The journal stays where something of the stage could not be removed, so that the next start tries once more: in the
 * private folder of a folder elsewhere nothing else would find it.
 */
export const discardSwap = async (
	disk: Disk,
	work: BytePath,
	journal: Journal,
	{isLastTry = false}: {readonly isLastTry?: boolean} = {},
): Promise<readonly Untidied[]> => {
	const untidied = [...(journal.job === 'undo' ? [] : removeIn(disk, journal, journal.stageName))];
	// Nothing is left in it once everything has been moved back; should anything be, it is data.
	for (const place of journal.places) {
		removeEmptyFolders(disk, joinPath(place.work, journal.rollbackName));
	}

	await syncWorkFolders(disk, journal);
	if (untidied.length > 0 && !isLastTry) {
		return untidied;
	}

	await removeJournal(disk, work);
	removeUnneeded(disk, journal, journal.replaced);
	removeWorkFolderIfEmpty(disk, work);
	return untidied;
};

const isWritten = async (disk: Disk, work: BytePath, journal: Journal, randomHex: string): Promise<boolean> => {
	try {
		await writeJournal(disk, work, journal, randomHex);
		return true;
	} catch {
		return false;
	}
};

/**
 * Ends a swap of which nothing is done or everything has been moved back. From here on the stage is no measure of what is live, which is noted first. On a
 * full disk the journal goes before the stage does; what is left then is found as that.
 */
export const endUntouched = async (
	disk: Disk,
	work: BytePath,
	journal: Journal,
	randomHex: string,
): Promise<readonly Untidied[]> => {
	const untouched: Journal = {...journal, phase: 'staging'};
	if (!(await isWritten(disk, work, untouched, randomHex))) {
		await removeJournal(disk, work);
	}

	return discardSwap(disk, work, untouched);
};

/** Moves everything back, notes that nothing live is touched any more, and tidies up. */
export const finishBack = async (disk: Disk, work: BytePath, journal: Journal, randomHex: string): Promise<void> => {
	await swapBack(disk, journal);
	await endUntouched(disk, work, journal, randomHex);
};

/**
 * Takes a swap back, whatever of it has happened, and notes first that it goes back so that an interruption does not turn it round again. Where that
 * cannot be noted, on a full disk, it goes back all the same: moving needs no space, and an interruption then finishes forward. Not so once it is noted that
 * the new tree is in place: whoever finds that note deletes the stage, and with it what had been moved back into it.
 * @throws the error of the note when nothing was moved for that reason: the new tree is in place; the disk's errors
 */
export const takeBack = async (disk: Disk, work: BytePath, journal: Journal, randomHex: string): Promise<void> => {
	const back: Journal = {...journal, phase: 'back'};
	try {
		await writeJournal(disk, work, back, randomHex);
	} catch (error) {
		const noted = readJournal(work)?.phase;
		// None at all: not even that it was going to begin could be written, and nothing has been moved.
		if (noted !== undefined && noted !== 'forward') {
			throw error;
		}
	}

	await finishBack(disk, work, back, randomHex);
};

/** Moves forward and notes when the new tree is in place. Where that has been noted already, what is live is nobody's but the server's any more. */
export const goForward = async (disk: Disk, work: BytePath, journal: Journal, randomHex: string): Promise<Journal> => {
	if (journal.phase === 'swapped') {
		return journal;
	}

	await swapForward(disk, journal);
	const swapped: Journal = {...journal, phase: 'swapped'};
	await writeJournal(disk, work, swapped, randomHex);
	return swapped;
};

/** Deletes a rollback copy; undo is not possible any more. */
export const dropRollbackCopy = async (
	disk: Disk,
	work: BytePath,
	record: SwapRecord,
): Promise<readonly Untidied[]> => {
	await removeRollbackRecord(disk, work);
	const untidied = removeIn(disk, record, record.rollbackName);
	for (const place of record.places) {
		removeWorkFolderIfEmpty(disk, place.work);
	}

	return untidied;
};

/** Names in a private folder that nothing refers to: leftovers of something that was interrupted. */
export const strayNames = (work: BytePath, keep: ReadonlySet<string>): readonly BytePath[] => {
	try {
		return (readdirSync(toDiskPath(work), {encoding: 'latin1'}) as BytePath[])
			.filter(name =>
				/^(stage|rollback|aside)-[0-9a-f]+$|^(journal|rollback|server|age)\.json\.[0-9a-f]+\.tmp$/.test(name),
			)
			.filter(name => !keep.has(name));
	} catch {
		return [];
	}
};
