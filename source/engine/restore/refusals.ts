import {accessSync, constants} from 'node:fs';
import type {RestorePlan} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {type BytePath, joinPath, lookAt, parentPath, showPath, toDiskPath} from './byte-path.js';
import {lackOfSpace} from './plan.js';
import type {Prepared} from './prepare.js';
import {spaceNeeded} from './space-needed.js';
import type {Survey} from './survey-result.js';
import type {Way} from './way.js';

/** @throws read-only, permission-denied */
const assertWritable = (folder: BytePath): void => {
	try {
		accessSync(toDiskPath(folder), constants.W_OK | constants.X_OK);
	} catch (error) {
		const isReadOnly = (error as NodeJS.ErrnoException).code === 'EROFS';
		throw new PrintkeepError(
			isReadOnly ? 'read-only' : 'permission-denied',
			`${showPath(folder)} cannot be written: ${isReadOnly ? 'the file system is read-only' : 'permission was denied'}.`,
			{
				hint: isReadOnly
					? 'A failing SD card is often remounted read-only: check `dmesg`. Restore onto another disk with --to.'
					: 'Run printkeep as the user that owns the data folder.',
				cause: error,
			},
		);
	}
};

/**
 * Refuses a restore that a plan only warns about. Nothing has been written when this is asked.
 * @throws restore-unsupported, newer-version, no-space, permission-denied
 */
export const refuseRestore = (prepared: Prepared, {allowNewer}: {readonly allowNewer: boolean}): void => {
	const {inPlace, backup, wanted, places, mounts} = prepared;
	if (inPlace && inPlace.restoreDisabled !== '') {
		throw new PrintkeepError('restore-unsupported', inPlace.restoreDisabled, {
			hint: 'Restore into another folder with --to, or switch restoring on again.',
		});
	}

	if (inPlace?.newerVersion && !allowNewer) {
		throw new PrintkeepError(
			'newer-version',
			`The backup is of version ${safeText(backup.version ?? 'unknown')}, and version ${safeText(inPlace.environment.version ?? 'unknown')} is installed: an older server may not understand it.`,
			{hint: 'Update the server first, or restore with --allow-newer.'},
		);
	}

	for (const {live} of places) {
		if (lookAt(live)) {
			assertWritable(live);
		}
	}

	// In place, what is there already may make up for a lack of space.
	if (!inPlace) {
		refuseWithoutSpace(spaceNeeded(wanted, {places, mounts}));
	}
};

const refuseWithoutSpace = (space: RestorePlan['space']): void => {
	const lack = lackOfSpace(space);
	if (lack !== '') {
		throw new PrintkeepError('no-space', lack, {
			hint: 'Free some space, restore only some parts with --part, or restore onto another disk with --to.',
		});
	}
};

/**
 * Refuses what a rename in the middle of the exchange would fail at: a folder that things are moved out of or into has to be writable, and so has a
 * folder of somebody else's that is moved itself, since its entry `..` changes (rename(2)).
 */
const refuseUnwritable = ({places, moves}: Survey): void => {
	const uid = process.geteuid?.();
	const seen = new Set<BytePath>();
	for (const {place: index, path, out} of moves) {
		const place = places[index];
		const parent = place && joinPath(place.live, parentPath(path));
		if (parent !== undefined && !seen.has(parent) && lookAt(parent)) {
			seen.add(parent);
			assertWritable(parent);
		}

		const live = place && out ? joinPath(place.live, path) : undefined;
		const stats = live === undefined ? undefined : lookAt(live);
		if (live !== undefined && stats?.isDirectory() && Number(stats.uid) !== uid) {
			assertWritable(live);
		}
	}
};

/**
 * Refuses a way that cannot be gone, once what is there has been compared. Nothing has been written when this is asked.
 * @throws no-space, permission-denied
 */
export const refuseWay = ({found, space}: Pick<Way, 'found' | 'space'>): void => {
	refuseUnwritable(found);
	refuseWithoutSpace(space);
};
