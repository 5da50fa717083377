/** An archive of printkeep's against its own words: the manifest, the comment, and the seal over every byte. */
import {hashBytes} from './check-entries.js';
import {commentOf, encodeComment, unsealedHash} from './comment.js';
import {buildEndRecord} from './end-record.js';
import {damaged, quoteEntry} from './errors.js';
import {manifestName} from './manifest.js';
import {readRange} from './pread.js';
import type {OpenArchive} from './reader.js';
import {giveBack, makeNumbers, makeRoom} from './room.js';
import type {ManifestHeader} from './types.js';

/** What a manifest lists, by the numbers of the archive's records: 41 bytes for each, whatever is written of it. */
export type ManifestList = {
	readonly header: ManifestHeader;
	/** Tells whether a record is of a listed file. */
	readonly isListed: (number: number) => boolean;
	/** Tells whether a listed file has this size and hash; a hash that is null is not compared. */
	readonly isSame: (number: number, bytes: number, sha256: Uint8Array | null) => boolean;
	/** Rows per table of a database; null for other files. */
	readonly tables: (number: number) => Readonly<Record<string, number>> | null;
	/** To be called when nobody asks it anything any more. */
	readonly giveBack: () => void;
	/** In what the list differs from what is in the archive. */
	readonly problems: readonly Error[];
};

const mostProblems = 100;

/**
 * Reads an archive's manifest and compares what it says is in the archive with what is.
 * @returns null when there is none.
 * @throws archive-damaged, archive-refused, archive-too-new
 */
export const readManifestList = async ({internals, visitManifest}: OpenArchive): Promise<ManifestList | null> => {
	const {directory, index} = internals;
	const {nameOf, isFolder} = directory;
	const isThere = new Uint8Array(directory.length);
	const sizes = makeNumbers(directory.length);
	// Looked at only where a listed file has put its own; new room from the system is full of zeros anyway.
	const hashes = makeRoom(directory.length * hashBytes);
	const tables = new Map<number, Readonly<Record<string, number>>>();
	const missing = new Set<string>();
	let isTwice = false;
	const isMissing = (path: string): void => {
		isTwice ||= missing.has(path);
		missing.add(path);
	};
	const header = await visitManifest({
		plainFolder({bytes, pathStart, pathEnd, pathHash}) {
			const number = index.find(pathHash, bytes, pathStart, pathEnd);
			if (number !== undefined) {
				isThere[number] = 1;
			}
		},
		plainFile({bytes, pathStart, pathEnd, pathHash, size, hashStart}) {
			const number = index.find(pathHash, bytes, pathStart, pathEnd);
			if (number === undefined) {
				isMissing(bytes.toString('latin1', pathStart, pathEnd));
				return;
			}

			isTwice ||= isThere[number] === 1;
			isThere[number] = 1;
			sizes[number] = size;
			hashes.write(bytes.toString('latin1', hashStart, hashStart + hashBytes * 2), number * hashBytes, 'hex');
			if (tables.size > 0) {
				tables.delete(number);
			}
		},
		folder({path}) {
			const number = index.get(path);
			if (number !== undefined) {
				isThere[number] = 1;
			}
		},
		file({path, bytes, sha256, tables: rows}) {
			const number = index.get(path);
			if (number === undefined) {
				isMissing(path);
				return;
			}

			isTwice ||= isThere[number] === 1;
			isThere[number] = 1;
			sizes[number] = bytes;
			hashes.write(sha256, number * hashBytes, 'hex');
			tables.delete(number);
			if (rows) {
				tables.set(number, rows);
			}
		},
	});
	if (!header) {
		return null;
	}

	const problems: Error[] = isTwice ? [damaged('The manifest of the archive lists files twice.')] : [];
	for (const path of missing) {
		if (problems.length === mostProblems) {
			break;
		}

		problems.push(damaged(`The file ${quoteEntry(path)} is missing from the archive.`));
	}

	for (const number of index.numbers()) {
		// The server's own members and the manifest stand outside of the data and are in no list.
		if (isThere[number] === 0 && problems.length < mostProblems) {
			const name = nameOf(number);
			if ((name.startsWith(header.prefix) || name.endsWith('/')) && name !== manifestName) {
				problems.push(damaged(`The archive has an entry ${quoteEntry(name)} that its manifest does not know.`));
			}
		}
	}

	/** Of OctoPrint's double entries, the last one's. */
	const entryOf = (number: number): number => (index.holds(number) ? number : (index.get(nameOf(number)) ?? number));
	return {
		header,
		isListed: number => !isFolder(number) && isThere[entryOf(number)] === 1,
		isSame(number, bytes, sha256) {
			const entry = entryOf(number);
			const start = entry * hashBytes;
			return (
				sizes[entry] === bytes &&
				(sha256 === null || hashes.compare(sha256, 0, hashBytes, start, start + hashBytes) === 0)
			);
		},
		tables: number => (tables.size === 0 ? null : (tables.get(entryOf(number)) ?? null)),
		giveBack() {
			giveBack(hashes);
		},
		problems,
	};
};

/**
 * Checks the seal and every byte of the end record. Returns what is wrong.
 * @param sha256 hex hash of all bytes before the end record.
 * @param isSealed false for an archive that was just written and has no seal yet.
 */
export const checkSeal = (
	archive: OpenArchive,
	header: ManifestHeader | null,
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

	if (header) {
		const expected = buildEndRecord(internals.place, encodeComment(commentOf(header), comment.sha256));
		if (!expected.equals(readRange(internals.descriptor, endRecordOffset, bytes - endRecordOffset))) {
			problems.push(damaged('The archive’s comment does not say what its manifest says.'));
		}
	}

	return problems;
};
