import {createHash} from 'node:crypto';
import {type BigIntStats, closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync} from 'node:fs';
import {join} from 'node:path';

/** What a test compares of one thing in a tree. */
export type TreeItem = {
	readonly type: 'file' | 'directory' | 'link' | 'other';
	/** Permission bits, octal. */
	readonly mode: string;
	/** Milliseconds since the epoch, whole. */
	readonly modifiedAt: number;
	readonly bytes: number;
	/** Of a file's content. */
	readonly sha256: string;
	/** Of a link. */
	readonly target: string;
};

export type Tree = Readonly<Record<string, TreeItem>>;

export type DigestOptions = {
	/** Leaves a path, and everything below it, out. Paths are relative and use `/`. */
	readonly skip?: (path: string) => boolean;
	/** Times are rounded down to this many milliseconds; 0 leaves them out. */
	readonly timeResolution?: number;
	/** Leaves folders' own times out: whoever adds a file to a folder changes its time. */
	readonly folderTimes?: boolean;
};

const hashFile = (path: string): string => {
	const hash = createHash('sha256');
	const buffer = Buffer.allocUnsafe(1 << 20);
	const descriptor = openSync(path, 'r');
	try {
		for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
			hash.update(buffer.subarray(0, read));
		}
	} finally {
		closeSync(descriptor);
	}

	return hash.digest('hex');
};

const typeOf = (stats: BigIntStats): TreeItem['type'] => {
	if (stats.isFile()) {
		return 'file';
	}

	if (stats.isDirectory()) {
		return 'directory';
	}

	return stats.isSymbolicLink() ? 'link' : 'other';
};

/**
 * Describes everything below a folder, by relative path: type, permission bits, time, size, content and link target. Two trees are the same for a
 * person when their digests are equal. Links are described, never followed.
 */
export const digestTree = (
	root: string,
	{skip = () => false, timeResolution = 1, folderTimes = true}: DigestOptions = {},
): Tree => {
	const tree: Record<string, TreeItem> = {};

	const visit = (relative: string): void => {
		const path = join(root, relative);
		const stats = lstatSync(path, {bigint: true});
		const type = typeOf(stats);
		const timed = timeResolution > 0 && type !== 'link' && (folderTimes || type !== 'directory');
		tree[relative === '' ? '.' : relative] = {
			type,
			mode: type === 'link' ? '' : (Number(stats.mode) & 0o7777).toString(8),
			modifiedAt: timed ? Math.floor(Number(stats.mtimeNs / 1_000_000n) / timeResolution) * timeResolution : 0,
			bytes: type === 'file' ? Number(stats.size) : 0,
			sha256: type === 'file' ? hashFile(path) : '',
			target: type === 'link' ? readlinkSync(path) : '',
		};
		if (type === 'directory') {
			for (const name of readdirSync(path).sort()) {
				const child = relative === '' ? name : `${relative}/${name}`;
				if (!skip(child)) {
					visit(child);
				}
			}
		}
	};

	visit('');
	return tree;
};

/** The same tree without what a comparison is not about. */
export const withoutPaths = (tree: Tree, drop: (path: string) => boolean): Tree =>
	Object.fromEntries(Object.entries(tree).filter(([path]) => !drop(path)));
