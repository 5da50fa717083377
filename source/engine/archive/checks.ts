/**
 * What an archive may contain. Everything here is decided from the central directory, before a byte of content is read; one bad entry refuses the
 * archive, because skipping it would restore something that nobody backed up.
 */
import {type Directory, type DirectoryRecord, readDirectory} from './directory.js';
import type {DirectoryBytes} from './directory-bytes.js';
import type {DirectoryPlace} from './end-record.js';
import {type EntryFacts, entryRules} from './entry-rules.js';
import {archiveFault, quoteEntry} from './errors.js';
import type {ArchiveLimits} from './limits.js';
import {createNameIndex, type NameIndex} from './name-index.js';
import {entryNameFault} from './names.js';
import {createPlainRecords} from './plain-record.js';
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

const nameLimitsOf = ({isSealed, limits}: DirectoryFacts): ArchiveLimits =>
	isSealed ? limits : {...limits, segmentBytes: limits.foreignSegmentBytes};

/** Makes the check of an entry on its own, first its name, then all else: the fault of the first rule broken, or null. */
const createEntryCheck = (facts: DirectoryFacts): ((record: EntryFacts) => Error | null) => {
	const {directoryOffset, limits} = facts;
	const nameLimits = nameLimitsOf(facts);
	const context = {directoryOffset, limits};
	return record => {
		const fault = record.name === topFolder ? null : entryNameFault(record.name, nameLimits);
		if (fault !== null) {
			return archiveFault(fault.code, `The entry ${quoteEntry(record.name)} cannot be used: its name ${fault.words}.`);
		}

		for (const {code, finds} of entryRules) {
			const words = finds(record, context);
			if (words !== null) {
				return archiveFault(code, `The entry ${quoteEntry(record.name)} ${words}.`);
			}
		}

		return null;
	};
};

/** The records' numbers in the order of their data, which nearly always is the order of the directory. */
export const byPosition = ({headerOffsets}: Pick<Directory, 'headerOffsets'>): Uint32Array => {
	const numbers = new Uint32Array(headerOffsets.length);
	let isOrdered = true;
	let last = 0;
	for (let number = 0; number < numbers.length; number++) {
		const offset = headerOffsets[number] ?? 0;
		isOrdered &&= offset >= last;
		last = offset;
		numbers[number] = number;
	}

	return isOrdered ? numbers : numbers.sort((a, b) => (headerOffsets[a] ?? 0) - (headerOffsets[b] ?? 0) || a - b);
};

const checkOverlaps = (directory: Directory): void => {
	const {nameOf, nameBytesOf, headerOffsets, packedSizes} = directory;
	const order = byPosition(directory);
	let end = 0;
	for (let index = 0; index < order.length; index++) {
		const number = order[index] ?? 0;
		const offset = headerOffsets[number] ?? 0;
		if (offset < end) {
			throw archiveFault('zip-overlap', `The entry ${quoteEntry(nameOf(number))} overlaps with another one.`);
		}

		end = offset + localHeaderBytes + nameBytesOf(number) + (packedSizes[number] ?? 0);
	}
};

const checkTotals = ({sizes}: Directory, {fileBytes, isSealed, limits}: DirectoryFacts): void => {
	const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
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
const indexNames = ({length, nameOf, nameHashes}: Directory): NameIndex => {
	const index = createNameIndex(length, nameOf, nameHashes);
	for (let number = 0; number < length; number++) {
		if (nameHashes[number] === 0 && nameOf(number) === topFolder) {
			continue;
		}

		if (index.set(number) !== undefined) {
			const name = nameOf(number);
			if (!name.startsWith(listedTwice) || name.endsWith('/')) {
				throw archiveFault('zip-duplicate-name', `The entry ${quoteEntry(name)} is in the archive twice.`);
			}
		}
	}

	const folders = new Set<string>();
	let last = '';
	for (const number of index.numbers()) {
		const name = nameOf(number);
		if (name.endsWith('/') && index.has(name.slice(0, -1))) {
			throw fileAndFolder(name);
		}

		let slash = name.lastIndexOf('/', name.length - 2);
		// Nearly always the folder is that of the entry before.
		if (slash === last.length - 1 && name.startsWith(last)) {
			continue;
		}

		last = name.slice(0, slash + 1);
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

export type CheckedDirectory = {
	readonly directory: Directory;
	/** The records by name, duplicates resolved. */
	readonly index: NameIndex;
};

/**
 * Reads a central directory and applies all rules to its records.
 * @throws what a record cannot be read for, else the fault of the first rule broken, `zip-…`
 */
export const readCheckedDirectory = (
	bytes: DirectoryBytes,
	entries: number,
	facts: DirectoryFacts,
): CheckedDirectory => {
	const check = createEntryCheck(facts);
	let fault: Error | null = null;
	const directory = readDirectory(
		bytes,
		entries,
		(record: DirectoryRecord) => {
			fault ??= check(record);
		},
		createPlainRecords({
			directoryOffset: facts.directoryOffset,
			limits: nameLimitsOf(facts),
		}),
	);
	// Thrown only now: a list that cannot be read at all is the greater fault.
	if (fault) {
		throw fault;
	}

	checkOverlaps(directory);
	checkTotals(directory, facts);
	return {directory, index: indexNames(directory)};
};
