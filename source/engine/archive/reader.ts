/** Opens archives, strictly: what is wrong with the list of contents is found before a byte of content is read. */

import type {Readable} from 'node:stream';
import {setImmediate} from 'node:timers/promises';
import {toPrintkeepError} from '../../errors.js';
import {checkPlace, readCheckedDirectory} from './checks.js';
import {parseComment} from './comment.js';
import type {Directory, DirectoryRecord} from './directory.js';
import {openDirectory} from './directory-bytes.js';
import type {DirectoryPlace} from './end-record.js';
import {findEndRecord} from './end-record-search.js';
import {archiveFault, damaged, quoteEntry} from './errors.js';
import {type ArchiveLimits, limitsOf} from './limits.js';
import {createLineSplitter} from './line-splitter.js';
import {
	createManifestGatherer,
	createManifestReader,
	type ManifestVisitor,
	manifestName,
	maximumManifestBytes,
	parseHeaderLine,
} from './manifest.js';
import type {NameIndex} from './name-index.js';
import {openArchiveFile} from './open-file.js';
import {type ReadHooks, readLocalHeader, readRecord} from './read-record.js';
import {checkStructure} from './structure.js';
import {takeStream} from './take-stream.js';
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
	/** Unique by name, in the archive's order. Made when first asked for, and held from then on: about 300 bytes each. */
	readonly entries: readonly ArchiveEntry[];
	readonly entryCount: number;
	/** printkeep's comment; null in other archives. */
	readonly comment: ArchiveComment | null;
	/** True when printkeep wrote it: it has the comment and the manifest. */
	readonly isPrintkeep: boolean;
	/** Position of the end record: the seal covers every byte before it. */
	readonly endRecordOffset: number;
	/** Numbers of the entries, in the order of `entries`: what to go by where there may be many. */
	readonly numbers: () => Iterable<number>;
	/** What an entry is, made anew with every call; its name and its size alone are had for less. @throws RangeError when there is none of that number */
	readonly entryAt: (number: number) => ArchiveEntry;
	readonly nameAt: (number: number) => string;
	readonly bytesAt: (number: number) => number;
	readonly find: (name: string) => ArchiveEntry | undefined;
	readonly has: (name: string) => boolean;
	/**
	 * Content of a small member.
	 * @throws not there: archive-damaged; larger than `maximumBytes`: zip-member-too-large; damaged: zip-crc and the like
	 */
	readonly readMember: (name: string, maximumBytes: number) => Promise<Buffer>;
	/** The manifest; null when there is none. @throws archive-damaged, archive-refused, archive-too-new */
	readonly manifest: () => Promise<Manifest | null>;
	/**
	 * Shows what the manifest lists, line by line, so that nobody has to hold all of it: what was shown counts only when this resolves.
	 * @returns the manifest without its lists; null when there is none.
	 * @throws archive-damaged, archive-refused, archive-too-new; what the visitor throws
	 */
	readonly visitManifest: (visitor: ManifestVisitor) => Promise<ManifestHeader | null>;
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
	readonly directory: Directory;
	/** Those that count, by name. */
	readonly index: NameIndex;
	readonly place: DirectoryPlace;
	readonly commentBytes: Buffer;
	readonly source: Parameters<typeof readRecord>[0];
};

const headerLimitBytes = 16 * 1024 * 1024;

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
	const comment = parseComment(end.comment);
	const {directory, index} = readCheckedDirectory(openDirectory(descriptor, place.offset, place.bytes), place.entries, {
		directoryOffset: place.offset,
		fileBytes: bytes,
		isSealed: comment !== null,
		limits,
	});
	let entries: readonly ArchiveEntry[] | undefined;
	const source = {
		descriptor,
		window: createWindow(descriptor, bytes),
		directory: directory.bytes,
		directoryOffset: place.offset,
	};
	const find = (name: string): DirectoryRecord | undefined => {
		const number = index.get(name);
		return number === undefined ? undefined : directory.record(number);
	};

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
		const record = find(manifestName);
		if (record && record.bytes > maximumManifestBytes) {
			throw archiveFault(
				'zip-member-too-large',
				'The manifest of the archive is larger than any that printkeep writes.',
			);
		}

		return record ?? null;
	};

	const visitManifest = async (visitor: ManifestVisitor): Promise<ManifestHeader | null> => {
		const record = manifestRecord();
		if (!record) {
			return null;
		}

		const reader = createManifestReader(visitor);
		const splitter = createLineSplitter(reader.line, reader.bytes);
		// Through memory that is used again: a stream leaves its own in holes of the usual one, as much as half of a large manifest.
		await readRecord(source, record, async chunk => {
			splitter.push(chunk);
			// A manifest of a hundred megabytes must not keep everybody waiting.
			await setImmediate();
		});
		splitter.end();
		return reader.finish();
	};

	return {
		path,
		bytes,
		limits,
		get entries() {
			entries ??= Array.from(index.numbers(), directory.record);
			return entries;
		},
		entryCount: index.size,
		comment,
		isPrintkeep: comment !== null && index.has(manifestName),
		endRecordOffset: end.offset,
		numbers: index.numbers,
		entryAt: directory.record,
		nameAt: directory.nameOf,
		bytesAt: number => directory.sizes[number] ?? 0,
		find,
		has: name => index.has(name),
		async readMember(name, maximumBytes) {
			const record = find(name);
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
			await takeStream(await stream(record), record, chunk => {
				chunks.push(chunk);
				return true;
			});
			return Buffer.concat(chunks);
		},
		async manifest() {
			const gatherer = createManifestGatherer();
			const header = await visitManifest(gatherer.visitor);
			return header && gatherer.manifest(header);
		},
		visitManifest,
		async manifestHeader() {
			const record = manifestRecord();
			if (!record) {
				return null;
			}

			const chunks: Buffer[] = [];
			let gathered = 0;
			let found = false;
			await takeStream(await stream(record), record, chunk => {
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
		checkLocalHeaders: async breathe => checkStructure(source, directory, breathe),
		assertUnchanged() {
			if (!file.isUnchanged()) {
				throw archiveFault('zip-changed', 'The archive was changed or replaced while it was read.');
			}
		},
		close: file.close,
		internals: {descriptor, directory, index, place, commentBytes: end.comment, source},
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
	const {index, directory, source} = archive.internals;
	const number = index.get(entry.name);
	if (number === undefined) {
		throw damaged(`The archive has no entry ${quoteEntry(entry.name)}.`);
	}

	await readRecord(source, directory.record(number), onChunk, {signal, breathe});
};
