import {closeSync, constants, fstatSync, openSync, statSync} from 'node:fs';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';

export type ArchiveFile = {
	readonly descriptor: number;
	readonly bytes: number;
	/** Tells whether the file under the path is still the one that was opened, with the content it had. */
	readonly isUnchanged: () => boolean;
	readonly close: () => void;
};

/**
 * Opens an archive file for reading, once: everything is checked and read through this descriptor, so that a file put in its place changes nothing.
 * @throws not-found, not-a-file, permission-denied, io-error…
 */
export const openArchiveFile = (path: string): ArchiveFile => {
	let descriptor: number;
	try {
		// O_NONBLOCK: a named pipe must not hang the program.
		descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			throw new PrintkeepError('not-found', `There is no file ${safeText(path)}.`, {cause: error});
		}

		throw toPrintkeepError(error, 'The archive could not be opened');
	}

	const first = fstatSync(descriptor, {bigint: true});
	if (!first.isFile()) {
		closeSync(descriptor);
		throw new PrintkeepError('not-a-file', `${safeText(path)} is not an ordinary file.`, {
			hint: 'Choose a ZIP archive.',
		});
	}

	let isOpen = true;
	return {
		descriptor,
		bytes: Number(first.size),
		isUnchanged() {
			const now = fstatSync(descriptor, {bigint: true});
			const there = statSync(path, {bigint: true, throwIfNoEntry: false});
			return (
				now.size === first.size && now.mtimeNs === first.mtimeNs && there?.ino === first.ino && there.dev === first.dev
			);
		},
		close() {
			if (isOpen) {
				isOpen = false;
				closeSync(descriptor);
			}
		},
	};
};
