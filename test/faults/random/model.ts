/**
 * What an instance, its store, its trash and its rollback copy must hold after any sequence of actions: kept beside the real thing, by rules of its own that
 * know nothing of how printkeep does it.
 */
import type {Tree, TreeItem} from '../../helpers/digest-tree.js';

/** A backup: which bytes it is, and the data it was made of. */
export type ModelBackup = {readonly sha256: string; readonly tree: Tree};

export type Model = {
	/** Data that is live now. */
	live: Tree;
	/** By key. */
	readonly store: Map<string, ModelBackup>;
	readonly pinned: Set<string>;
	/** By id. */
	readonly trash: Map<string, {readonly key: string; readonly backup: ModelBackup; readonly pinned: boolean}>;
	/** Exported copies, by path. */
	readonly shelf: Map<string, ModelBackup>;
	/** What undo brings back; paths somebody has written since may stay as they are. */
	undo: {readonly tree: Tree; readonly written: Set<string>} | null;
};

/** Dates of folders are left out: whoever puts a file into a folder changes its date. */
export const withoutFolderDates = (tree: Tree): Tree =>
	Object.fromEntries(
		Object.entries(tree).map(([path, item]): [string, TreeItem] => [
			path,
			item.type === 'directory' ? {...item, modifiedAt: 0} : item,
		]),
	);

const sorted = (tree: Tree): Tree =>
	Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

export const sameTree = (a: Tree, b: Tree): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** Data after a restore that removes nothing: the backup's over what is there. */
export const merged = (live: Tree, backup: Tree): Tree => ({...live, ...backup});

/** Data after single files were restored; the folders they lie in are made where they are missing. */
export const withFiles = (live: Tree, backup: Tree, paths: readonly string[]): Tree => {
	const isFolderOf = (folder: string, path: string): boolean =>
		path.startsWith(`${folder}/`) || (folder === '>.' && path.startsWith('>')) || folder === '.';
	const restored = Object.entries(backup).filter(
		([path]) => paths.includes(path) || (!(path in live) && paths.some(wanted => isFolderOf(path, wanted))),
	);
	return {...live, ...Object.fromEntries(restored)};
};

/** Whether a tree is what undo has to leave, given what was there and what was written since the restore. */
export const isUndone = (
	found: Tree,
	{live, undo}: {readonly live: Tree; readonly undo: NonNullable<Model['undo']>},
): string | null => {
	const equal = (a: TreeItem | undefined, b: TreeItem | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);
	for (const path of new Set([...Object.keys(found), ...Object.keys(undo.tree)])) {
		const isOld = equal(found[path], undo.tree[path]);
		const isWritten = undo.written.has(path) && equal(found[path], live[path]);
		if (!isOld && !isWritten) {
			return `${path}: ${JSON.stringify(found[path])} instead of ${JSON.stringify(undo.tree[path])}`;
		}
	}

	return null;
};
