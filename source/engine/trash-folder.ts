/**
 * The trash of a store: `.printkeep-trash/<id>/` holds a deleted backup under its own name and a record of what was known about it. What is here is no backup
 * any more: no list, no count and no scan looks into it. The archive alone is enough to list it and bring it back, should its record be lost.
 */
import {type BigIntStats, lstatSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {PrintkeepError, toPrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {hiddenPrefix} from './names.js';
import {readTrashRecord, type TrashRecord} from './trash-record.js';

/** A deleted backup. */
export type TrashEntry = {
	readonly id: string;
	/** The item's folder. */
	readonly folder: string;
	/** The name it had in the store. */
	readonly key: string;
	/** The archive. */
	readonly path: string;
	readonly bytes: number;
	/** Null when it was lost. */
	readonly record: TrashRecord | null;
};

export type TrashContent = {
	/** Latest first; those without a record last. */
	readonly entries: readonly TrashEntry[];
	/** Folders that an interrupted job left: nothing in them, or a second name of a backup that is in the store. */
	readonly remains: readonly string[];
};

/** Where the trash of a store is. */
export const trashFolder = (store: string): string => join(store, `${hiddenPrefix}-trash`);

const statsAt = (path: string): BigIntStats | undefined => lstatSync(path, {bigint: true, throwIfNoEntry: false});

const byDeletion = (a: TrashEntry, b: TrashEntry): number =>
	(b.record?.number ?? -1) - (a.record?.number ?? -1) || (a.key < b.key ? -1 : 1);

const archiveIn = (folder: string, record: TrashRecord | null): string | undefined => {
	const archives = readdirSync(folder)
		.filter(name => !name.startsWith('.') && /\.zip$/iu.test(name) && statsAt(join(folder, name))?.isFile())
		.sort();
	return archives.find(name => name === record?.key) ?? archives[0];
};

/** True while a backup is in the store too, under a second name of the same file: a move was interrupted, and it counts as in the store. */
export const isInStore = (store: string, key: string, path: string): boolean => {
	const there = statsAt(join(store, key));
	const here = statsAt(path);
	return there !== undefined && there.dev === here?.dev && there.ino === here.ino;
};

/**
 * Reads what is in the trash of a store; empty when there is none.
 * @throws store-unwritable when it cannot be read, or is a link to somewhere else
 */
export const readTrash = (store: string): TrashContent => {
	const trash = trashFolder(store);
	try {
		const stats = statsAt(trash);
		if (!stats) {
			return {entries: [], remains: []};
		}

		if (!stats.isDirectory()) {
			throw new PrintkeepError('store-unwritable', `${safeText(trash)} is not a folder, so there is no trash.`, {
				hint: 'Move it away.',
			});
		}

		const entries: TrashEntry[] = [];
		const remains: string[] = [];
		for (const id of readdirSync(trash).filter(name => /^[0-9a-f]{12}$/u.test(name))) {
			const folder = join(trash, id);
			if (!statsAt(folder)?.isDirectory()) {
				continue;
			}

			const record = readTrashRecord(folder);
			const key = archiveIn(folder, record);
			if (key === undefined || isInStore(store, key, join(folder, key))) {
				remains.push(folder);
				continue;
			}

			const path = join(folder, key);
			entries.push({
				id,
				folder,
				key,
				path,
				bytes: Number(statsAt(path)?.size ?? 0),
				record: record?.key === key ? record : null,
			});
		}

		return {entries: entries.sort(byDeletion), remains};
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'ENOTDIR') {
			return {entries: [], remains: []};
		}

		const {message, hint} = toPrintkeepError(error, 'The trash cannot be read');
		throw new PrintkeepError('store-unwritable', message, {hint, cause: error});
	}
};

const entriesOrNone = (store: string): readonly TrashEntry[] => {
	try {
		return readTrash(store).entries;
	} catch {
		return [];
	}
};

/** Bytes in the trash, for those who only mention it; 0 when it cannot be read. */
export const trashBytes = (store: string): number => entriesOrNone(store).reduce((sum, {bytes}) => sum + bytes, 0);

/** Sequence numbers of what is in the trash, as far as they are known. */
export const trashSequences = (store: string): readonly number[] =>
	entriesOrNone(store).map(({record}) => record?.sequence ?? 0);
