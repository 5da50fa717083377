/** What the writer of archives offers, and what it takes and gives. */
import type {UnsealedComment} from './comment.js';
import type {Member} from './member-headers.js';
import type {PackPieceOutput} from './pack-piece.js';

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
export type WriterMark = {
	readonly position: number;
	readonly entries: number;
	/** Entries added one by one. */
	readonly names: number;
	readonly directoryBytes: number;
};

export type ArchiveWriter = {
	readonly addDirectory: (member: Member) => Promise<WrittenMember>;
	readonly addBuffer: (member: Member, bytes: Uint8Array) => Promise<WrittenMember>;
	/**
	 * Reads at most `bytes` from an open file by position; less when it ends before.
	 * @param onBytes is told how many more bytes of content were read.
	 * @throws what reading throws (`syscall` "read"), what the disk throws; the archive then needs a rollback.
	 */
	readonly addFile: (member: Member, source: FileSource, onBytes?: (bytes: number) => void) => Promise<WrittenMember>;
	/** Adds content that is made piece by piece. */
	readonly addChunks: (member: Member, chunks: Iterable<Uint8Array>) => Promise<WrittenMember>;
	/** Adds entries that were packed elsewhere, in their order, and gives their memory back. Their names are the packer's care. */
	readonly addPacked: (packed: PackedEntries) => Promise<void>;
	/** Adds entries of another archive of printkeep's as they lie there. Their names are the caller's care. @throws zip-changed when that archive is shorter, archive-damaged when it cannot be read */
	readonly addCopied: (copied: CopiedEntries) => Promise<void>;
	/** Bytes written so far. */
	readonly position: () => number;
	readonly mark: () => WriterMark;
	/** Drops the members since the mark: a file that changed while it was read is written again. */
	readonly rollback: (mark: WriterMark) => void;
	/** Writes the central directory and the end record, whose comment waits for its seal. Nothing is synced. */
	readonly finish: (comment: UnsealedComment) => Promise<{readonly bytes: number; readonly entries: number}>;
};

/** What a file's content is read from. */
export type FileSource = {
	readonly descriptor: number;
	readonly bytes: number;
	/** Whether it is worth compressing, when that is known, and its pieces from the start, when they are being read already. */
	readonly started?: {readonly compress: boolean; readonly pieces: AsyncIterable<PackPieceOutput>};
};

/** Entries without a place yet: the offsets in their directory records count from the start of `entries`. */
export type PackedEntries = {
	readonly entries: Uint8Array;
	readonly records: Uint8Array;
	readonly count: number;
};

/** Entries that lie one after the other in another archive. */
export type CopiedEntries = {
	readonly descriptor: number;
	/** Where the first begins and the last ends. */
	readonly start: number;
	readonly end: number;
	/** Their directory records there. */
	readonly records: Uint8Array;
	readonly count: number;
	/** Told how many more bytes are in the archive; what it throws ends the copying. */
	readonly onBytes?: ((bytes: number) => void) | undefined;
};
