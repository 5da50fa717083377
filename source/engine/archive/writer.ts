/**
 * Writes printkeep's archives, one member after the other: no data descriptors, ZIP64 only where it is needed, Unix modes, times and owners.
 * Ordinary enough for every unzip there is, and for OctoPrint's own restore.
 */
import {createHash, hash} from 'node:crypto';
import {crc32} from 'node:zlib';
import {PrintkeepError} from '../../errors.js';
import {cancelledError} from '../breathe.js';
import type {Disk} from '../disk.js';
import {inlinePool, type Pool} from '../pool/pool.js';
import {createByteList} from './byte-list.js';
import {encodeComment} from './comment.js';
import {deflateSmaller, seemsCompressible} from './compress.js';
import {copyEntries} from './copy-entries.js';
import {buildEndRecord, buildZip64Records} from './end-record.js';
import {quoteEntry} from './errors.js';
import {createFileReader} from './file-reader.js';
import {
	buildCentralHeader,
	buildLocalHeader,
	type Member,
	type MemberContent,
	type PreparedMember,
	prepareMember,
	zip64FromBytes,
} from './member-headers.js';
import {entryNameProblem} from './names.js';
import {createOutput} from './output.js';
import {endOfPieces, type PackPieceOutput, pieceBytes} from './pack-piece.js';
import {chunkPieces, createPieceMemory, filePieces} from './pieces.js';
import {placeRecords} from './place-records.js';
import type {ArchiveWriter, WrittenMember} from './writer-types.js';
import {max32, methodDeflated, methodStored} from './zip-format.js';

export type {Member} from './member-headers.js';
export type {ArchiveWriter, FileSource, WrittenMember} from './writer-types.js';

const noContent = {method: methodStored, crc32: 0, compressedBytes: 0, bytes: 0} as const satisfies MemberContent;

type Source = {
	/** Makes the pieces; a second call makes them again. */
	readonly pieces: (level: number | null) => AsyncIterable<PackPieceOutput>;
	readonly zip64: boolean;
	/** Content that cannot be made twice stays deflated even when that made it longer. */
	readonly repeatable: boolean;
	readonly method: 0 | 8;
};

const failureOf = ({message, code}: NonNullable<PackPieceOutput['failure']>): Error =>
	Object.assign(new Error(message), {code, syscall: 'read'});

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
	pool = inlinePool,
	onRead,
}: {
	readonly disk: Disk;
	readonly descriptor: number;
	readonly breathe: () => Promise<void>;
	readonly signal?: AbortSignal;
	readonly level?: number;
	/** Compresses the pieces of what is large. */
	readonly pool?: Pool;
	/** Told how many bytes of another archive were read. */
	readonly onRead?: ((bytes: number) => void) | undefined;
}): ArchiveWriter => {
	const output = createOutput(disk, descriptor);
	const files = createFileReader();
	const directory = createByteList();
	/** Of members added one by one. */
	const names: string[] = [];
	const known = new Set<string>();
	const memory = createPieceMemory();
	let entries = 0;
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
		entries++;
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

	const writeStream = async (
		name: string,
		prepared: PreparedMember,
		source: Source,
		onBytes: (bytes: number) => void = () => undefined,
	): Promise<WrittenMember> => {
		const offset = output.position();
		const sha256 = createHash('sha256');
		let checksum = 0;
		let bytes = 0;
		output.write(buildLocalHeader(prepared, noContent, source.zip64));
		const dataOffset = output.position();
		for await (const {content, packed, failure} of source.pieces(source.method === methodDeflated ? level : null)) {
			if (failure) {
				throw failureOf(failure);
			}

			output.write(packed ?? content);
			checksum = crc32(content, checksum);
			sha256.update(content);
			bytes += content.length;
			onBytes(content.length);
			await breathe();
			if (signal?.aborted) {
				throw cancelledError();
			}
		}

		if (source.method === methodDeflated) {
			output.write(endOfPieces);
		}

		const compressedBytes = output.position() - dataOffset;
		if (source.method === methodDeflated && source.repeatable && compressedBytes >= bytes) {
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
		async addFile(member, {descriptor: file, bytes, started}, onBytes = () => undefined) {
			const prepared = await start(member);
			// Copied out of the scratch buffer's way: a sample is compressed before the next is read.
			const compress =
				started?.compress ??
				seemsCompressible(bytes, (position, sampleBytes) => files.read(file, position, sampleBytes));
			if (bytes <= pieceBytes && !started) {
				const content = files.read(file, 0, bytes);
				onBytes(content.length);
				return writeWhole(member.name, prepared, content, compress);
			}

			const pieces = (pieceLevel: number | null): AsyncIterable<PackPieceOutput> =>
				filePieces({pool, memory, descriptor: file, bytes, level: pieceLevel});
			let isFirst = started !== undefined;
			return writeStream(
				member.name,
				prepared,
				{
					pieces(pieceLevel) {
						const first = isFirst ? started?.pieces : undefined;
						isFirst = false;
						return first ?? pieces(pieceLevel);
					},
					zip64: bytes >= zip64FromBytes,
					repeatable: true,
					method: compress ? methodDeflated : methodStored,
				},
				onBytes,
			);
		},
		async addChunks(member, chunks) {
			const prepared = await start(member);
			return writeStream(member.name, prepared, {
				pieces: pieceLevel => chunkPieces({pool, memory, chunks, level: pieceLevel}),
				zip64: false,
				repeatable: false,
				method: methodDeflated,
			});
		},
		async addPacked({entries: packed, records, count}) {
			await breathe();
			const base = output.position();
			output.write(packed);
			for (const placed of placeRecords(records, base)) {
				directory.append(placed);
			}

			entries += count;
		},
		async addCopied(copied) {
			const base = output.position();
			await copyEntries(copied, {write: output.write, breathe, onRead});
			// A copy: the records are moved in their own memory.
			for (const placed of placeRecords(new Uint8Array(copied.records), base - copied.start)) {
				directory.append(placed);
			}

			entries += copied.count;
		},
		position: output.position,
		mark: () => ({position: output.position(), entries, names: names.length, directoryBytes: directory.length()}),
		rollback(mark) {
			output.rewind(mark.position);
			entries = mark.entries;
			for (const name of names.splice(mark.names)) {
				known.delete(name);
			}

			directory.truncate(mark.directoryBytes);
		},
		async finish(comment) {
			isFinished = true;
			const place = {entries, offset: output.position(), bytes: directory.length()};
			for (const chunk of directory.chunks()) {
				output.write(chunk);
				await breathe();
			}

			directory.truncate(0);
			memory.clear();
			output.write(buildZip64Records(place));
			output.write(buildEndRecord(place, encodeComment(comment)));
			output.flush();
			return {bytes: output.position(), entries};
		},
	};
};
