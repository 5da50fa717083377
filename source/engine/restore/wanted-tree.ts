import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {ArchiveEntry} from '../archive/types.js';
import {type BytePath, emptyPath} from './byte-path.js';

/** What a thing looks like apart from its content. */
export type Appearance = {
	/** Permission bits. */
	readonly mode: number;
	readonly modifiedSeconds: number;
	/** Owner recorded in the backup; null when it was not. */
	readonly owner: {readonly uid: number; readonly gid: number} | null;
};

export type WantedFile = {
	readonly type: 'file';
	/** Path inside the data folder, true bytes. */
	readonly target: BytePath;
	/** The same as text for people and plans; not safe for the terminal. */
	readonly name: string;
	readonly part: string;
	readonly entry: ArchiveEntry;
	readonly appearance: Appearance;
	/** Hex SHA-256 of the content; null when only the ZIP's CRC-32 is known. */
	readonly sha256: string | null;
	/** Rows per table, for databases stored as consistent copies. */
	readonly tables: Readonly<Record<string, number>> | null;
	/** Target of the symbolic link that was in this place, the content being what it led to. */
	readonly linkTarget: string | null;
	/** What is written instead of the entry's content, when that is changed on the way; `entry` and `sha256` describe this then. */
	readonly content?: Buffer;
};

export type WantedLink = {
	readonly type: 'link';
	readonly target: BytePath;
	readonly name: string;
	readonly part: string;
	readonly linkTarget: string;
};

export type WantedFolder = {
	readonly type: 'folder';
	readonly target: BytePath;
	readonly name: string;
	/** Null when nothing is known of the folder but what is in it. */
	readonly appearance: Appearance | null;
	readonly children: ReadonlyMap<BytePath, WantedNode>;
};

export type WantedNode = WantedFile | WantedLink | WantedFolder;

export type Wanted = {
	readonly root: WantedFolder;
	/** In the archive's order. */
	readonly files: readonly WantedFile[];
	readonly links: readonly WantedLink[];
	/** Parents before children; without the root. */
	readonly folders: readonly WantedFolder[];
	/** Names of the parts that the backup covers and the person chose; of single files, those they belong to. */
	readonly parts: ReadonlySet<string>;
	/** Entries that are never restored: nested backups, logs, and the like. */
	readonly ignored: number;
	/** Paths the backup could not take in; what is there now stays. */
	readonly uncovered: ReadonlySet<BytePath>;
};

type MutableFolder = Omit<WantedFolder, 'children' | 'appearance'> & {
	appearance: Appearance | null;
	readonly children: Map<BytePath, WantedNode | MutableFolder>;
};

const conflict = (target: string): PrintkeepError =>
	new PrintkeepError('archive-refused', `The archive has "${safeText(target)}" both as a file and as a folder.`, {
		hint: 'Nothing was unpacked.',
	});

type Builder = {
	readonly add: (node: WantedFile | WantedLink) => void;
	readonly folder: (target: BytePath, name: string, appearance: Appearance | null) => void;
	/** Tells what a folder looks like if there is one, and makes none. */
	readonly dress: (target: BytePath, appearance: Appearance) => void;
};

/** An empty tree, and what puts things into it. */
export const createTree = (): {
	readonly root: MutableFolder;
	readonly folders: MutableFolder[];
	readonly builder: Builder;
} => {
	const root: MutableFolder = {type: 'folder', target: emptyPath, name: '', appearance: null, children: new Map()};
	const folders: MutableFolder[] = [];
	const folderAt = (target: BytePath, name: string): MutableFolder => {
		let current = root;
		const names = name.split('/');
		const parts = target === '' ? [] : target.split('/');
		for (const [index, part] of parts.entries()) {
			const existing = current.children.get(part as BytePath);
			if (existing === undefined) {
				const folder: MutableFolder = {
					type: 'folder',
					target: parts.slice(0, index + 1).join('/') as BytePath,
					name: names.slice(0, index + 1).join('/'),
					appearance: null,
					children: new Map(),
				};
				current.children.set(part as BytePath, folder);
				folders.push(folder);
				current = folder;
			} else if (existing.type === 'folder') {
				current = existing as MutableFolder;
			} else {
				throw conflict(name);
			}
		}

		return current;
	};

	return {
		root,
		folders,
		builder: {
			folder(target, name, appearance) {
				folderAt(target, name).appearance = appearance;
			},
			dress(target, appearance) {
				const folder = nodeAt(root, target);
				if (folder?.type === 'folder') {
					(folder as MutableFolder).appearance = appearance;
				}
			},
			add(node) {
				const cut = node.target.lastIndexOf('/');
				const parent =
					cut === -1
						? root
						: folderAt(node.target.slice(0, cut) as BytePath, node.name.slice(0, node.name.lastIndexOf('/')));
				const last = node.target.slice(cut + 1) as BytePath;
				if (parent.children.has(last)) {
					throw conflict(node.name);
				}

				parent.children.set(last, node);
			},
		},
	};
};

/** The node at a path, or undefined. */
export const nodeAt = (root: WantedNode, target: BytePath): WantedNode | undefined => {
	let current: WantedNode | undefined = root;
	for (const name of target === '' ? [] : target.split('/')) {
		current = current?.type === 'folder' ? current.children.get(name as BytePath) : undefined;
	}

	return current;
};

/** The same tree with another file in the place of one. */
export const replaceFileIn = (wanted: Wanted, file: WantedFile, by: WantedFile): Wanted => {
	const replaceIn = (node: WantedFolder, [name, ...rest]: readonly string[]): WantedFolder => {
		const child = node.children.get(name as BytePath);
		const changed = child?.type === 'folder' ? replaceIn(child, rest) : by;
		return {...node, children: new Map([...node.children, [name as BytePath, changed]])};
	};

	return {
		...wanted,
		root: replaceIn(wanted.root, file.target.split('/')),
		files: wanted.files.map(other => (other === file ? by : other)),
	};
};
