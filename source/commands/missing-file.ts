import type {ArchiveSource, Target} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {CommandContext} from './context.js';
import {suggest} from './suggest.js';

const pageLength = 200;
const namedPaths = 3;

const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The form in which the paths of an archive are written. */
const plainPath = (path: string): string =>
	path
		.split('/')
		.filter(name => name !== '' && name !== '.')
		.join('/');

/** The paths that were probably meant: those with that last name, else those with its words in them, else one that is spelled nearly so. */
const nearPaths = async (
	context: CommandContext,
	{target, source}: {readonly target: Target; readonly source: ArchiveSource},
	path: string,
): Promise<readonly string[]> => {
	const client = await context.client();
	const search = async (words: string): Promise<readonly string[]> =>
		(await client.request('backup.search', {target, source, words, offset: 0, limit: pageLength})).items.map(
			item => item.path,
		);
	const name = lastName(path);
	const found = await search(name);
	const same = found.filter(each => lastName(each).toLowerCase() === name.toLowerCase());
	if (same.length > 0 || found.length > 0) {
		return same.length > 0 ? same : found;
	}

	const folder = path.slice(0, -name.length);
	const neighbours = await search(folder === '' ? (/\.[^.]+$/u.exec(name)?.[0] ?? '') : folder);
	const meant = suggest(name, neighbours.map(lastName));
	return neighbours.filter(each => lastName(each) === meant);
};

/**
 * Gives an error about a file that is not in a backup the names of those that may have been meant.
 * @param files the paths that were asked for.
 * @returns the error itself when it is about something else, or nothing is near.
 */
export const withNearPaths = async (
	context: CommandContext,
	choice: {readonly target: Target; readonly source: ArchiveSource; readonly files: readonly string[]},
	error: PrintkeepError,
): Promise<PrintkeepError> => {
	if (error.code !== 'not-found') {
		return error;
	}

	const client = await context.client();
	for (const path of choice.files.map(plainPath)) {
		const near = await nearPaths(context, choice, path);
		if (near.includes(path)) {
			continue;
		}

		const page = await client.request('backup.entries', {
			...choice,
			directory: path,
			offset: 0,
			limit: 1,
		});
		if (page.total > 0) {
			continue;
		}

		const [first] = near;
		if (first === undefined) {
			return error;
		}

		const more = near.length > namedPaths ? `, or one of ${near.length - namedPaths} others` : '';
		const names = near
			.slice(0, namedPaths)
			.map(each => safeText(each))
			.join(' or ');
		return new PrintkeepError(error.code, error.message, {hint: `Did you mean ${names}${more}?`, cause: error});
	}

	return error;
};
