/** A marked selection of a backup as a small ZIP of its own. */
import {Readable} from 'node:stream';
import yazl from 'yazl';
import {cancelledError} from '../breathe.js';
import type {Disk} from '../disk.js';
import {type OpenArchive, readEntry} from './reader.js';
import type {ArchiveEntry} from './types.js';
import {modeDirectory, modeRegular, modeTypeMask} from './zip-format.js';

export type SelectionOptions = {
	readonly archive: OpenArchive;
	/** Entries of that archive. */
	readonly entries: readonly ArchiveEntry[];
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

/** A stream of one entry's checked content, read when yazl asks for it. */
const entryStream = (
	{archive, signal, breathe, onProgress}: SelectionOptions,
	entry: ArchiveEntry,
	fail: (error: unknown) => void,
): Readable => {
	let resume: (() => void) | null = null;
	let isStarted = false;
	const stream = new Readable({
		read() {
			resume?.();
			resume = null;
			if (isStarted) {
				return;
			}

			isStarted = true;
			void readEntry(
				archive,
				entry,
				async chunk => {
					onProgress?.(chunk.length, 0, entry.name);
					// The chunk's memory is used again once this returns.
					if (!stream.push(Buffer.from(chunk)) && !stream.destroyed) {
						await new Promise<void>(resolve => {
							resume = resolve;
						});
					}
				},
				{signal, breathe},
			).then(
				() => {
					onProgress?.(0, 1, entry.name);
					stream.push(null);
				},
				(error: unknown) => {
					fail(error);
					stream.destroy();
				},
			);
		},
		destroy(error, callback) {
			resume?.();
			callback(error);
		},
	});
	return stream;
};

/**
 * Writes the selected entries to a new file (0600) and syncs it. Their content is checked while it is read; modes and times are kept.
 * @returns size of the file in bytes.
 * @throws archive-damaged, archive-refused, cancelled, and what the disk throws; the file is then left for the caller to remove.
 */
export const exportSelection = async (options: SelectionOptions): Promise<number> => {
	const {entries, disk, path, signal, breathe} = options;
	const descriptor = disk.create(path, 0o600);
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
				zip.addReadStreamLazy(entry.name, {...metadata, size: entry.bytes, compress: entry.method !== 0}, give => {
					give(null, entryStream(options, entry, fail));
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
		disk.close(descriptor);
	}
};
