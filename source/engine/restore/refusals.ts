import {accessSync, constants} from 'node:fs';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {lookAt, showPath, toDiskPath} from './byte-path.js';
import {lackOfSpace} from './plan.js';
import type {Prepared} from './prepare.js';
import {spaceNeeded} from './space-needed.js';

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
		if (!lookAt(live)) {
			continue;
		}

		try {
			accessSync(toDiskPath(live), constants.W_OK | constants.X_OK);
		} catch (error) {
			const isReadOnly = (error as NodeJS.ErrnoException).code === 'EROFS';
			throw new PrintkeepError(
				isReadOnly ? 'read-only' : 'permission-denied',
				`${showPath(live)} cannot be written: ${isReadOnly ? 'the file system is read-only' : 'permission was denied'}.`,
				{
					hint: isReadOnly
						? 'A failing SD card is often remounted read-only: check `dmesg`. Restore onto another disk with --to.'
						: 'Run printkeep as the user that owns the data folder.',
					cause: error,
				},
			);
		}
	}

	const lack = lackOfSpace(spaceNeeded(wanted, places, mounts));
	if (lack !== '') {
		throw new PrintkeepError('no-space', lack, {
			hint: 'Free some space, restore only some parts with --part, or restore onto another disk with --to.',
		});
	}
};
