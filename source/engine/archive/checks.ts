/**
 * What an archive may contain. Everything here is decided from the central directory, before a byte of content is read; one bad entry refuses the
 * archive, because skipping it would restore something that nobody backed up.
 */
import type {DirectoryRecord} from './directory.js';
import {damaged, quoteEntry, refused} from './errors.js';
import type {ArchiveLimits} from './limits.js';
import {entryNameProblem} from './names.js';
import {
	flagEncrypted,
	flagMaskedHeaders,
	flagStrongEncryption,
	knownFlags,
	localHeaderBytes,
	methodDeflated,
	methodStored,
	modeDirectory,
	modeLink,
	modeRegular,
	modeTypeMask,
} from './zip-format.js';

/** OctoPrint lists the pictures of a running time lapse twice, once for each of two nested folders. */
const listedTwice = 'basedir/timelapse/tmp/';
/** bsdtar lists the folder it packs; it says nothing. */
const topFolder = './';
const ratioFromBytes = 1024 * 1024;

const methodNames: Readonly<Record<number, string>> = {
	1: 'Shrink',
	6: 'Implode',
	9: 'Deflate64',
	12: 'bzip2',
	14: 'LZMA',
	20: 'Zstandard',
	93: 'Zstandard',
	95: 'XZ',
	98: 'PPMd',
	99: 'AES encryption',
};

const checkMethod = (
	{name, flags, rawMethod, bytes, compressedBytes}: DirectoryRecord,
	{entryRatio}: ArchiveLimits,
): void => {
	if ((flags & (flagEncrypted | flagStrongEncryption | flagMaskedHeaders)) !== 0 || rawMethod === 99) {
		throw refused(`The entry ${quoteEntry(name)} is encrypted.`);
	}

	if ((flags & ~knownFlags) !== 0) {
		throw refused(
			`The entry ${quoteEntry(name)} uses features that ordinary ZIP archives do not have.`,
			`flags ${flags}`,
		);
	}

	if (rawMethod !== methodStored && rawMethod !== methodDeflated) {
		throw refused(
			`The entry ${quoteEntry(name)} is compressed with ${methodNames[rawMethod] ?? `method ${rawMethod}`}, which printkeep does not read.`,
		);
	}

	if (rawMethod === methodStored && bytes !== compressedBytes) {
		throw damaged(`The entry ${quoteEntry(name)} has two different sizes.`);
	}

	if (bytes > ratioFromBytes && bytes > compressedBytes * entryRatio) {
		throw refused(`The entry ${quoteEntry(name)} claims to unpack to more than is possible.`);
	}
};

const checkType = ({name, type, rawMode, bytes, compressedBytes}: DirectoryRecord): void => {
	const fileType = rawMode & modeTypeMask;
	if (fileType === modeLink) {
		throw refused(`The entry ${quoteEntry(name)} is a symbolic link.`);
	}

	if (fileType !== 0 && fileType !== modeRegular && fileType !== modeDirectory) {
		throw refused(`The entry ${quoteEntry(name)} is a device, a pipe or a socket.`);
	}

	if (type === 'directory' ? fileType === modeRegular : fileType === modeDirectory) {
		throw refused(`The entry ${quoteEntry(name)} is a file and a folder at once.`);
	}

	if (type === 'directory' && (bytes !== 0 || compressedBytes !== 0)) {
		throw refused(`The folder ${quoteEntry(name)} has content like a file.`);
	}
};

/** Checks every entry on its own. @throws archive-refused, archive-damaged */
const checkEntries = (
	records: readonly DirectoryRecord[],
	directoryOffset: number,
	isSealed: boolean,
	limits: ArchiveLimits,
): void => {
	const nameLimits = isSealed ? limits : {...limits, segmentBytes: limits.foreignSegmentBytes};
	for (const record of records) {
		const problem = record.name === topFolder ? null : entryNameProblem(record.name, nameLimits);
		if (problem !== null) {
			throw refused(`The entry ${quoteEntry(record.name)} cannot be used: its name ${problem}.`);
		}

		checkMethod(record, limits);
		checkType(record);
		if (record.headerOffset + localHeaderBytes + record.nameBytes + record.compressedBytes > directoryOffset) {
			throw damaged(`The entry ${quoteEntry(record.name)} lies outside of the archive.`);
		}
	}
};

/** The records in the order of their data, which nearly always is the order of the directory. */
export const byPosition = <Item extends {readonly headerOffset: number}>(records: readonly Item[]): readonly Item[] =>
	records.every((record, index) => index === 0 || record.headerOffset >= (records[index - 1]?.headerOffset ?? 0))
		? records
		: [...records].sort((a, b) => a.headerOffset - b.headerOffset);

const checkOverlaps = (records: readonly DirectoryRecord[]): void => {
	let end = 0;
	for (const {name, headerOffset, nameBytes, compressedBytes} of byPosition(records)) {
		if (headerOffset < end) {
			throw refused(`The entry ${quoteEntry(name)} overlaps with another one.`);
		}

		end = headerOffset + localHeaderBytes + nameBytes + compressedBytes;
	}
};

const checkTotals = (
	records: readonly DirectoryRecord[],
	fileBytes: number,
	isSealed: boolean,
	limits: ArchiveLimits,
): void => {
	const total = records.reduce((sum, {bytes}) => sum + bytes, 0);
	const isBomb = !isSealed && total > limits.totalRatioFromBytes && total > fileBytes * limits.totalRatio;
	if (isBomb || total > limits.totalBytes) {
		throw refused('The archive would unpack to far more than its size lets expect.', `${total} bytes`);
	}
};

/** Checks that no name is there twice and none is a file and a folder. Returns the entries by name; of OctoPrint's double ones the last. */
const indexNames = (records: readonly DirectoryRecord[]): ReadonlyMap<string, DirectoryRecord> => {
	const index = new Map<string, DirectoryRecord>();
	for (const record of records) {
		if (index.has(record.name)) {
			if (!record.name.startsWith(listedTwice) || record.type !== 'file') {
				throw refused(`The entry ${quoteEntry(record.name)} is in the archive twice.`);
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
			throw refused(`The entry ${quoteEntry(name)} is a file and a folder at once.`);
		}

		let slash = name.lastIndexOf('/', name.length - 2);
		while (slash > 0) {
			const folder = name.slice(0, slash);
			if (folders.has(folder)) {
				break;
			}

			folders.add(folder);
			if (index.has(folder)) {
				throw refused(`The entry ${quoteEntry(folder)} is a file and a folder at once.`);
			}

			slash = name.lastIndexOf('/', slash - 1);
		}
	}

	return index;
};

/**
 * Applies all rules to a central directory.
 * @param directoryOffset position of the central directory; all entries lie before it.
 * @param isSealed true when the archive says it is printkeep's own.
 * @returns the entries by name, duplicates resolved, in the order of the archive.
 * @throws archive-refused, archive-damaged
 */
export const checkDirectory = (
	records: readonly DirectoryRecord[],
	{
		directoryOffset,
		fileBytes,
		isSealed,
		limits,
	}: {
		readonly directoryOffset: number;
		readonly fileBytes: number;
		readonly isSealed: boolean;
		readonly limits: ArchiveLimits;
	},
): ReadonlyMap<string, DirectoryRecord> => {
	checkEntries(records, directoryOffset, isSealed, limits);
	checkOverlaps(records);
	checkTotals(records, fileBytes, isSealed, limits);
	return indexNames(records);
};
