/** The attributes that things which stay in their places have now and get with a restore. */
import type {BytePath} from './byte-path.js';
import {attributesOf, isSameAttributes} from './folder-attributes.js';
import type {FolderAttributes} from './journal.js';
import type {OwnerOf} from './owners.js';
import type {Appearance, WantedFile, WantedFolder} from './wanted-tree.js';

export type AttributeChange = {readonly before: FolderAttributes | null; readonly after: FolderAttributes | null};

/** Attributes of a folder that is made and of which the backup says nothing; null when they need not be set. */
const usual = (node: WantedFolder | undefined, ownerOf: OwnerOf): FolderAttributes | null => {
	const owner = ownerOf({mode: 0o755, modifiedSeconds: 0, owner: null});
	const dates = [...(node?.children.values() ?? [])].flatMap(child =>
		child.type === 'file' ? [child.appearance.modifiedSeconds] : [],
	);
	return owner && dates.length > 0
		? {mode: 0o755, modifiedSeconds: dates.reduce((newest, date) => Math.max(newest, date)), ...owner}
		: null;
};

const wantedAttributes = (
	appearance: Appearance,
	before: FolderAttributes | null,
	ownerOf: OwnerOf,
): FolderAttributes => {
	const owner = ownerOf(appearance);
	return {
		mode: appearance.mode,
		modifiedSeconds: appearance.modifiedSeconds,
		uid: owner?.uid ?? before?.uid ?? 0,
		gid: owner?.gid ?? before?.gid ?? 0,
	};
};

/**
 * Attributes of a folder in which things are exchanged.
 * @param keepsOwn where nothing is removed a folder holds both old and new, and stays as it is.
 */
export const folderChange = (
	live: BytePath,
	node: WantedFolder | undefined,
	{ownerOf, keepsOwn}: {readonly ownerOf: OwnerOf; readonly keepsOwn: boolean},
): AttributeChange => {
	const before = attributesOf(live);
	const appearance = keepsOwn && before ? null : node?.appearance;
	return {
		before,
		after: appearance ? wantedAttributes(appearance, before, ownerOf) : (before ?? usual(node, ownerOf)),
	};
};

/**
 * Attributes of a file that stays because its content is right.
 * @returns null when they are right as well; undefined when this user cannot change them, since the file is somebody else's.
 */
export const fileChange = (live: BytePath, node: WantedFile, ownerOf: OwnerOf): AttributeChange | null | undefined => {
	const before = attributesOf(live);
	const after = before && wantedAttributes(node.appearance, before, ownerOf);
	// A link to the right content has none of its own.
	if (before === null || after === null || isSameAttributes(before, after)) {
		return null;
	}

	const uid = process.geteuid?.();
	return uid === undefined || uid === 0 || uid === before.uid ? {before, after} : undefined;
};
