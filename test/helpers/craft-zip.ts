/** The raw record writer: makes ZIP files by hand, record by record, with anything wrong that a test wants wrong. */
import {createHash} from 'node:crypto';
import {crc32, deflateRawSync} from 'node:zlib';

export type CraftedEntry = {
	readonly name: string | Buffer;
	readonly data?: string | Buffer;
	/** The bytes stored, when they are not made of `data`. */
	readonly packed?: Buffer;
	readonly method?: number;
	readonly flags?: number;
	readonly mode?: number;
	readonly host?: number;
	readonly extra?: Buffer;
	readonly date?: number;
	/** Low half of the external attributes, MS-DOS's own. */
	readonly dosAttributes?: number;
	/** Comment of the entry. */
	readonly comment?: Buffer;
	/** Fields of the central record that differ from what is true. */
	readonly central?: Partial<{
		name: string | Buffer;
		crc32: number;
		compressedBytes: number;
		bytes: number;
		offset: number;
		disk: number;
		method: number;
		flags: number;
		extra: Buffer;
	}>;
	/** Fields of the local header that differ. */
	readonly local?: Partial<{
		name: string | Buffer;
		crc32: number;
		compressedBytes: number;
		bytes: number;
		method: number;
		flags: number;
		extra: Buffer;
	}>;
	/** Bytes between this entry's data and the next. */
	readonly after?: Buffer;
};

export type CraftOptions = {
	readonly before?: Buffer;
	/** Bytes between the last entry and the central directory. */
	readonly gap?: Buffer;
	readonly trailing?: Buffer;
	/** Of the archive; given the hash of all bytes before the end record when it is a function. */
	readonly comment?: Buffer | ((sha256: string) => Buffer);
	/** Bytes between the central directory and the end record. */
	readonly zip64?: Buffer;
	readonly end?: Partial<{
		disk: number;
		directoryDisk: number;
		entriesHere: number;
		entries: number;
		bytes: number;
		offset: number;
		commentBytes: number;
	}>;
};

const bytesOf = (text: string | Buffer): Buffer => (typeof text === 'string' ? Buffer.from(text) : text);

/** An extra field. */
export const extraField = (id: number, data: Buffer): Buffer => {
	const head = Buffer.alloc(4);
	head.writeUInt16LE(id, 0);
	head.writeUInt16LE(data.length, 2);
	return Buffer.concat([head, data]);
};

/** 64-bit numbers, little endian. */
export const wide = (...values: readonly (bigint | number)[]): Buffer => {
	const buffer = Buffer.alloc(8 * values.length);
	for (const [index, value] of values.entries()) {
		buffer.writeBigUInt64LE(BigInt(value), 8 * index);
	}

	return buffer;
};

/** 32-bit numbers, little endian. */
export const words = (...values: readonly number[]): Buffer => {
	const buffer = Buffer.alloc(4 * values.length);
	for (const [index, value] of values.entries()) {
		buffer.writeUInt32LE(value, 4 * index);
	}

	return buffer;
};

/** ZIP64 end record and locator. */
export const zip64Records = (
	{
		entries,
		bytes,
		offset,
		recordOffset,
	}: {readonly entries: bigint; readonly bytes: bigint; readonly offset: bigint; readonly recordOffset: bigint},
	size = 44n,
): Buffer => {
	const record = Buffer.alloc(56);
	record.writeUInt32LE(0x06064b50, 0);
	record.writeBigUInt64LE(size, 4);
	record.writeUInt16LE(45, 12);
	record.writeUInt16LE(45, 14);
	wide(entries, entries, bytes, offset).copy(record, 24);
	return Buffer.concat([record, zip64Locator(recordOffset)]);
};

export const zip64Locator = (recordOffset: bigint): Buffer =>
	Buffer.concat([words(0x07064b50, 0), wide(recordOffset), words(1)]);

export const endRecord = (
	{entries, bytes, offset}: {readonly entries: number; readonly bytes: number; readonly offset: number},
	comment: Buffer = Buffer.alloc(0),
	end: CraftOptions['end'] = {},
): Buffer => {
	const record = Buffer.alloc(22);
	record.writeUInt32LE(0x06054b50, 0);
	record.writeUInt16LE(end.disk ?? 0, 4);
	record.writeUInt16LE(end.directoryDisk ?? 0, 6);
	record.writeUInt16LE(end.entriesHere ?? end.entries ?? entries, 8);
	record.writeUInt16LE(end.entries ?? entries, 10);
	record.writeUInt32LE(end.bytes ?? bytes, 12);
	record.writeUInt32LE(end.offset ?? offset, 16);
	record.writeUInt16LE(end.commentBytes ?? comment.length, 20);
	return Buffer.concat([record, comment]);
};

/** A whole archive. */
export const craftZip = (entries: readonly CraftedEntry[], options: CraftOptions = {}): Buffer => {
	const pieces: Buffer[] = [options.before ?? Buffer.alloc(0)];
	const records: Buffer[] = [];
	let position = pieces[0]?.length ?? 0;
	const push = (bytes: Buffer): void => {
		pieces.push(bytes);
		position += bytes.length;
	};

	for (const entry of entries) {
		const data = bytesOf(entry.data ?? '');
		const method = entry.method ?? 0;
		const packed = entry.packed ?? (method === 8 ? deflateRawSync(data) : data);
		const truth = {
			name: entry.name,
			crc32: crc32(data),
			compressedBytes: packed.length,
			bytes: data.length,
			method,
			flags: entry.flags ?? 0,
			extra: entry.extra ?? Buffer.alloc(0),
		};
		const local = {...truth, ...entry.local};
		const central = {...truth, offset: position, disk: 0, ...entry.central};
		const localName = bytesOf(local.name);
		const header = Buffer.alloc(30);
		header.writeUInt32LE(0x04034b50, 0);
		header.writeUInt16LE(20, 4);
		header.writeUInt16LE(local.flags, 6);
		header.writeUInt16LE(local.method, 8);
		header.writeUInt16LE(entry.date ?? 0x5a21, 12);
		header.writeUInt32LE(local.crc32, 14);
		header.writeUInt32LE(local.compressedBytes, 18);
		header.writeUInt32LE(local.bytes, 22);
		header.writeUInt16LE(localName.length, 26);
		header.writeUInt16LE(local.extra.length, 28);
		push(header);
		push(localName);
		push(local.extra);
		push(packed);
		push(entry.after ?? Buffer.alloc(0));

		const centralName = bytesOf(central.name);
		const record = Buffer.alloc(46);
		record.writeUInt32LE(0x02014b50, 0);
		record.writeUInt8(20, 4);
		record.writeUInt8(entry.host ?? 3, 5);
		record.writeUInt16LE(20, 6);
		record.writeUInt16LE(central.flags, 8);
		record.writeUInt16LE(central.method, 10);
		record.writeUInt16LE(entry.date ?? 0x5a21, 14);
		record.writeUInt32LE(central.crc32, 16);
		record.writeUInt32LE(central.compressedBytes, 20);
		record.writeUInt32LE(central.bytes, 24);
		record.writeUInt16LE(centralName.length, 28);
		record.writeUInt16LE(central.extra.length, 30);
		record.writeUInt16LE(central.disk, 34);
		record.writeUInt16LE(entry.comment?.length ?? 0, 32);
		record.writeUInt32LE(((((entry.mode ?? 0o100644) << 16) >>> 0) % 2 ** 32) + (entry.dosAttributes ?? 0), 38);
		record.writeUInt32LE(central.offset, 42);
		records.push(record, centralName, central.extra, entry.comment ?? Buffer.alloc(0));
	}

	push(options.gap ?? Buffer.alloc(0));
	const offset = position;
	const directory = Buffer.concat(records);
	push(directory);
	push(options.zip64 ?? Buffer.alloc(0));
	const comment =
		typeof options.comment === 'function'
			? options.comment(createHash('sha256').update(Buffer.concat(pieces)).digest('hex'))
			: options.comment;
	push(endRecord({entries: entries.length, bytes: directory.length, offset}, comment, options.end));
	push(options.trailing ?? Buffer.alloc(0));
	return Buffer.concat(pieces);
};
