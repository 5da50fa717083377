/**
 * Names against the file system that is to hold them. "Benchy.gcode" and "benchy.gcode" are two files on the card of a print server, and a backup of
 * it has both; on a FAT stick they are one, and the second would overwrite the first. So this is asked where the files go, not of the archive.
 */
import {lstatSync, readdirSync, statfsSync} from 'node:fs';
import {archiveFault, quoteEntry} from '../archive/errors.js';
import {
	type BytePath,
	joinPath,
	lastName,
	lookAt,
	parentPath,
	showPath,
	toBytePath,
	toDiskPath,
	toText,
} from './byte-path.js';
import {placeOf, type SwapPlace} from './places.js';
import type {WantedFolder} from './wanted-tree.js';

/** What a file system makes of names. */
export type NameHabits = {
	/** True when names that differ only in case mean one file. */
	readonly foldsCase: boolean;
	/** True when the rules of Windows hold: reserved names, forbidden characters, no dot or blank at the end. */
	readonly isWindows: boolean;
};

/** Magic numbers of statfs(2): FAT, exFAT, NTFS by two drivers, and what FUSE mounts from a block device, which nearly always is NTFS or exFAT. */
const windowsTypes = new Set([0x4d44, 0x2011bab0, 0x5346544e, 0x7366746e, 0x65735546]);
/** Shares of Windows' kind: SMB 1, CIFS, SMB 2 and 3. */
const shareTypes = new Set([0x517b, 0xff534d42, 0xfe534d42]);

const otherCase = (name: string): string => {
	const upper = name.toUpperCase();
	return upper === name ? name.toLowerCase() : upper;
};

/** True when a name that is there is found under its other case as well. Reads only. */
const isFoundInOtherCase = (folder: BytePath, name: string): boolean => {
	const first = lstatSync(toDiskPath(joinPath(folder, toBytePath(name))), {bigint: true, throwIfNoEntry: false});
	const second = lstatSync(toDiskPath(joinPath(folder, toBytePath(otherCase(name)))), {
		bigint: true,
		throwIfNoEntry: false,
	});
	return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
};

/** The habits of the file system a folder lies on, or will. */
export const nameHabitsOf = (folder: BytePath): NameHabits => {
	if (!lookAt(folder)) {
		const parent = parentPath(folder);
		return parent === '' ? {foldsCase: false, isWindows: false} : nameHabitsOf(parent);
	}

	const type = statfsSync(toDiskPath(folder)).type;
	if (windowsTypes.has(type)) {
		return {foldsCase: true, isWindows: true};
	}

	const probe = readdirSync(toDiskPath(folder), 'utf8').find(name => otherCase(name) !== name);
	const foldsCase =
		shareTypes.has(type) ||
		(probe === undefined
			? isFoundInOtherCase(parentPath(folder), toText(lastName(folder)))
			: isFoundInOtherCase(folder, probe));
	return {foldsCase, isWindows: false};
};

/** What is the same for two names that a folding file system, or one that normalises Unicode, would take for one. */
export const collisionKey = (name: string): string =>
	name
		.normalize('NFKC')
		.toUpperCase()
		.toLowerCase()
		.normalize('NFKC')
		.replace(/[. ]+$/, '');

const device = /^(CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])[ ]*(\.|$)/i;

/** Why Windows' file systems cannot hold a name, in words; null when they can. */
export const windowsNameProblem = (name: string): string | null => {
	if (/[<>:"|?*\\]/.test(name)) {
		return 'has a character that is forbidden there';
	}

	if (device.test(name)) {
		return 'is the name of a device there';
	}

	return /[. ]$/.test(name) ? 'ends in a dot or a blank, which would be lost there' : null;
};

const checkFolder = (folder: WantedFolder, live: BytePath, {foldsCase, isWindows}: NameHabits): void => {
	const seen = new Map<string, string>();
	for (const [bytes, node] of folder.children) {
		const name = toText(bytes);
		const problem = isWindows ? windowsNameProblem(name) : null;
		if (problem !== null) {
			throw archiveFault(
				'zip-reserved-name',
				`${quoteEntry(node.name)} cannot be restored to ${showPath(live)}: its name ${problem}.`,
			);
		}

		const key = collisionKey(name);
		const other = seen.get(key);
		if (foldsCase && other !== undefined) {
			throw archiveFault(
				'zip-colliding-name',
				`${quoteEntry(node.name)} cannot be restored to ${showPath(live)}: it would be the same file there as ${quoteEntry(other)}.`,
			);
		}

		seen.set(key, node.name);
	}
};

/**
 * Refuses a restore to a file system that cannot hold all names of the backup, or would take two for one.
 * @param habitsOf for tests; file systems of other habits are rare where they run.
 * @throws zip-colliding-name, zip-reserved-name
 */
export const refuseUnfitNames = (
	root: WantedFolder,
	places: readonly SwapPlace[],
	habitsOf: (folder: BytePath) => NameHabits = nameHabitsOf,
): void => {
	const habits = places.map(({live}) => habitsOf(live));
	if (!habits.some(({foldsCase, isWindows}) => foldsCase || isWindows)) {
		return;
	}

	const visit = (folder: WantedFolder): void => {
		const found = placeOf(places, folder.target);
		const habit = found && habits[found.index];
		if (habit) {
			checkFolder(folder, found.place.live, habit);
		}

		for (const node of folder.children.values()) {
			if (node.type === 'folder') {
				visit(node);
			}
		}
	};

	visit(root);
};
