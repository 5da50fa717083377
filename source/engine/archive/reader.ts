/** Opens archives, strictly: what is wrong with the list of contents is found before a byte of content is read. */
import type {Readable} from 'node:stream';
import {crc32} from 'node:zlib';
import {isPrintkeepError, toPrintkeepError} from '../../errors.js';
import {checkDirectory, checkPlace} from './checks.js';
import {parseComment} from './comment.js';
import {type DirectoryRecord, readDirectory} from './directory.js';
import type {DirectoryPlace} from './end-record.js';
import {findEndRecord} from './end-record-search.js';
import {archiveFault, damaged, quoteEntry} from './errors.js';
import {type ArchiveLimits, limitsOf} from './limits.js';
import {
	createLineSplitter,
	createManifestReader,
	manifestName,
	maximumManifestBytes,
	parseHeaderLine,
} from './manifest.js';
import {openArchiveFile} from './open-file.js';
import {readRange} from './pread.js';
import {type ReadHooks, readLocalHeader, readRecord} from './read-record.js';
import {checkStructure} from './structure.js';
import type {ArchiveComment, ArchiveEntry, Manifest, ManifestHeader} from './types.js';
import {createWindow} from './window.js';
import {streamWithYauzl} from './yauzl-access.js';

export type {ArchiveLimits} from './limits.js';

export type OpenArchive = {
	readonly path: string;
	/** Size of the file. */
	readonly bytes: number;
	/** What it was judged by. */
	readonly limits: ArchiveLimits;
	/** Unique by name, in the archive's order. */
	readonly entries: readonly ArchiveEntry[];
	/** printkeep's comment; null in other archives. */
	readonly comment: ArchiveComment | null;
	/** True when printkeep wrote it: it has the comment and the manifest. */
	readonly isPrintkeep: boolean;
	/** Position of the end record: the seal covers every byte before it. */
	readonly endRecordOffset: number;
	readonly find: (name: string) => ArchiveEntry | undefined;
	readonly has: (name: string) => boolean;
	/**
	 * Content of a small member.
	 * @throws not there: archive-damaged; larger than `maximumBytes`: zip-member-too-large; damaged: zip-crc and the like
	 */
	readonly readMember: (name: string, maximumBytes: number) => Promise<Buffer>;
	/** The manifest; null when there is none. @throws archive-damaged, archive-refused, archive-too-new */
	readonly manifest: () => Promise<Manifest | null>;
	/** The manifest without its lists, from its first bytes; null when there is none. */
	readonly manifestHeader: () => Promise<ManifestHeader | null>;
	/**
	 * Compares every local header with the list of contents, and refuses bytes that belong to no entry. A restore does it before it writes anything.
	 * @throws zip-local-mismatch, zip-prefix, zip-gap and the like; cancelled
	 */
	readonly checkLocalHeaders: (breathe: () => Promise<void>) => Promise<void>;
	/** @throws zip-changed when the file was changed or replaced since it was opened. */
	readonly assertUnchanged: () => void;
	readonly close: () => void;
	/** For this folder's own use. */
	readonly internals: ArchiveInternals;
};

export type ArchiveInternals = {
	readonly descriptor: number;
	/** All records, OctoPrint's double ones included. */
	readonly records: readonly DirectoryRecord[];
	readonly index: ReadonlyMap<string, DirectoryRecord>;
	readonly place: DirectoryPlace;
	readonly commentBytes: Buffer;
	readonly source: Parameters<typeof readRecord>[0];
};

const headerLimitBytes = 16 * 1024 * 1024;

/** Collects a stream that yauzl reads, checks its size and CRC-32. */
const collect = async (
	stream: Readable,
	record: DirectoryRecord,
	onChunk: (chunk: Buffer) => boolean,
): Promise<void> => {
	let bytes = 0;
	let checksum = 0;
	try {
		for await (const chunk of stream as AsyncIterable<Buffer>) {
			bytes += chunk.length;
			checksum = crc32(chunk, checksum);
			if (!onChunk(chunk)) {
				return;
			}
		}
	} catch (error) {
		throw isPrintkeepError(error)
			? error
			: archiveFault(
					'zip-content',
					`The entry ${quoteEntry(record.name)} cannot be unpacked.`,
					error instanceof Error ? error.message : undefined,
					error,
				);
	}

	if (bytes !== record.bytes) {
		throw archiveFault(
			'zip-size-mismatch',
			`The entry ${quoteEntry(record.name)} does not have the size the archive says.`,
		);
	}

	if (checksum !== record.crc32) {
		throw archiveFault('zip-crc', `The entry ${quoteEntry(record.name)} is damaged: its checksum does not match.`);
	}
};

/**
 * Opens an archive and checks its list of contents against every rule.
 * @param limits a person's settings; the defaults for those that are missing.
 * @throws not-found, not-a-file, archive-too-new, and every fault of an archive that its list of contents shows
 */
export const openArchive = async (
	path: string,
	{limits}: {readonly limits?: Partial<ArchiveLimits> | undefined} = {},
): Promise<OpenArchive> => {
	const file = openArchiveFile(path);
	try {
		return prepare(path, file, limitsOf(limits));
	} catch (error) {
		file.close();
		throw toPrintkeepError(error, 'The archive could not be read');
	}
};

const prepare = (path: string, file: ReturnType<typeof openArchiveFile>, limits: ArchiveLimits): OpenArchive => {
	const {descriptor, bytes} = file;
	const end = findEndRecord(descriptor, bytes);
	const {directory: place} = end;
	checkPlace(place, limits);
	const directory = readRange(descriptor, place.offset, place.bytes);
	const records = readDirectory(directory, place.entries);
	const comment = parseComment(end.comment);
	const index = checkDirectory(records, {
		directoryOffset: place.offset,
		fileBytes: bytes,
		isSealed: comment !== null,
		limits,
	});
	const entries = [...index.values()];
	const source = {descriptor, window: createWindow(descriptor, bytes), directory, directoryOffset: place.offset};

	const stream = async (record: DirectoryRecord): Promise<Readable> => {
		// yauzl does not compare local headers.
		readLocalHeader(source, record);
		try {
			return await streamWithYauzl(descriptor, bytes, place.offset + record.directoryOffset);
		} catch (error) {
			throw archiveFault(
				'zip-content',
				`The entry ${quoteEntry(record.name)} cannot be read.`,
				error instanceof Error ? error.message : undefined,
				error,
			);
		}
	};

	const manifestRecord = (): DirectoryRecord | null => {
		const record = index.get(manifestName);
		if (record && record.bytes > maximumManifestBytes) {
			throw archiveFault(
				'zip-member-too-large',
				'The manifest of the archive is larger than any that printkeep writes.',
			);
		}

		return record ?? null;
	};

	return {
		path,
		bytes,
		limits,
		entries,
		comment,
		isPrintkeep: comment !== null && index.has(manifestName),
		endRecordOffset: end.offset,
		find: name => index.get(name),
		has: name => index.has(name),
		async readMember(name, maximumBytes) {
			const record = index.get(name);
			if (record?.type !== 'file') {
				throw damaged(`The archive has no file ${quoteEntry(name)}.`);
			}

			if (record.bytes > maximumBytes) {
				throw archiveFault(
					'zip-member-too-large',
					`The entry ${quoteEntry(name)} is larger than such a file can be.`,
					`${record.bytes} bytes`,
				);
			}

			const chunks: Buffer[] = [];
			await collect(await stream(record), record, chunk => {
				chunks.push(chunk);
				return true;
			});
			return Buffer.concat(chunks);
		},
		async manifest() {
			const record = manifestRecord();
			if (!record) {
				return null;
			}

			const reader = createManifestReader();
			const splitter = createLineSplitter(reader.line);
			await collect(await stream(record), record, chunk => {
				splitter.push(chunk);
				return true;
			});
			splitter.end();
			return reader.finish();
		},
		async manifestHeader() {
			const record = manifestRecord();
			if (!record) {
				return null;
			}

			const chunks: Buffer[] = [];
			let gathered = 0;
			let found = false;
			await collect(await stream(record), record, chunk => {
				chunks.push(chunk);
				gathered += chunk.length;
				found = chunk.includes(10);
				return !found && gathered < headerLimitBytes;
			});
			const text = Buffer.concat(chunks);
			const lineEnd = text.indexOf(10);
			if (!found || lineEnd === -1) {
				throw damaged('The manifest of the archive cannot be understood: it has no header.');
			}

			return parseHeaderLine(text.toString('utf8', 0, lineEnd));
		},
		checkLocalHeaders: async breathe => checkStructure(source, records, breathe),
		assertUnchanged() {
			if (!file.isUnchanged()) {
				throw archiveFault('zip-changed', 'The archive was changed or replaced while it was read.');
			}
		},
		close: file.close,
		internals: {descriptor, records, index, place, commentBytes: end.comment, source},
	};
};

/**
 * Streams one entry's content with bounded memory, and checks its local header, size, CRC-32 and the end of its compressed data. One entry of an
 * archive at a time; a chunk is valid until `onChunk` returns or resolves.
 * @throws zip-crc, zip-content, zip-local-mismatch and the like; cancelled; what `onChunk` throws
 */
export const readEntry = async (
	archive: OpenArchive,
	entry: ArchiveEntry,
	onChunk: (chunk: Buffer) => void | Promise<void>,
	{signal, breathe}: Omit<ReadHooks, 'onRaw'> = {},
): Promise<void> => {
	const record = archive.internals.index.get(entry.name);
	if (!record) {
		throw damaged(`The archive has no entry ${quoteEntry(entry.name)}.`);
	}

	await readRecord(archive.internals.source, record, onChunk, {signal, breathe});
};
