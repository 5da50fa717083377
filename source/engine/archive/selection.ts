/** A marked selection of a backup as a small ZIP of its own. */
import {createHash} from 'node:crypto';
import {Readable} from 'node:stream';
import yazl from 'yazl';
import {cancelledError} from '../breathe.js';
import type {Disk} from '../disk.js';
import {damaged, quoteEntry} from './errors.js';
import {type OpenArchive, readEntry} from './reader.js';
import type {ArchiveEntry} from './types.js';
import {modeDirectory, modeRegular, modeTypeMask} from './zip-format.js';

export type SelectionOptions = {
	readonly archive: OpenArchive;
	/** Entries of that archive. */
	readonly entries: readonly ArchiveEntry[];
	/** Hex SHA-256 that an entry's content has to have; null when none is known. */
	readonly sha256Of?: (name: string) => string | null;
	readonly disk: Disk;
	/** A temporary name; the caller renames it. Must not exist. */
	readonly path: string;
	readonly signal: AbortSignal;
	readonly breathe: () => Promise<void>;
	/** Told how many more bytes and files were written, and the entry they are of. */
	readonly onProgress?: (bytes: number, files: number, name: string) => void;
};

/** Modes that a stranger's archive does not tell. */
const modeOf = ({mode, type}: ArchiveEntry): number =>
	(mode & modeTypeMask) === 0 ? (type === 'file' ? modeRegular | 0o644 : modeDirectory | 0o755) : mode;

type EntryStream = {
	readonly stream: Readable /** Settles when nothing is read any more. */;
	readonly done: Promise<void>;
};

/** A stream of one entry's checked content. */
const openEntry = (
	{archive, signal, breathe, onProgress, sha256Of}: SelectionOptions,
	entry: ArchiveEntry,
	fail: (error: unknown) => void,
): EntryStream => {
	let resume = (): void => undefined;
	const stream = new Readable({
		read() {
			resume();
		},
		destroy(error, callback) {
			resume();
			callback(error);
		},
	});
	const expected = sha256Of?.(entry.name) ?? null;
	const digest = expected === null ? null : createHash('sha256');
	const read = async (): Promise<void> => {
		try {
			await readEntry(
				archive,
				entry,
				async chunk => {
					if (stream.destroyed) {
						throw cancelledError();
					}

					digest?.update(chunk);
					onProgress?.(chunk.length, 0, entry.name);
					// A copy, since the chunk's memory is used again once this returns.
					if (!stream.push(Buffer.from(chunk))) {
						await new Promise<void>(resolve => {
							resume = resolve;
						});
					}
				},
				{signal, breathe},
			);
			if (digest && digest.digest('hex') !== expected) {
				throw damaged(`The file ${quoteEntry(entry.name)} is not the one that was backed up.`);
			}

			onProgress?.(0, 1, entry.name);
			stream.push(null);
		} catch (error) {
			fail(error);
			stream.destroy();
		}
	};

	return {stream, done: read()};
};

/**
 * Writes the selected entries to a new file (0600) and syncs it. Their content is checked while it is read; modes and times are kept.
 * @returns size of the file in bytes.
 * @throws zip-crc, zip-content and the like, archive-damaged when the content is not what was backed up, cancelled, and what the disk throws; the file is then left for the caller to remove.
 */
export const exportSelection = async (options: SelectionOptions): Promise<number> => {
	const {entries, disk, path, signal, breathe} = options;
	const descriptor = disk.create(path, 0o600);
	let current: EntryStream | null = null;
	try {
		const zip = new yazl.ZipFile();
		const output = zip.outputStream as Readable;
		const fail = (error: unknown): void => {
			output.destroy(error instanceof Error ? error : new Error(String(error)));
		};
		// yazl reports what it cannot do here; nobody else listens.
		zip.on('error', fail);
		for (const entry of entries) {
			const metadata = {mtime: new Date(entry.modifiedAt), mode: modeOf(entry)};
			if (entry.type === 'directory') {
				zip.addEmptyDirectory(entry.name, metadata);
			} else {
				// Always deflated: a stored entry that is streamed does not say where it ends.
				const compressionLevel = entry.method === 0 ? 1 : 6;
				zip.addReadStreamLazy(entry.name, {...metadata, size: entry.bytes, compressionLevel}, give => {
					current = openEntry(options, entry, fail);
					give(null, current.stream);
				});
			}
		}

		zip.end();
		let position = 0;
		for await (const chunk of output as AsyncIterable<Buffer>) {
			if (signal.aborted) {
				throw cancelledError();
			}

			disk.write(descriptor, chunk, position);
			position += chunk.length;
			await breathe();
		}

		await disk.syncFile(descriptor);
		return position;
	} finally {
		const last = current as EntryStream | null;
		last?.stream.destroy();
		await last?.done;
		disk.close(descriptor);
	}
};
