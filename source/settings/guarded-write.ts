/**
 * What conf's write leaves open. It writes a temporary file, syncs it and renames it, so that the settings are the old or the new ones whatever happens. But
 * it takes a write that the disk cut short for a whole one, does not sync the folder, and leaves its temporary files when it is killed. (Under Snap it writes in
 * place, which no guard here mends.)
 */
import * as fs from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';

/** Far more than settings take; a disk with less is full. */
const roomBytes = 256 * 1024;

const requireRoom = (folder: string): void => {
	const {bavail, blocks, bsize} = fs.statfsSync(folder);
	// Some file systems in user space do not say how large they are.
	if (blocks > 0 && bavail * bsize < roomBytes) {
		throw new PrintkeepError('no-space', `There is no room for settings in ${safeText(folder)}: the disk is full.`, {
			hint: 'Free some space, then try again.',
		});
	}
};

/** Temporary files of others are at work for an instant only; a minute older than the settings, they are nobody's. */
const removeStrays = (file: string): void => {
	const start = `${basename(file)}.tmp-`;
	const {mtimeMs} = fs.statSync(file);
	for (const name of fs.readdirSync(dirname(file))) {
		const path = join(dirname(file), name);
		if (name.startsWith(start) && fs.lstatSync(path).mtimeMs < mtimeMs - 60_000) {
			fs.unlinkSync(path);
		}
	}
};

const syncFolder = (folder: string): void => {
	const descriptor = fs.openSync(folder, fs.constants.O_RDONLY);
	try {
		fs.fsyncSync(descriptor);
	} catch (error) {
		// Some file systems cannot do that; there the name lasts when they say so.
		if (!['EINVAL', 'ENOTSUP', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) {
			throw error;
		}
	} finally {
		fs.closeSync(descriptor);
	}
};

const contentOf = (file: string): Buffer | null => {
	try {
		return fs.readFileSync(file);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return null;
		}

		throw error;
	}
};

const putBack = (file: string, content: Buffer | null): void => {
	if (content === null) {
		fs.rmSync(file, {force: true});
		return;
	}

	// The room the old content had was given back when its file was replaced.
	const temporary = `${file}.tmp-old`;
	fs.rmSync(temporary, {force: true});
	fs.writeFileSync(temporary, content, {mode: 0o600, flag: 'wx', flush: true});
	fs.renameSync(temporary, file);
};

/**
 * Runs a write of the settings file, and sees to it that what it wrote is there in full and lasts.
 * @param isWhole says whether the content is what was to be written.
 * @throws no-space, io-error, and what the write throws. The settings are the old ones then.
 */
export const writeGuarded = (file: string, write: () => void, isWhole: (content: string) => boolean): void => {
	const folder = dirname(file);
	requireRoom(folder);
	const before = contentOf(file);
	write();
	if (!isWhole(fs.readFileSync(file, 'utf8'))) {
		putBack(file, before);
		throw new PrintkeepError(
			'io-error',
			`The settings did not read back from ${safeText(folder)} as they were written.`,
			{
				hint: 'The disk may be full or failing. The settings are as they were.',
			},
		);
	}

	syncFolder(folder);
	removeStrays(file);
};
