/**
 * What an archive may contain. Everything here is decided from the central directory, before a byte of content is read; one bad entry refuses the
 * archive, because skipping it would restore something that nobody backed up.
 */
import type {DirectoryPlace} from './end-record.js';
import {type EntryFacts, entryRules} from './entry-rules.js';
import {archiveFault, quoteEntry} from './errors.js';
import type {ArchiveLimits} from './limits.js';
import {entryNameFault} from './names.js';
import {localHeaderBytes} from './zip-format.js';

/** OctoPrint lists the pictures of a running time lapse twice, once for each of two nested folders. */
const listedTwice = 'basedir/timelapse/tmp/';
/** bsdtar lists the folder it packs; it says nothing. */
const topFolder = './';

export type DirectoryFacts = {
	/** Position of the central directory; all entries lie before it. */
	readonly directoryOffset: number;
	readonly fileBytes: number;
	/** True when the archive says it is printkeep's own. */
	readonly isSealed: boolean;
	readonly limits: ArchiveLimits;
};

/** Checks what an archive claims of its list of contents, before any of it is read. @throws zip-too-many-entries, zip-directory-too-large */
export const checkPlace = ({entries, bytes}: DirectoryPlace, limits: ArchiveLimits): void => {
	if (entries > limits.entries) {
		throw archiveFault(
			'zip-too-many-entries',
			`The archive claims ${entries} entries, and no more than ${limits.entries} are taken.`,
		);
	}

	if (bytes > limits.directoryBytes) {
		throw archiveFault('zip-directory-too-large', 'The archive has a longer list of contents than printkeep takes.');
	}
};

/** Checks every entry on its own, first its name, then all else. @throws the fault of the first rule broken */
const checkEntries = (records: readonly EntryFacts[], {directoryOffset, isSealed, limits}: DirectoryFacts): void => {
	const nameLimits = isSealed ? limits : {...limits, segmentBytes: limits.foreignSegmentBytes};
	const context = {directoryOffset, limits};
	for (const record of records) {
		const fault = record.name === topFolder ? null : entryNameFault(record.name, nameLimits);
		if (fault !== null) {
			throw archiveFault(fault.code, `The entry ${quoteEntry(record.name)} cannot be used: its name ${fault.words}.`);
		}

		for (const {code, finds} of entryRules) {
			const words = finds(record, context);
			if (words !== null) {
				throw archiveFault(code, `The entry ${quoteEntry(record.name)} ${words}.`);
			}
		}
	}
};

/** The records in the order of their data, which nearly always is the order of the directory. */
export const byPosition = <Item extends {readonly headerOffset: number}>(records: readonly Item[]): readonly Item[] =>
	records.every((record, index) => index === 0 || record.headerOffset >= (records[index - 1]?.headerOffset ?? 0))
		? records
		: [...records].sort((a, b) => a.headerOffset - b.headerOffset);

const checkOverlaps = (records: readonly EntryFacts[]): void => {
	let end = 0;
	for (const {name, headerOffset, nameBytes, compressedBytes} of byPosition(records)) {
		if (headerOffset < end) {
			throw archiveFault('zip-overlap', `The entry ${quoteEntry(name)} overlaps with another one.`);
		}

		end = headerOffset + localHeaderBytes + nameBytes + compressedBytes;
	}
};

const checkTotals = (records: readonly EntryFacts[], {fileBytes, isSealed, limits}: DirectoryFacts): void => {
	const total = records.reduce((sum, {bytes}) => sum + bytes, 0);
	const isBomb = !isSealed && total > limits.totalRatioFromBytes && total > fileBytes * limits.totalRatio;
	if (isBomb || total > limits.totalBytes) {
		throw archiveFault(
			'zip-bomb-total',
			'The archive would unpack to far more than its size lets expect.',
			`${total} bytes`,
		);
	}
};

const fileAndFolder = (name: string): Error =>
	archiveFault('zip-file-and-folder', `The entry ${quoteEntry(name)} is a file and a folder at once.`);

/** Checks that no name is there twice and none is a file and a folder. Returns the entries by name; of OctoPrint's double ones the last. */
const indexNames = <Facts extends EntryFacts>(records: readonly Facts[]): ReadonlyMap<string, Facts> => {
	const index = new Map<string, Facts>();
	for (const record of records) {
		if (index.has(record.name)) {
			if (!record.name.startsWith(listedTwice) || record.type !== 'file') {
				throw archiveFault('zip-duplicate-name', `The entry ${quoteEntry(record.name)} is in the archive twice.`);
			}

			// Deleted first, so that it takes the last one's place in the order.
			index.delete(record.name);
		}

		if (record.name !== topFolder) {
			index.set(record.name, record);
		}
	}

	const folders = new Set<string>();
	for (const {name, type} of index.values()) {
		if (type === 'directory' && index.has(name.slice(0, -1))) {
			throw fileAndFolder(name);
		}

		let slash = name.lastIndexOf('/', name.length - 2);
		while (slash > 0) {
			const folder = name.slice(0, slash);
			if (folders.has(folder)) {
				break;
			}

			folders.add(folder);
			if (index.has(folder)) {
				throw fileAndFolder(folder);
			}

			slash = name.lastIndexOf('/', slash - 1);
		}
	}

	return index;
};

/**
 * Applies all rules to the records of a central directory.
 * @returns the entries by name, duplicates resolved, in the order of the archive.
 * @throws the fault of the first rule broken, `zip-…`
 */
export const checkDirectory = <Facts extends EntryFacts>(
	records: readonly Facts[],
	facts: DirectoryFacts,
): ReadonlyMap<string, Facts> => {
	checkEntries(records, facts);
	checkOverlaps(records);
	checkTotals(records, facts);
	return indexNames(records);
};
