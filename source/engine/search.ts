import type {ArchiveEntryInfo, Params, Result} from '../client/protocol.js';
import type {OpenArchive} from './archive/reader.js';
import type {ArchiveEntry} from './archive/types.js';
import {dataEntries} from './details.js';

const maximumPage = 200;

/** What an archive holds, ready to be searched: three lists of the same length, ordered by path. */
type SearchList = {
	readonly infos: readonly ArchiveEntryInfo[];
	/** Paths as they are compared: composed and in lower case. */
	readonly folded: readonly string[];
	/** Where the last name begins in each of them. */
	readonly nameStarts: Uint32Array;
};

/** Lists of the archives that are open; they go with them. */
const lists = new WeakMap<Pick<OpenArchive, 'entries'>, SearchList>();

const fold = (text: string): string => text.normalize('NFC').toLowerCase();

type FolderSum = {files: number; bytes: number; modifiedAt: number};

const addToFolders = (
	folders: Map<string, FolderSum>,
	target: string,
	{type, bytes, modifiedAt}: ArchiveEntry,
): void => {
	for (let cut = target.lastIndexOf('/'); cut > 0; cut = target.lastIndexOf('/', cut - 1)) {
		const path = target.slice(0, cut);
		const sum = folders.get(path) ?? {files: 0, bytes: 0, modifiedAt: 0};
		sum.files += type === 'file' ? 1 : 0;
		sum.bytes += bytes;
		sum.modifiedAt = Math.max(sum.modifiedAt, modifiedAt);
		folders.set(path, sum);
	}
};

const makeList = (archive: Pick<OpenArchive, 'entries'>, prefix: string): SearchList => {
	const folders = new Map<string, FolderSum>();
	const infos: ArchiveEntryInfo[] = [];
	for (const {target, entry} of dataEntries(archive, prefix)) {
		addToFolders(folders, target, entry);
		if (entry.type === 'file') {
			infos.push({path: target, type: 'file', bytes: entry.bytes, modifiedAt: entry.modifiedAt, files: 0});
		} else if (!folders.has(target)) {
			folders.set(target, {files: 0, bytes: 0, modifiedAt: entry.modifiedAt});
		}
	}

	for (const [path, sum] of folders) {
		infos.push({path, type: 'directory', ...sum});
	}

	infos.sort((a, b) => (a.path < b.path ? -1 : 1));
	const folded = infos.map(({path}) => fold(path));
	return {infos, folded, nameStarts: Uint32Array.from(folded, path => path.lastIndexOf('/') + 1)};
};

/**
 * A page of the files of an archive whose path has all the words in it, and of the folders of which that is true and whose own name has one of them:
 * what lies below a folder that was found would otherwise bring all its folders with it. Without words it is everything.
 * @param prefix of the data's entry names; what is not data is not searched.
 */
export const searchEntries = (
	archive: Pick<OpenArchive, 'entries'>,
	prefix: string,
	{words, offset, limit}: Pick<Params<'backup.search'>, 'words' | 'offset' | 'limit'>,
): Result<'backup.search'> => {
	let list = lists.get(archive);
	if (!list) {
		list = makeList(archive, prefix);
		lists.set(archive, list);
	}

	const {infos, folded, nameStarts} = list;
	const wanted = fold(words)
		.split(/\s+/u)
		.filter(word => word !== '');
	const end = offset + Math.min(limit, maximumPage);
	const items: ArchiveEntryInfo[] = [];
	let total = 0;
	for (const [index, info] of infos.entries()) {
		const path = folded[index] ?? '';
		const isFound =
			wanted.every(word => path.includes(word)) &&
			(info.type === 'file' ||
				wanted.length === 0 ||
				wanted.some(word => path.indexOf(word, nameStarts[index] ?? 0) !== -1));
		if (isFound) {
			if (total >= offset && total < end) {
				items.push(info);
			}

			total++;
		}
	}

	return {items, total, offset};
};
