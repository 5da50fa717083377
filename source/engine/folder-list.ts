import {readdirSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {FolderEntry, Result} from '../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';

const byTypeAndName = (a: FolderEntry, b: FolderEntry): number =>
	a.type === b.type ? (a.name < b.name ? -1 : 1) : a.type === 'directory' ? -1 : 1;

/**
 * Lists a folder for the file picker: its folders, then its ZIP files. What cannot be looked at is left out.
 * @throws missing-folder, permission-denied
 */
export const listFolder = (directory: string): Result<'folder.list'> => {
	let names: readonly string[];
	try {
		names = readdirSync(directory);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			throw new PrintkeepError('missing-folder', `There is no folder ${safeText(directory)}.`, {
				hint: 'Go up, or type another path.',
			});
		}

		throw toPrintkeepError(error, `The folder ${safeText(directory)} cannot be read`);
	}

	const entries = names.flatMap((name): readonly FolderEntry[] => {
		let stats: ReturnType<typeof statSync> | undefined;
		try {
			stats = statSync(join(directory, name));
		} catch {
			return [];
		}

		if (stats.isDirectory()) {
			return [{name, type: 'directory', bytes: 0, modifiedAt: Number(stats.mtimeMs)}];
		}

		return stats.isFile() && /\.zip$/i.test(name)
			? [{name, type: 'file', bytes: Number(stats.size), modifiedAt: Number(stats.mtimeMs)}]
			: [];
	});
	const parent = dirname(directory);
	return {directory, parent: parent === directory ? null : parent, entries: entries.sort(byTypeAndName)};
};
