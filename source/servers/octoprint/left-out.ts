import {firstOf, folderKeyOf, folders} from './folders.js';

/** OctoPrint's copies of a data folder that a restore of its own left behind; it deletes them at its next start. */
export const ownRollbackArchive = 'basedir_before_restore.bck.zip';

const nestedBackups = "OctoPrint's own backups: packed into each other they would double with every backup.";

/** True for a folder and everything in it. Asked for every file there is, many times: it makes no text. */
export const isWithin = (target: string, folder: string): boolean =>
	target.startsWith(folder) && (target.length === folder.length || target[folder.length] === '/');

/** Why a path inside the data folder is a backup of OctoPrint's in its usual place; undefined when it is none. */
export const backupReason = (target: string): string | undefined => {
	if (isWithin(target, 'data/backup')) {
		return nestedBackups;
	}

	const first = firstOf(target);
	return first.endsWith('.bck') || first === ownRollbackArchive
		? 'What OctoPrint kept of the data folder before a restore; it deletes that by itself.'
		: undefined;
};

/**
 * Why a path inside the data folder never goes into a backup and is never touched by a restore, whatever the configuration says; undefined when that
 * is not so.
 */
export const neverReason = (target: string): string | undefined => {
	const key = folderKeyOf(target);
	if (key !== undefined && folders[key].inclusion === 'never') {
		return folders[key].reason;
	}

	const backups = backupReason(target);
	if (backups !== undefined) {
		return backups;
	}

	// Work folders and locks of printkeep lie in the data folder or in any folder of it that is on another disk.
	if (/(?:^|\/)\.printkeep/u.test(target)) {
		return "printkeep's own working files.";
	}

	return undefined;
};

export type BloatRule = {
	readonly path: string;
	readonly reason: string;
	/** The rule holds only while this part is left out. */
	readonly whileWithout?: string;
};

/**
 * What plugins keep in their data folders and do not want in backups. The plugins tell OctoPrint so in code that only
 * a running OctoPrint can ask; these are the ones that matter, because they grow to gigabytes.
 */
const bloatRules: readonly BloatRule[] = [
	{path: 'data/octolapse/tmp', reason: 'Frames that Octolapse is still working on; it makes them again.'},
	{path: 'data/marlin_flasher/arduino-cli', reason: 'Build tools that Marlin Flasher downloads again.'},
	{path: 'data/marlin_flasher/platformio', reason: 'Build tools that Marlin Flasher downloads again.'},
	{path: 'data/marlin_flasher/firmware_arduino', reason: 'Firmware sources that Marlin Flasher unpacks again.'},
	{path: 'data/marlin_flasher/firmware_platformio', reason: 'Firmware sources that Marlin Flasher unpacks again.'},
	{
		path: 'data/prusaslicerthumbnails',
		reason: 'Pictures of the G-code files; without these files they are of no use.',
		whileWithout: 'uploads',
	},
	{
		path: 'data/UltimakerFormatPackage',
		reason: 'Pictures of the G-code files; without these files they are of no use.',
		whileWithout: 'uploads',
	},
];

/** The rules that hold for these plugins; all of them when none are named. */
export const bloatRulesFor = (plugins: readonly string[] | undefined): readonly BloatRule[] =>
	plugins === undefined ? bloatRules : bloatRules.filter(({path}) => plugins.includes(path.split('/')[1] ?? ''));

/** Why one of the rules leaves a path out while these parts are excluded; undefined when none does. */
export const bloatReason = (
	rules: readonly BloatRule[],
	target: string,
	excludes: readonly string[],
): string | undefined =>
	rules.find(
		({path, whileWithout}) => isWithin(target, path) && (whileWithout === undefined || excludes.includes(whileWithout)),
	)?.reason;

/** Why OctoPrint's and printkeep's backups are not packed into backups. */
export const backupsReason = {server: nestedBackups, store: "printkeep's backups are kept here."} as const;
