import {statSync} from 'node:fs';
import type {LimitSettings} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {type OpenArchive, openArchive} from './archive/reader.js';

export type ArchiveShelf = {
	/** The archive at a path, opened now or still open from the last time. @throws not-found, archive errors */
	readonly open: (path: string, limits?: LimitSettings) => Promise<OpenArchive>;
	readonly clear: () => void;
};

/** Keeps the last archive a screen looked into open, since a person browses one at a time and its list of contents is long. */
export const createArchiveShelf = (): ArchiveShelf => {
	let held: {readonly id: string; readonly archive: OpenArchive} | null = null;
	const clear = (): void => {
		held?.archive.close();
		held = null;
	};

	return {
		async open(path, limits) {
			const stats = statSync(path, {bigint: true, throwIfNoEntry: false});
			if (!stats) {
				throw new PrintkeepError('not-found', `There is no file ${safeText(path)}.`, {hint: 'Check the path.'});
			}

			const id = JSON.stringify([path, String(stats.ino), String(stats.mtimeNs), limits]);
			if (held?.id !== id) {
				clear();
				held = {id, archive: await openArchive(path, {limits})};
			}

			return held.archive;
		},
		clear,
	};
};
