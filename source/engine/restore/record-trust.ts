/**
 * Which records of a swap may be followed. A private folder can be made by anybody who may write beside the data, and root follows those of the data's
 * owner: at boot, and whenever root runs printkeep. Root must not be led by them to where that user could not have gone.
 */
import {type BytePath, joinPath, lookAt, parentPath, resolveLinks} from './byte-path.js';
import type {SwapRecord} from './journal.js';
import {isTrustedWorkFolder} from './work-folder.js';

type Places = Pick<SwapRecord, 'places' | 'moves' | 'folders' | 'stageName' | 'rollbackName'>;

const isRoot = (): boolean => process.geteuid?.() === 0;

const ownerOf = (path: BytePath): number | undefined => {
	const stats = lookAt(path);
	return stats === undefined ? undefined : Number(stats.uid);
};

/** The user who may have written a record: whoever owns its private folders, root only when all of them are root's. */
export const authorOf = ({places}: Pick<SwapRecord, 'places'>): number =>
	places.map(({work}) => ownerOf(work)).find(uid => uid !== undefined && uid !== 0) ?? 0;

/** True when a path is a link, or goes through one. What is missing is neither. */
const isLinked = (path: BytePath): boolean => {
	const real = resolveLinks(path);
	return real === undefined ? lookAt(path)?.isSymbolicLink() === true : real !== path;
};

/** The first path of a user's record that leads somewhere else than it says, or to what is not that user's. */
const strayPath = (author: number, {places, moves, folders, stageName, rollbackName}: Places): BytePath | undefined => {
	for (const [index, {live, work}] of places.entries()) {
		const owner = ownerOf(live);
		const workOwner = ownerOf(work);
		const isOwn = owner === undefined ? workOwner === undefined || workOwner === author : owner === author;
		if (!isOwn || (workOwner !== undefined && workOwner !== author && workOwner !== 0)) {
			return live;
		}

		const parents = new Set(
			[...moves, ...folders].flatMap(({place, path}) => (place === index ? parentPath(path) : [])),
		);
		for (const base of [live, joinPath(work, stageName), joinPath(work, rollbackName)]) {
			for (const parent of ['' as BytePath, ...parents]) {
				const path = joinPath(base, parent);
				if (isLinked(path)) {
					return path;
				}
			}
		}
	}

	return undefined;
};

/**
 * What keeps a record from being followed: a private folder that another user has made, or, where root follows another user's record, a path that leads
 * out of what is that user's. Undefined when nothing does.
 * @param work the private folder the record was found in.
 */
export const strangerIn = (work: BytePath, record: Places): BytePath | undefined => {
	const author = ownerOf(work);
	return isRoot() && author !== undefined && author !== 0
		? strayPath(author, record)
		: record.places.find(place => lookAt(place.work) && !isTrustedWorkFolder(place.work, place.live))?.work;
};
