/** The records that end an archive: ZIP64 end record and locator where needed, then the classic end record with the comment. */
import {
	endRecordBytes,
	endRecordSignature,
	max16,
	max32,
	zip64EndRecordBytes,
	zip64EndRecordSignature,
	zip64LocatorBytes,
	zip64LocatorSignature,
} from './zip-format.js';

export type DirectoryPlace = {
	readonly entries: number;
	/** Position of the central directory. */
	readonly offset: number;
	/** Length of the central directory in bytes. */
	readonly bytes: number;
};

/** True when the classic end record cannot hold the numbers. */
export const needsZip64 = ({entries, offset, bytes}: DirectoryPlace): boolean =>
	entries >= max16 || offset >= max32 || bytes >= max32;

/** The ZIP64 end record and its locator, or nothing when the classic end record is enough. */
export const buildZip64Records = (place: DirectoryPlace): Buffer => {
	if (!needsZip64(place)) {
		return Buffer.alloc(0);
	}

	const buffer = Buffer.alloc(zip64EndRecordBytes + zip64LocatorBytes);
	buffer.writeUInt32LE(zip64EndRecordSignature, 0);
	buffer.writeBigUInt64LE(BigInt(zip64EndRecordBytes - 12), 4);
	buffer.writeUInt16LE((3 << 8) | 45, 12);
	buffer.writeUInt16LE(45, 14);
	buffer.writeBigUInt64LE(BigInt(place.entries), 24);
	buffer.writeBigUInt64LE(BigInt(place.entries), 32);
	buffer.writeBigUInt64LE(BigInt(place.bytes), 40);
	buffer.writeBigUInt64LE(BigInt(place.offset), 48);
	buffer.writeUInt32LE(zip64LocatorSignature, zip64EndRecordBytes);
	buffer.writeBigUInt64LE(BigInt(place.offset + place.bytes), zip64EndRecordBytes + 8);
	buffer.writeUInt32LE(1, zip64EndRecordBytes + 16);
	return buffer;
};

/** The classic end record with its comment. */
export const buildEndRecord = ({entries, offset, bytes}: DirectoryPlace, comment: Uint8Array): Buffer => {
	const buffer = Buffer.alloc(endRecordBytes + comment.length);
	buffer.writeUInt32LE(endRecordSignature, 0);
	buffer.writeUInt16LE(Math.min(entries, max16), 8);
	buffer.writeUInt16LE(Math.min(entries, max16), 10);
	buffer.writeUInt32LE(Math.min(bytes, max32), 12);
	buffer.writeUInt32LE(Math.min(offset, max32), 16);
	buffer.writeUInt16LE(comment.length, 20);
	buffer.set(comment, endRecordBytes);
	return buffer;
};
