import {statSync} from 'node:fs';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {type OpenArchive, openArchive} from './archive/reader.js';

export type ArchiveShelf = {
	/** The archive at a path, opened now or still open from the last time. @throws not-found, archive errors */
	readonly open: (path: string) => Promise<OpenArchive>;
	readonly clear: () => void;
};

/** Keeps the last archive a screen looked into open, since a person browses one at a time and its list of contents is long. */
export const createArchiveShelf = (): ArchiveShelf => {
	let held: {readonly path: string; readonly modified: bigint; readonly archive: OpenArchive} | null = null;
	const clear = (): void => {
		held?.archive.close();
		held = null;
	};

	return {
		async open(path) {
			const stats = statSync(path, {bigint: true, throwIfNoEntry: false});
			if (!stats) {
				throw new PrintkeepError('not-found', `There is no file ${safeText(path)}.`, {hint: 'Check the path.'});
			}

			if (held?.path !== path || held.modified !== stats.mtimeNs) {
				clear();
				held = {path, modified: stats.mtimeNs, archive: await openArchive(path)};
			}

			return held.archive;
		},
		clear,
	};
};
