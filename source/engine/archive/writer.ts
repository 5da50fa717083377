/**
 * Writes printkeep's archives, one member after the other: no data descriptors, ZIP64 only where it is needed, Unix modes, times and owners.
 * Ordinary enough for every unzip there is, and for OctoPrint's own restore.
 */
import {createHash, hash} from 'node:crypto';
import {crc32} from 'node:zlib';
import {PrintkeepError} from '../../errors.js';
import {cancelledError} from '../breathe.js';
import type {Disk} from '../disk.js';
import {createByteList} from './byte-list.js';
import {encodeComment, type UnsealedComment} from './comment.js';
import {createDeflater, deflateSmaller, seemsCompressible} from './compress.js';
import {buildEndRecord, buildZip64Records} from './end-record.js';
import {quoteEntry} from './errors.js';
import {createFileReader, fileChunkBytes} from './file-reader.js';
import {
	buildCentralHeader,
	buildLocalHeader,
	type Member,
	type MemberContent,
	type PreparedMember,
	prepareMember,
} from './member-headers.js';
import {entryNameProblem} from './names.js';
import {createOutput} from './output.js';
import {max32, methodDeflated, methodStored} from './zip-format.js';

export type {Member} from './member-headers.js';

/** What a member became. */
export type WrittenMember = {
	/** Bytes of content. */
	readonly bytes: number;
	readonly compressedBytes: number;
	readonly crc32: number;
	/** Hex SHA-256 of the content. */
	readonly sha256: string;
};

/** A place in the archive to go back to. */
export type WriterMark = {readonly position: number; readonly entries: number; readonly directoryBytes: number};

export type ArchiveWriter = {
	readonly addDirectory: (member: Member) => Promise<WrittenMember>;
	readonly addBuffer: (member: Member, bytes: Uint8Array) => Promise<WrittenMember>;
	/**
	 * Reads at most `bytes` from an open file by position; less when it ends before.
	 * @param onBytes is told how many more bytes of content were read.
	 * @throws what reading throws (`syscall` "read"), what the disk throws; the archive then needs a rollback.
	 */
	readonly addFile: (
		member: Member,
		source: {readonly descriptor: number; readonly bytes: number},
		onBytes?: (bytes: number) => void,
	) => Promise<WrittenMember>;
	/** Adds content that is made piece by piece. */
	readonly addChunks: (member: Member, chunks: Iterable<Uint8Array>) => Promise<WrittenMember>;
	/** Bytes written so far. */
	readonly position: () => number;
	readonly mark: () => WriterMark;
	/** Drops the members since the mark: a file that changed while it was read is written again. */
	readonly rollback: (mark: WriterMark) => void;
	/** Writes the central directory and the end record, whose comment waits for its seal. Nothing is synced. */
	readonly finish: (comment: UnsealedComment) => Promise<{readonly bytes: number; readonly entries: number}>;
};

/** A file this close to 4 GiB gets ZIP64 sizes: deflate can make incompressible data a little longer. */
const zip64FromBytes = max32 - 8 * 1024 * 1024;
const noContent = {method: methodStored, crc32: 0, compressedBytes: 0, bytes: 0} as const satisfies MemberContent;

type Source = {
	readonly chunks: () => Iterable<Uint8Array>;
	readonly zip64: boolean;
	/** Content that cannot be made twice stays deflated even when that made it longer. */
	readonly repeatable: boolean;
	readonly method: 0 | 8;
};

/**
 * Makes the writer of a new, empty file.
 * @param descriptor of the file, open for reading and writing; the caller closes it.
 * @param level of deflate, 1 to 9.
 */
export const createArchiveWriter = ({
	disk,
	descriptor,
	breathe,
	signal,
	level = 5,
}: {
	readonly disk: Disk;
	readonly descriptor: number;
	readonly breathe: () => Promise<void>;
	readonly signal?: AbortSignal;
	readonly level?: number;
}): ArchiveWriter => {
	const output = createOutput(disk, descriptor);
	const files = createFileReader();
	const directory = createByteList();
	const names: string[] = [];
	const known = new Set<string>();
	let isFinished = false;

	const start = async (member: Member): Promise<PreparedMember> => {
		await breathe();
		if (signal?.aborted) {
			throw cancelledError();
		}

		if (isFinished) {
			throw new PrintkeepError('bug', `The entry ${quoteEntry(member.name)} comes after the end of the archive.`);
		}

		const problem = known.has(member.name) ? 'is in the archive already' : entryNameProblem(member.name);
		if (problem !== null) {
			throw new PrintkeepError('bug', `The entry ${quoteEntry(member.name)} cannot be written: its name ${problem}.`);
		}

		return prepareMember(member);
	};

	const record = (
		name: string,
		prepared: PreparedMember,
		content: MemberContent,
		offset: number,
		zip64: boolean,
	): void => {
		directory.append(buildCentralHeader(prepared, content, offset, zip64));
		names.push(name);
		known.add(name);
	};

	const writeWhole = (name: string, prepared: PreparedMember, bytes: Uint8Array, compress: boolean): WrittenMember => {
		const deflated = compress ? deflateSmaller(bytes, level) : null;
		const content: MemberContent = {
			method: deflated ? methodDeflated : methodStored,
			crc32: crc32(bytes),
			compressedBytes: (deflated ?? bytes).length,
			bytes: bytes.length,
		};
		const offset = output.position();
		output.write(buildLocalHeader(prepared, content, false));
		output.write(deflated ?? bytes);
		record(name, prepared, content, offset, false);
		return {
			bytes: content.bytes,
			compressedBytes: content.compressedBytes,
			crc32: content.crc32,
			sha256: hash('sha256', bytes),
		};
	};

	const writeStream = async (name: string, prepared: PreparedMember, source: Source): Promise<WrittenMember> => {
		const offset = output.position();
		const sha256 = createHash('sha256');
		let checksum = 0;
		let bytes = 0;
		output.write(buildLocalHeader(prepared, noContent, source.zip64));
		const dataOffset = output.position();
		const deflater = source.method === methodDeflated ? createDeflater(level, output.write) : null;
		try {
			for (const chunk of source.chunks()) {
				// The compressor works on its own thread while this one hashes.
				const taken = deflater?.write(chunk);
				// Marked as handled: were hashing to throw, the rejection must not take the process down.
				taken?.catch(() => undefined);
				checksum = crc32(chunk, checksum);
				sha256.update(chunk);
				bytes += chunk.length;
				if (taken) {
					await taken;
				} else {
					output.write(chunk);
				}

				await breathe();
				if (signal?.aborted) {
					throw cancelledError();
				}
			}

			await deflater?.end();
		} finally {
			deflater?.destroy();
		}

		const compressedBytes = output.position() - dataOffset;
		if (deflater && source.repeatable && compressedBytes >= bytes) {
			output.rewind(offset);
			return writeStream(name, prepared, {...source, method: methodStored});
		}

		const content: MemberContent = {method: source.method, crc32: checksum, compressedBytes, bytes};
		if (!source.zip64 && Math.max(compressedBytes, bytes) >= max32) {
			throw new PrintkeepError('bug', `The entry ${quoteEntry(name)} became larger than its header can say.`);
		}

		output.patch(buildLocalHeader(prepared, content, source.zip64), offset);
		record(name, prepared, content, offset, source.zip64);
		return {bytes, compressedBytes, crc32: checksum, sha256: sha256.digest('hex')};
	};

	return {
		async addDirectory(member) {
			const prepared = await start(member);
			const offset = output.position();
			output.write(buildLocalHeader(prepared, noContent, false));
			record(member.name, prepared, noContent, offset, false);
			return {bytes: 0, compressedBytes: 0, crc32: 0, sha256: hash('sha256', '')};
		},
		async addBuffer(member, bytes) {
			return writeWhole(member.name, await start(member), bytes, true);
		},
		async addFile(member, {descriptor: file, bytes}, onBytes = () => undefined) {
			const prepared = await start(member);
			// Copied out of the scratch buffer's way: a sample is compressed before the next is read.
			const compress = seemsCompressible(bytes, (position, sampleBytes) => files.read(file, position, sampleBytes));
			if (bytes <= fileChunkBytes) {
				const content = files.read(file, 0, bytes);
				onBytes(content.length);
				return writeWhole(member.name, prepared, content, compress);
			}

			return writeStream(member.name, prepared, {
				chunks: files.chunks(file, bytes, onBytes),
				zip64: bytes >= zip64FromBytes,
				repeatable: true,
				method: compress ? methodDeflated : methodStored,
			});
		},
		async addChunks(member, chunks) {
			const prepared = await start(member);
			return writeStream(member.name, prepared, {
				chunks: () => chunks,
				zip64: false,
				repeatable: false,
				method: methodDeflated,
			});
		},
		position: output.position,
		mark: () => ({position: output.position(), entries: names.length, directoryBytes: directory.length()}),
		rollback(mark) {
			output.rewind(mark.position);
			for (const name of names.splice(mark.entries)) {
				known.delete(name);
			}

			directory.truncate(mark.directoryBytes);
		},
		async finish(comment) {
			isFinished = true;
			const place = {entries: names.length, offset: output.position(), bytes: directory.length()};
			for (const chunk of directory.chunks()) {
				output.write(chunk);
				await breathe();
			}

			output.write(buildZip64Records(place));
			output.write(buildEndRecord(place, encodeComment(comment)));
			output.flush();
			return {bytes: output.position(), entries: names.length};
		},
	};
};
