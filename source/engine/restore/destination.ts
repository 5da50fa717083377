/** Where a restore that does not go into the instance may write. */
import {basename, isAbsolute, resolve} from 'node:path';
import type {RestoreChoice} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {
	type BytePath,
	joinPath,
	lastName,
	listNames,
	lookAt,
	parentPath,
	pathBelow,
	resolveLinks,
	showPath,
	toBytePath,
} from './byte-path.js';
import {dataRoot} from './recover.js';
import {workFolderCandidates} from './work-folder.js';

const elsewhere = 'Choose a folder that is missing or empty.';

const unsafe = (path: BytePath, why: string, hint = elsewhere): PrintkeepError =>
	new PrintkeepError('unsafe-destination', `${showPath(path)} cannot receive a restored copy: ${why}.`, {hint});

/** Real path of `--to`, which may be missing with any number of folders above it. */
const resolveMissing = (path: BytePath): BytePath => {
	const real = resolveLinks(path);
	return real ?? joinPath(resolveMissing(parentPath(path) === '' ? toBytePath('/') : parentPath(path)), lastName(path));
};

const absolute = (to: string): BytePath => {
	if (!isAbsolute(to)) {
		throw new PrintkeepError('usage', `${safeText(to)} is no absolute path.`, {hint: elsewhere});
	}

	return resolveMissing(toBytePath(resolve(to)));
};

const refuseLive = (path: BytePath, {target}: RestoreChoice, hint: string): void => {
	const data = dataRoot(target.instance);
	const store = resolveMissing(toBytePath(resolve(target.store)));
	if (
		pathBelow(data, path) !== undefined ||
		workFolderCandidates(data).some(work => pathBelow(work, path) !== undefined)
	) {
		throw unsafe(path, 'it lies in the live data folder', hint);
	}

	if (pathBelow(store, path) !== undefined) {
		throw unsafe(path, 'it lies in the backup folder', hint);
	}

	if (/(^|\/)\.printkeep/.test(path)) {
		throw unsafe(path, "it lies in a private folder of printkeep's", hint);
	}
};

/**
 * Checks the folder given with `--to`.
 * @throws destination-exists, not empty; unsafe-destination; usage when it is no absolute path
 */
export const checkDestination = (to: string, choice: RestoreChoice, homes: readonly string[]): BytePath => {
	const path = absolute(to);
	if (path === '/' || homes.some(home => path === resolveLinks(toBytePath(home)))) {
		throw unsafe(path, 'it holds everything else');
	}

	refuseLive(path, choice, elsewhere);
	const stats = lookAt(path);
	if (stats && !stats.isDirectory()) {
		throw new PrintkeepError('destination-exists', `${showPath(path)} exists and is no folder.`, {hint: elsewhere});
	}

	if (stats && listNames(path).some(name => name !== '.printkeep')) {
		throw new PrintkeepError('destination-exists', `${showPath(path)} is not empty.`, {hint: elsewhere});
	}

	return path;
};

/**
 * The file that a single file is written to: `to` itself, or inside it when it is a folder or written as one.
 * @param name path of the file inside the data folder.
 * @throws destination-exists, unsafe-destination; usage when it is no absolute path
 */
export const checkFileDestination = (to: string, name: string, choice: RestoreChoice): BytePath => {
	const given = absolute(to);
	const isFolder = to.endsWith('/') || lookAt(given)?.isDirectory() === true;
	const path = isFolder ? joinPath(given, toBytePath(basename(name))) : given;
	refuseLive(
		path,
		choice,
		'Choose another place. To bring the file back into the data folder, restore it without --to.',
	);
	if (lookAt(path)) {
		throw new PrintkeepError('destination-exists', `${showPath(path)} exists already, and nothing is overwritten.`, {
			hint: 'Choose another name or folder.',
		});
	}

	return path;
};
