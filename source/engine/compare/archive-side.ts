import {statSync} from 'node:fs';
import {basename} from 'node:path';
import type {LimitSettings} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {openArchive} from '../archive/reader.js';
import type {OpenedBackup} from '../restore/opened-backup.js';
import type {Wanted} from '../restore/wanted-tree.js';
import {maximumTextBytes, type Side, tooLarge} from './side.js';

/** Words for a symbolic link that stands where a file could be. */
export const linkWords = (leadsTo: string | null): string =>
	leadsTo === null ? 'It is a symbolic link.' : `It is a symbolic link to ${safeText(leadsTo)}.`;

const stampOf = (path: string): string => {
	const stats = statSync(path, {bigint: true, throwIfNoEntry: false});
	if (!stats) {
		throw new PrintkeepError('not-found', `The backup ${safeText(basename(path))} is not there any more.`, {
			hint: 'Compare again.',
		});
	}

	return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
};

/**
 * An archive as a side of a comparison. It is opened anew for each file that is looked at: nothing stays open, and little is kept.
 * @param wanted what of it was compared.
 * @param limits a person's settings of what an archive may claim.
 */
export const archiveSide = (
	{archive, prefix}: Pick<OpenedBackup, 'archive' | 'prefix'>,
	wanted: Wanted,
	limits: LimitSettings | undefined,
): Side => {
	const {path} = archive;
	const stamp = stampOf(path);
	const links = new Map(wanted.links.map(({name, linkTarget}) => [name, linkTarget]));
	const changedContents = new Map(
		wanted.files.flatMap(({name, content}) => (content ? [[name, content] as const] : [])),
	);
	return {
		async read(name) {
			const link = links.get(name);
			if (link !== undefined) {
				return {type: 'other', reason: linkWords(link), bytes: null};
			}

			const changed = changedContents.get(name);
			if (changed) {
				return {type: 'content', content: changed};
			}

			if (stampOf(path) !== stamp) {
				throw new PrintkeepError(
					'not-found',
					`The backup ${safeText(basename(path))} was replaced since the comparison was made.`,
					{hint: 'Compare again.'},
				);
			}

			const opened = await openArchive(path, {limits});
			try {
				const entry = opened.find(prefix + name);
				if (entry?.type !== 'file') {
					return {type: 'none'};
				}

				return entry.bytes > maximumTextBytes
					? {type: 'other', reason: tooLarge, bytes: entry.bytes}
					: {type: 'content', content: await opened.readMember(entry.name, maximumTextBytes)};
			} finally {
				opened.close();
			}
		},
	};
};
