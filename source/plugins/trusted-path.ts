/** Whether code may be run from a file: only when nobody but this person and root could have put something else there. */
import {lstatSync, realpathSync} from 'node:fs';
import {dirname} from 'node:path';

const groupWritable = 0o020;
const othersWritable = 0o002;
const sticky = 0o1000;

/** Looks at one path and every folder above it, links as they are. */
const whyOpen = (path: string, userId: number): string => {
	for (let place = path, isFile = true; ; place = dirname(place), isFile = false) {
		const stats = lstatSync(place);
		if (stats.uid !== userId && stats.uid !== 0) {
			return `${place} belongs to another user`;
		}

		// In a sticky folder like /tmp nobody can replace what belongs to somebody else. The mode of a link says nothing.
		const isGuarded = stats.isSymbolicLink() || (!isFile && (stats.mode & sticky) !== 0);
		if ((stats.mode & othersWritable) !== 0 && !isGuarded) {
			return `${place} can be written by everybody`;
		}

		if ((stats.mode & groupWritable) !== 0 && !isGuarded) {
			return `${place} can be written by its group`;
		}

		if (place === dirname(place)) {
			return '';
		}
	}
};

/**
 * Looks at a file and every folder above it, as it is called and as it really is.
 * @param path absolute; links are followed, and both where they lie and what they lead to counts.
 * @param userId of whoever runs this; files of root are as good.
 * @returns why it is not to be trusted, in words, with the path that is at fault; empty when it is.
 */
export const whyUntrusted = (path: string, userId: number): string => {
	try {
		const real = realpathSync(path);
		return whyOpen(real, userId) || (real === path ? '' : whyOpen(path, userId));
	} catch {
		return `${path} does not exist or cannot be read`;
	}
};
