/** Whether code may be run from a file: only when nobody but this person and root could have put something else there. */
import {lstatSync, readlinkSync, type Stats} from 'node:fs';
import {dirname, join} from 'node:path';

const groupWritable = 0o020;
const othersWritable = 0o002;
const sticky = 0o1000;

/** As many as Linux follows. */
const maximumLinks = 40;

const whyNot = (place: string, stats: Stats, userId: number): string => {
	const {uid, mode} = stats;
	if (uid !== userId && uid !== 0) {
		return `${place} belongs to another user`;
	}

	// In a sticky folder like /tmp nobody can replace what belongs to somebody else; the rights of a link mean nothing.
	if (stats.isSymbolicLink() || (stats.isDirectory() && (mode & sticky) !== 0)) {
		return '';
	}

	if ((mode & othersWritable) !== 0) {
		return `${place} can be written by everybody`;
	}

	return (mode & groupWritable) === 0 ? '' : `${place} can be written by its group`;
};

/**
 * Looks at a file, every folder above it, and every link and folder on the way to it.
 * @param path absolute; links are followed.
 * @param userId of whoever runs this; files of root are as good.
 * @returns why it is not to be trusted, in words, with the path that is at fault; empty when it is.
 */
export const whyUntrusted = (path: string, userId: number): string => {
	const missing = `${path} does not exist or cannot be read`;
	const steps = path.split('/');
	let place = '/';
	let links = 0;
	try {
		for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
			const next = step === '..' ? dirname(place) : join(place, step);
			const stats = lstatSync(next);
			const problem = whyNot(next, stats, userId);
			if (problem !== '') {
				return problem;
			}

			if (stats.isSymbolicLink()) {
				links++;
				if (links > maximumLinks) {
					return missing;
				}

				const target = readlinkSync(next);
				steps.unshift(...target.split('/'));
				place = target.startsWith('/') ? '/' : place;
			} else if (!stats.isDirectory() && steps.length > 0) {
				return missing;
			} else {
				place = next;
			}
		}
	} catch {
		return missing;
	}

	return '';
};
