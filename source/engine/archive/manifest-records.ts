import type {OpenArchive} from './reader.js';
import {createRecordedFiles, type RecordedFiles} from './recorded-files.js';
import type {ManifestFolder, ManifestHeader, ManifestLink} from './types.js';

/** A manifest without an object for each of the files. */
export type ManifestRecords = {
	readonly header: ManifestHeader;
	readonly folders: readonly ManifestFolder[];
	readonly links: readonly ManifestLink[];
	/** Those of the files that the archive has. */
	readonly files: RecordedFiles;
};

/**
 * Reads what an archive's manifest says.
 * @returns null when there is none.
 * @throws archive-damaged, archive-refused, archive-too-new
 */
export const readManifestRecords = async ({internals, visitManifest}: OpenArchive): Promise<ManifestRecords | null> => {
	const {directory, index} = internals;
	const folders: ManifestFolder[] = [];
	const links: ManifestLink[] = [];
	const {files, add, addPlain} = createRecordedFiles(directory.length);
	const header = await visitManifest({
		plainFolder({bytes, pathStart, pathEnd, mode, modifiedStart, modifiedEnd, uid, gid}) {
			const path = bytes.toString('latin1', pathStart, pathEnd);
			folders.push({path, mode, modified: bytes.toString('latin1', modifiedStart, modifiedEnd), uid, gid});
		},
		plainFile(file) {
			const number = index.find(file.pathHash, file.bytes, file.pathStart, file.pathEnd);
			if (number !== undefined) {
				addPlain(number, file);
			}
		},
		folder: folder => folders.push(folder),
		link: link => links.push(link),
		file(file) {
			const number = index.get(file.path);
			if (number !== undefined) {
				add(number, file);
			}
		},
	});
	return header && {header, folders, links, files};
};
