/** The two headers of an entry as printkeep writes them. */
import {toDosTime} from './dos-time.js';
import {
	centralHeaderBytes,
	centralHeaderSignature,
	extraTimestamp,
	extraUnixOwner,
	extraZip64,
	flagUtf8,
	localHeaderBytes,
	localHeaderSignature,
	max32,
	modeDirectory,
	modeTypeMask,
} from './zip-format.js';

/** What is known of a member before its content is. */
export type Member = {
	/** Entry name; folders end with `/`. */
	readonly name: string;
	/** st_mode, permission bits and type. */
	readonly mode: number;
	/** Milliseconds since the epoch. */
	readonly modifiedAt: number;
	readonly uid: number;
	readonly gid: number;
};

/** What is known of it after. */
export type MemberContent = {
	readonly method: 0 | 8;
	readonly crc32: number;
	readonly compressedBytes: number;
	readonly bytes: number;
};

/** The parts of both headers that do not depend on the content, made once per member. */
export type PreparedMember = {
	readonly name: Buffer;
	readonly flags: number;
	readonly date: number;
	readonly time: number;
	/** Timestamp and owner fields, the same in both headers. */
	readonly extra: Buffer;
	readonly attributes: number;
};

/** A file this close to 4 GiB gets ZIP64 sizes: deflate can make incompressible data a little longer. */
export const zip64FromBytes = max32 - 8 * 1024 * 1024;

const madeByUnix = 3 << 8;
const versionDeflate = 20;
const versionZip64 = 45;
const isAscii = /^[\x00-\x7f]*$/;
/** Owners beyond 32 bits do not exist on Linux; -1 stands for "nobody" there. */
const id32 = (id: number): number => (Number.isInteger(id) && id >= 0 && id <= max32 ? id : max32);

const timestampExtra = (modifiedAt: number): Buffer => {
	const seconds = Math.floor(modifiedAt / 1000);
	if (!(seconds >= -0x80000000 && seconds <= 0x7fffffff)) {
		return Buffer.alloc(0);
	}

	const extra = Buffer.alloc(9);
	extra.writeUInt16LE(extraTimestamp, 0);
	extra.writeUInt16LE(5, 2);
	extra[4] = 1;
	extra.writeInt32LE(seconds, 5);
	return extra;
};

const ownerExtra = (uid: number, gid: number): Buffer => {
	const extra = Buffer.alloc(15);
	extra.writeUInt16LE(extraUnixOwner, 0);
	extra.writeUInt16LE(11, 2);
	extra[4] = 1;
	extra[5] = 4;
	extra.writeUInt32LE(id32(uid), 6);
	extra[10] = 4;
	extra.writeUInt32LE(id32(gid), 11);
	return extra;
};

/** Prepares a member's headers. */
export const prepareMember = ({name, mode, modifiedAt, uid, gid}: Member): PreparedMember => {
	const isDirectory = (mode & modeTypeMask) === modeDirectory;
	return {
		name: Buffer.from(name),
		flags: isAscii.test(name) ? 0 : flagUtf8,
		...toDosTime(modifiedAt),
		extra: Buffer.concat([timestampExtra(modifiedAt), ownerExtra(uid, gid)]),
		// The low byte is for MS-DOS: 0x10 is a folder.
		attributes: (((mode & max32) << 16) | (isDirectory ? 0x10 : 0)) >>> 0,
	};
};

const zip64Extra = (values: readonly number[]): Buffer => {
	const extra = Buffer.alloc(4 + 8 * values.length);
	extra.writeUInt16LE(extraZip64, 0);
	extra.writeUInt16LE(8 * values.length, 2);
	for (const [index, value] of values.entries()) {
		extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
	}

	return extra;
};

/**
 * The local header. It has the same length whatever the content, so that it can be written before and patched after.
 * @param zip64 reserves room for sizes of 4 GiB and more.
 */
export const buildLocalHeader = (member: PreparedMember, content: MemberContent, zip64: boolean): Buffer => {
	const sizes = zip64 ? zip64Extra([content.bytes, content.compressedBytes]) : Buffer.alloc(0);
	const header = Buffer.allocUnsafe(localHeaderBytes + member.name.length + sizes.length + member.extra.length);
	header.writeUInt32LE(localHeaderSignature, 0);
	header.writeUInt16LE(zip64 ? versionZip64 : versionDeflate, 4);
	header.writeUInt16LE(member.flags, 6);
	header.writeUInt16LE(content.method, 8);
	header.writeUInt16LE(member.time, 10);
	header.writeUInt16LE(member.date, 12);
	header.writeUInt32LE(content.crc32, 14);
	header.writeUInt32LE(zip64 ? max32 : content.compressedBytes, 18);
	header.writeUInt32LE(zip64 ? max32 : content.bytes, 22);
	header.writeUInt16LE(member.name.length, 26);
	header.writeUInt16LE(sizes.length + member.extra.length, 28);
	header.set(member.name, localHeaderBytes);
	header.set(sizes, localHeaderBytes + member.name.length);
	header.set(member.extra, localHeaderBytes + member.name.length + sizes.length);
	return header;
};

/**
 * The record for the central directory.
 * @param offset position of the local header.
 * @param zip64 as given to the local header: says the same version there and here.
 */
export const buildCentralHeader = (
	member: PreparedMember,
	content: MemberContent,
	offset: number,
	zip64: boolean,
): Buffer => {
	const large = [content.bytes, content.compressedBytes, offset].filter(value => value >= max32);
	const sizes = large.length > 0 ? zip64Extra(large) : Buffer.alloc(0);
	const version = zip64 || large.length > 0 ? versionZip64 : versionDeflate;
	const header = Buffer.allocUnsafe(centralHeaderBytes + member.name.length + sizes.length + member.extra.length);
	header.writeUInt32LE(centralHeaderSignature, 0);
	header.writeUInt16LE(madeByUnix | version, 4);
	header.writeUInt16LE(version, 6);
	header.writeUInt16LE(member.flags, 8);
	header.writeUInt16LE(content.method, 10);
	header.writeUInt16LE(member.time, 12);
	header.writeUInt16LE(member.date, 14);
	header.writeUInt32LE(content.crc32, 16);
	header.writeUInt32LE(Math.min(content.compressedBytes, max32), 20);
	header.writeUInt32LE(Math.min(content.bytes, max32), 24);
	header.writeUInt16LE(member.name.length, 28);
	header.writeUInt16LE(sizes.length + member.extra.length, 30);
	// No comment, disk 0, no internal attributes.
	header.fill(0, 32, 38);
	header.writeUInt32LE(member.attributes, 38);
	header.writeUInt32LE(Math.min(offset, max32), 42);
	header.set(member.name, centralHeaderBytes);
	header.set(sizes, centralHeaderBytes + member.name.length);
	header.set(member.extra, centralHeaderBytes + member.name.length + sizes.length);
	return header;
};

export type RecordPlace = {readonly offset: number; readonly compressedBytes: number; readonly bytes: number};

/** Where a directory record says its entry begins, and how long it is. */
export const recordPlace = (record: Buffer): RecordPlace => {
	const values = [record.readUInt32LE(24), record.readUInt32LE(20), record.readUInt32LE(42)];
	if (values.includes(max32)) {
		const field = findZip64(record);
		let position = field.start + 4;
		for (const [index, value] of values.entries()) {
			if (value === max32) {
				values[index] = Number(record.readBigUInt64LE(position));
				position += 8;
			}
		}
	}

	const [bytes = 0, compressedBytes = 0, offset = 0] = values;
	return {offset, compressedBytes, bytes};
};

/** The same of the record that begins at a position. */
export const placeInDirectory = (directory: Buffer, start: number): RecordPlace => {
	const bytes = directory.readUInt32LE(start + 24);
	const compressedBytes = directory.readUInt32LE(start + 20);
	const offset = directory.readUInt32LE(start + 42);
	return bytes === max32 || compressedBytes === max32 || offset === max32
		? recordPlace(directory.subarray(start))
		: {offset, compressedBytes, bytes};
};

/** The ZIP64 field of a record printkeep wrote; an empty range after the name when it has none. */
const findZip64 = (record: Buffer): {readonly start: number; readonly end: number} => {
	const start = centralHeaderBytes + record.readUInt16LE(28);
	const hasField = record.readUInt16LE(30) >= 4 && record.readUInt16LE(start) === extraZip64;
	return {start, end: hasField ? start + 4 + record.readUInt16LE(start + 2) : start};
};

/**
 * A directory record of printkeep's with another offset, whatever the size of either.
 * @param record one that buildCentralHeader made.
 */
export const moveRecord = (record: Buffer, offset: number): Buffer => {
	const {bytes, compressedBytes} = recordPlace(record);
	const {start, end} = findZip64(record);
	const large = [bytes, compressedBytes, offset].filter(value => value >= max32);
	const field = large.length > 0 ? zip64Extra(large) : Buffer.alloc(0);
	const moved = Buffer.concat([record.subarray(0, start), field, record.subarray(end)]);
	const version = large.length > 0 ? versionZip64 : bytes >= zip64FromBytes ? versionZip64 : versionDeflate;
	moved.writeUInt16LE(madeByUnix | version, 4);
	moved.writeUInt16LE(version, 6);
	moved.writeUInt16LE(record.readUInt16LE(30) - (end - start) + field.length, 30);
	moved.writeUInt32LE(Math.min(offset, max32), 42);
	return moved;
};
