/** An archive of printkeep's against its own words: the manifest, the comment, and the seal over every byte. */
import {commentOf, encodeComment, unsealedHash} from './comment.js';
import {buildEndRecord} from './end-record.js';
import {damaged, quoteEntry} from './errors.js';
import {manifestName} from './manifest.js';
import {readRange} from './pread.js';
import type {OpenArchive} from './reader.js';
import type {Manifest, ManifestFile} from './types.js';

/** Compares what the manifest says is in the archive with what is. Returns what is wrong. */
export const compareNames = (
	archive: OpenArchive,
	manifest: Manifest,
	files: ReadonlyMap<string, ManifestFile>,
): readonly Error[] => {
	const problems: Error[] = [];
	if (files.size !== manifest.files.length) {
		problems.push(damaged('The manifest of the archive lists files twice.'));
	}

	for (const {path} of manifest.files) {
		if (archive.find(path)?.type !== 'file') {
			problems.push(damaged(`The file ${quoteEntry(path)} is missing from the archive.`));
		}
	}

	const folders = new Set(manifest.folders.map(({path}) => path));
	for (const {name, type} of archive.entries) {
		// The server's own members and the manifest stand outside of the data and are in no list.
		const isListed = type === 'file' ? files.has(name) : folders.has(name);
		if (!isListed && (name.startsWith(manifest.prefix) || type === 'directory') && name !== manifestName) {
			problems.push(damaged(`The archive has an entry ${quoteEntry(name)} that its manifest does not know.`));
		}
	}

	return problems;
};

/**
 * Checks the seal and every byte of the end record. Returns what is wrong.
 * @param sha256 hex hash of all bytes before the end record.
 * @param isSealed false for an archive that was just written and has no seal yet.
 */
export const checkSeal = (
	archive: OpenArchive,
	manifest: Manifest | null,
	sha256: string,
	isSealed: boolean,
): readonly Error[] => {
	const {comment, internals, endRecordOffset, bytes} = archive;
	if (!comment) {
		return [damaged('The comment that seals the archive is missing or was changed.')];
	}

	if (!archive.has(manifestName)) {
		return [damaged('The archive’s manifest is missing.')];
	}

	const problems: Error[] = [];
	const wanted = isSealed ? sha256 : unsealedHash;
	if (comment.sha256 !== wanted) {
		problems.push(
			comment.sha256 === unsealedHash
				? damaged('The archive was never finished: its seal is missing.')
				: damaged(
						'The archive was changed after it was written: its seal does not match.',
						`${comment.sha256} ${sha256}`,
					),
		);
	}

	if (manifest) {
		const expected = buildEndRecord(internals.place, encodeComment(commentOf(manifest), comment.sha256));
		if (!expected.equals(readRange(internals.descriptor, endRecordOffset, bytes - endRecordOffset))) {
			problems.push(damaged('The archive’s comment does not say what its manifest says.'));
		}
	}

	return problems;
};
