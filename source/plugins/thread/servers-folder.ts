import {lchownSync, mkdirSync, statSync} from 'node:fs';
import {dirname} from 'node:path';

/** The nearest of the folders on the way to a path that is there, links followed. */
const nearestOf = (path: string) => {
	for (let place = path; ; place = dirname(place)) {
		const stats = statSync(place, {throwIfNoEntry: false});
		if (stats || place === dirname(place)) {
			return {place, stats};
		}
	}
};

/**
 * Makes a folder among a server's data, where it does not exist; it is the server's, also where root makes it. Root makes none where a link leads to what is not.
 * @returns the folder. @throws the system's error, and one in words
 */
export const makeServersFolder = (dataFolder: string, folder: string): string => {
	const {uid, gid} = statSync(dataFolder);
	const isForOther = process.getuid?.() === 0 && uid !== 0;
	const {place: nearest, stats} = nearestOf(folder);
	if (isForOther && nearest !== folder && stats?.uid !== uid) {
		throw new Error(`${nearest} does not belong to the owner of the data folder, so that nothing is made in it.`);
	}

	const first = mkdirSync(folder, {recursive: true, mode: 0o700});
	if (first !== undefined && isForOther) {
		for (let place = folder; place.length >= first.length; place = dirname(place)) {
			// Whoever owns the folder above may have put a link in its place meanwhile.
			lchownSync(place, uid, gid);
		}
	}

	return folder;
};
