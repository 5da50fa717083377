import type {Layout} from '../../servers/adapter.js';

export type ScannedBase = {
	readonly part: string;
	/** Path to read from; bytes when a name on the way is no UTF-8. */
	readonly source: string | Buffer;
	/** Path inside the data folder, with `/`, escaped like the entry name. */
	readonly target: string;
	/** Name in the archive: prefix and target; folders end with `/`. */
	readonly entryName: string;
	/** Base64 of the path's true bytes inside the data folder, when the entry name had to be changed. */
	readonly rawPath?: string;
	/** st_mode: type and permission bits. */
	readonly mode: number;
	readonly modifiedNanoseconds: bigint;
	/** When the inode was last changed. */
	readonly changedNanoseconds: bigint;
	readonly uid: number;
	readonly gid: number;
	readonly device: bigint;
	readonly inode: bigint;
};

export type ScannedFile = ScannedBase & {readonly type: 'file'; readonly bytes: number};

/** `empty`: nothing inside it is scanned, so that only an entry of its own keeps it. */
export type ScannedFolder = ScannedBase & {readonly type: 'folder'; readonly empty: boolean};

/** A symbolic link. What it leads to follows as a file or folder of the same name when `followed`. */
export type ScannedLink = ScannedBase & {
	readonly type: 'link';
	readonly linkTarget: string;
	readonly linkType: 'file' | 'directory' | 'dangling';
	readonly followed: boolean;
};

export type ScanItem = ScannedFile | ScannedFolder | ScannedLink;

/** `skipped`: something is missing from the backup. `note`: taken in, or rightly left out, in a way worth telling. */
export type ScanProblem = {
	readonly path: string;
	readonly reason: string;
	readonly severity: 'skipped' | 'note';
};

export type WalkOptions = {
	readonly layout: Layout;
	/** Names of the parts that are out, from `resolveExcludes`. */
	readonly excludes: readonly string[];
	readonly onProblem?: (problem: ScanProblem) => void;
	/** Walks just this part, even when it is one that is never backed up. */
	readonly onlyPart?: string;
};

export type ScanOptions = WalkOptions & {
	readonly signal?: AbortSignal;
	readonly breathe: () => Promise<void>;
};
