/** Whether code may be run from a file: only when nobody but this person and root could have put something else there. */
import {lstatSync, realpathSync} from 'node:fs';
import {dirname} from 'node:path';

const groupWritable = 0o020;
const othersWritable = 0o002;
const sticky = 0o1000;

/**
 * Looks at a file and every folder above it.
 * @param path absolute; links are followed, and what they lead to counts.
 * @param userId of whoever runs this; files of root are as good.
 * @returns why it is not to be trusted, in words, with the path that is at fault; empty when it is.
 */
export const whyUntrusted = (path: string, userId: number): string => {
	let real: string;
	try {
		real = realpathSync(path);
	} catch {
		return `${path} does not exist or cannot be read`;
	}

	for (let place = real, isFile = true; ; place = dirname(place), isFile = false) {
		const {uid, mode} = lstatSync(place);
		if (uid !== userId && uid !== 0) {
			return `${place} belongs to another user`;
		}

		// In a sticky folder like /tmp nobody can replace what belongs to somebody else.
		const isSticky = !isFile && (mode & sticky) !== 0;
		if ((mode & othersWritable) !== 0 && !isSticky) {
			return `${place} can be written by everybody`;
		}

		if ((mode & groupWritable) !== 0 && !isSticky) {
			return `${place} can be written by its group`;
		}

		if (place === dirname(place)) {
			return '';
		}
	}
};
