/** That an archive is nothing but its entries: no byte before, between or after them that belongs to none. */
import {byPosition} from './checks.js';
import type {Directory, DirectoryRecord} from './directory.js';
import {archiveFault, quoteEntry} from './errors.js';
import {checkGap} from './local-header.js';
import {type ReadSource, readLocalHeader} from './read-record.js';

/** The longest data descriptor. */
const longestGapBytes = 24;

/**
 * Checks what lies between the end of an entry's data and the next entry, or the central directory.
 * @throws zip-overlap, zip-gap, zip-descriptor
 */
export const checkAfter = (source: ReadSource, record: DirectoryRecord, end: number, next: number): void => {
	if (end > next) {
		throw archiveFault('zip-overlap', `The entry ${quoteEntry(record.name)} overlaps with another one.`);
	}

	if (next - end > longestGapBytes) {
		throw archiveFault(
			'zip-gap',
			`There are ${next - end} bytes after the entry ${quoteEntry(record.name)} that belong to no entry.`,
		);
	}

	checkGap(source.window.view(end, next - end), record);
};

/** Checks that nothing stands before the first entry. @param start its position. @throws zip-prefix */
export const checkStart = (start: number): void => {
	if (start !== 0) {
		throw archiveFault('zip-prefix', `There are ${start} bytes in front of the archive's first entry.`);
	}
};

/**
 * Compares every local header with the list of contents, and checks the places between the entries.
 * @throws zip-prefix, zip-gap, zip-overlap, zip-descriptor, zip-local-mismatch and the like; what `breathe` throws
 */
export const checkStructure = async (
	source: ReadSource,
	directory: Directory,
	breathe: () => Promise<void>,
): Promise<void> => {
	const order = byPosition(directory);
	const startOf = (index: number): number => directory.headerOffsets[order[index] ?? -1] ?? source.directoryOffset;
	checkStart(startOf(0));
	for (const [index, number] of order.entries()) {
		await breathe();
		const record = directory.record(number);
		const end = readLocalHeader(source, record) + record.compressedBytes;
		checkAfter(source, record, end, startOf(index + 1));
	}
};
