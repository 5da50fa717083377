/** Finds where an archive's central directory is, and refuses every file about which two readers could disagree. */
import type {DirectoryPlace} from './end-record.js';
import {archiveFault, notAZip, truncated} from './errors.js';
import {readRange} from './pread.js';
import {
	centralHeaderSignature,
	endRecordBytes,
	max16,
	max32,
	zip64EndRecordBytes,
	zip64EndRecordSignature,
	zip64LocatorBytes,
	zip64LocatorSignature,
} from './zip-format.js';

export type EndRecord = {
	/** Position of the classic end record; the seal covers every byte before it. */
	readonly offset: number;
	readonly comment: Buffer;
	readonly directory: DirectoryPlace;
};

const quickTailBytes = 4096;
const signatureBytes = Buffer.from('PK\u0005\u0006', 'latin1');
const firstBytes = Buffer.from('PK\u0003\u0004', 'latin1');

/** All places in the tail where an end record could stand, last first. */
const candidates = (tail: Buffer): readonly number[] => {
	const found: number[] = [];
	let from = tail.length - endRecordBytes;
	while (from >= 0) {
		const at = tail.lastIndexOf(signatureBytes, from);
		if (at === -1) {
			break;
		}

		found.push(at);
		from = at - 1;
	}

	return found;
};

const endsExactly = (tail: Buffer, at: number): boolean =>
	at + endRecordBytes + tail.readUInt16LE(at + 20) === tail.length;

/** Says in words why there is no usable end record. */
const explainMissing = (descriptor: number, fileBytes: number, tail: Buffer, found: readonly number[]): Error => {
	if (fileBytes === 0) {
		return truncated('The file is empty.');
	}

	const head = readRange(descriptor, 0, Math.min(4, fileBytes));
	if (found.some(at => at + endRecordBytes + tail.readUInt16LE(at + 20) > tail.length)) {
		return truncated('The archive is cut off inside its last record.');
	}

	if (found.length > 0) {
		return archiveFault('zip-trailing-data', 'There are bytes after the end of the archive, or its end is missing.');
	}

	return head.equals(firstBytes.subarray(0, head.length))
		? truncated('The archive is cut off: the list of its contents at the end is missing.')
		: notAZip('The file is not a ZIP archive.');
};

/** An unsigned 64-bit number that lies inside the file. @throws zip64-number */
const checkedNumber = (value: bigint, fileBytes: number, what: string): number => {
	if (value > BigInt(fileBytes)) {
		throw archiveFault('zip64-number', `The archive's ${what} points outside of the file.`);
	}

	return Number(value);
};

/** Says where the bytes are that belong to no entry: a list of contents that lies later than it says has something in front of the whole archive. */
const explainUnclaimed = (descriptor: number, {offset, bytes}: DirectoryPlace, directoryEnd: number): Error => {
	const isMoved =
		bytes >= 4 && readRange(descriptor, directoryEnd - bytes, 4).readUInt32LE(0) === centralHeaderSignature;
	return isMoved
		? archiveFault('zip-prefix', `There are ${directoryEnd - bytes - offset} bytes in front of the archive.`)
		: archiveFault('zip-gap', 'There are bytes inside the archive that belong to no entry.');
};

type Classic = {
	readonly entriesHere: number;
	readonly entries: number;
	readonly bytes: number;
	readonly offset: number;
};

const readZip64 = (
	descriptor: number,
	fileBytes: number,
	locator: Buffer,
	locatorOffset: number,
	classic: Classic,
): DirectoryPlace & {readonly recordOffset: number} => {
	if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) > 1) {
		throw archiveFault('zip-multi-disk', 'The archive is split over several files.');
	}

	const recordOffset = checkedNumber(locator.readBigUInt64LE(8), fileBytes, 'ZIP64 end record');
	if (recordOffset + zip64EndRecordBytes !== locatorOffset) {
		throw archiveFault('zip64-end', 'The archive’s ZIP64 end record is not where it must be.');
	}

	const record = readRange(descriptor, recordOffset, zip64EndRecordBytes);
	if (
		record.readUInt32LE(0) !== zip64EndRecordSignature ||
		record.readBigUInt64LE(4) !== BigInt(zip64EndRecordBytes - 12)
	) {
		throw archiveFault('zip64-end', 'The archive’s ZIP64 end record is damaged.');
	}

	if (record.readUInt32LE(16) !== 0 || record.readUInt32LE(20) !== 0) {
		throw archiveFault('zip-multi-disk', 'The archive is split over several files.');
	}

	const entries = checkedNumber(record.readBigUInt64LE(32), fileBytes, 'number of entries');
	const bytes = checkedNumber(record.readBigUInt64LE(40), fileBytes, 'directory');
	const offset = checkedNumber(record.readBigUInt64LE(48), fileBytes, 'directory');
	const agrees =
		record.readBigUInt64LE(24) === BigInt(entries) &&
		[max16, entries].includes(classic.entriesHere) &&
		[max16, entries].includes(classic.entries) &&
		[max32, bytes].includes(classic.bytes) &&
		[max32, offset].includes(classic.offset);
	if (!agrees) {
		throw archiveFault('zip64-end', 'The archive’s two end records contradict each other.');
	}

	return {entries, bytes, offset, recordOffset};
};

/**
 * Finds the end record of an open file.
 * @param quick reads only the last 4 KB when the end record is there, and trusts that there is no second one before; for lists.
 * @throws not-a-zip, archive-truncated, archive-damaged, zip-trailing-data, zip-several-ends, zip-multi-disk, zip-outside, zip-prefix, zip-gap, zip64-…
 */
export const findEndRecord = (descriptor: number, fileBytes: number, quick = false): EndRecord => {
	const fullTailBytes = Math.min(fileBytes, endRecordBytes + max16);
	let tail = readRange(
		descriptor,
		fileBytes - Math.min(fullTailBytes, quick ? quickTailBytes : fullTailBytes),
		Math.min(fullTailBytes, quick ? quickTailBytes : fullTailBytes),
	);
	let found = candidates(tail);
	let exact = found.filter(at => endsExactly(tail, at));
	if (exact.length === 0 && tail.length < fullTailBytes) {
		tail = readRange(descriptor, fileBytes - fullTailBytes, fullTailBytes);
		found = candidates(tail);
		exact = found.filter(at => endsExactly(tail, at));
	}

	const [at] = exact;
	if (at === undefined) {
		throw explainMissing(descriptor, fileBytes, tail, found);
	}

	// Many programs take the last signature they find, also one inside the comment.
	if (exact.length > 1 || found.some(other => other > at)) {
		throw archiveFault(
			'zip-several-ends',
			'The archive has two end records, so that programs could disagree about what is in it.',
		);
	}

	const offset = fileBytes - tail.length + at;
	const comment = Buffer.from(tail.subarray(at + endRecordBytes));
	const disks = [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)];
	const classic: Classic = {
		entriesHere: tail.readUInt16LE(at + 8),
		entries: tail.readUInt16LE(at + 10),
		bytes: tail.readUInt32LE(at + 12),
		offset: tail.readUInt32LE(at + 16),
	};
	const locatorOffset = offset - zip64LocatorBytes;
	const locator = locatorOffset < 0 ? null : readRange(descriptor, locatorOffset, zip64LocatorBytes);
	const isZip64 = locator !== null && locator.readUInt32LE(0) === zip64LocatorSignature;
	if (disks.some(disk => disk !== 0 && !(isZip64 && disk === max16))) {
		throw archiveFault('zip-multi-disk', 'The archive is split over several files.');
	}

	let directory: DirectoryPlace;
	let directoryEnd = offset;
	if (isZip64) {
		const {recordOffset, ...place} = readZip64(descriptor, fileBytes, locator, locatorOffset, classic);
		directory = place;
		directoryEnd = recordOffset;
	} else {
		if (classic.bytes === max32 || classic.offset === max32) {
			throw archiveFault('zip64-end', 'The archive’s ZIP64 end record is missing.');
		}

		if (classic.entriesHere !== classic.entries) {
			throw archiveFault('zip-multi-disk', 'The archive is split over several files.');
		}

		directory = classic;
	}

	const actualEnd = directory.offset + directory.bytes;
	if (actualEnd > directoryEnd) {
		throw archiveFault('zip-outside', 'The archive’s list of contents does not lie where its end record says.');
	}

	if (actualEnd < directoryEnd) {
		throw explainUnclaimed(descriptor, directory, directoryEnd);
	}

	return {offset, comment, directory: {entries: directory.entries, offset: directory.offset, bytes: directory.bytes}};
};
