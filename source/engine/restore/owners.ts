import type {BytePath} from './byte-path.js';
import {lookAt} from './byte-path.js';
import type {Appearance, Wanted} from './wanted-tree.js';

export type Owner = {readonly uid: number; readonly gid: number};
export type OwnerOf = (appearance: Appearance) => Owner | null;

const isRoot = (): boolean => process.geteuid?.() === 0;

/** Whom the data belonged to: one file may be somebody else's, edited as root for one. */
const mostFrequentOwner = (wanted: Wanted): Owner | null => {
	const counts = new Map<string, {readonly owner: Owner; count: number}>();
	for (const {appearance} of wanted.files) {
		const {owner} = appearance;
		if (owner) {
			const key = `${owner.uid}:${owner.gid}`;
			const known = counts.get(key) ?? {owner, count: 0};
			known.count++;
			counts.set(key, known);
		}
	}

	return [...counts.values()].reduce<{readonly owner: Owner | null; readonly count: number}>(
		(most, each) => (each.count > most.count ? each : most),
		{owner: null, count: 0},
	).owner;
};

/**
 * Which owner restored files get. Only root can give files away; then the user the data belonged to is translated to the one it belongs to here, who
 * may have another number on this machine, and other recorded owners stay. Files without a recorded owner belong to the data folder's.
 * @returns null from the function where the owner is left alone: the user who runs printkeep.
 */
export const createOwnerOf = (wanted: Wanted, dataFolder: BytePath): OwnerOf => {
	if (!isRoot()) {
		return () => null;
	}

	const stats = lookAt(dataFolder);
	const here: Owner | null = stats ? {uid: Number(stats.uid), gid: Number(stats.gid)} : null;
	const there = mostFrequentOwner(wanted);
	return ({owner}) => {
		if (owner === null || here === null || there === null) {
			return owner ?? here;
		}

		return {
			uid: owner.uid === there.uid ? here.uid : owner.uid,
			gid: owner.gid === there.gid ? here.gid : owner.gid,
		};
	};
};

/** How many files belonged to a user whose files this user cannot make. */
export const countForeignOwners = (wanted: Wanted): number => {
	const uid = process.geteuid?.();
	return uid === undefined || uid === 0
		? 0
		: wanted.files.filter(({appearance: {owner}}) => owner !== null && owner.uid !== uid).length;
};
