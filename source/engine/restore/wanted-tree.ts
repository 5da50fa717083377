import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {ArchiveEntry} from '../archive/types.js';
import {type BytePath, emptyPath, lastName, parentPath, toText} from './byte-path.js';

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
	/** Size of the content. */
	readonly bytes: number;
	/** What the archive says of it. Made anew whenever it is asked for, as most of what is here: it is asked for once in a function. */
	readonly entry: ArchiveEntry;
	/** Number of the archive's record, where it is known: what is asked of many files is had with it for less. */
	readonly number?: number;
	readonly appearance: Appearance;
	/** Hex SHA-256 of the content; null when only the ZIP's CRC-32 is known. */
	readonly sha256: string | null;
	/** Rows per table, for databases stored as consistent copies. */
	readonly tables: Readonly<Record<string, number>> | null;
	/** Target of the symbolic link that was in this place, the content being what it led to. */
	readonly linkTarget: string | null;
	/** What is written instead of the entry's content, when that is changed on the way; `bytes`, `entry` and `sha256` describe this then. */
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
	/** By their names, in the order they were added. Made anew whenever it is asked for. */
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
	/** Paths that plugins kept out of the backup, with all below them: what is there now stays, unless everything else goes too. */
	readonly leftOut: ReadonlySet<BytePath>;
};

const conflict = (target: string): PrintkeepError =>
	new PrintkeepError('archive-refused', `The archive has "${safeText(target)}" both as a file and as a folder.`, {
		hint: 'Nothing was unpacked.',
	});

/** What is in the folders of a tree, as a chain for each: tens of thousands of maps, most of a few things, take more memory than what is in them. */
class Chains {
	readonly #nodes: WantedNode[] = [];
	/** The place of what comes after a node in its folder; 0 ends a chain. Places are counted from 1. */
	readonly #next: number[] = [];

	/** Puts a node behind the one at a place, which is 0 where it is the first. Returns its place. */
	append(node: WantedNode, last: number): number {
		const place = this.#nodes.push(node);
		this.#next.push(0);
		if (last !== 0) {
			this.#next[last - 1] = place;
		}

		return place;
	}

	*from(first: number): Generator<WantedNode> {
		for (let place = first; place !== 0; place = this.#next[place - 1] ?? 0) {
			const node = this.#nodes[place - 1];
			if (node) {
				yield node;
			}
		}
	}
}

class TreeFolder implements WantedFolder {
	readonly target: BytePath;
	appearance: Appearance | null = null;
	readonly #chains: Chains;
	/** Only where the bytes of the path do not tell it. */
	readonly #name: string | null;
	#first = 0;
	#last = 0;

	constructor(chains: Chains, target: BytePath, name: string) {
		this.#chains = chains;
		this.target = target;
		this.#name = toText(target) === name ? null : name;
	}

	get type(): 'folder' {
		return 'folder';
	}

	get name(): string {
		return this.#name ?? toText(this.target);
	}

	get children(): ReadonlyMap<BytePath, WantedNode> {
		const children = new Map<BytePath, WantedNode>();
		for (const node of this.#chains.from(this.#first)) {
			children.set(lastName(node.target), node);
		}

		return children;
	}

	append(node: WantedNode): void {
		this.#last = this.#chains.append(node, this.#last);
		this.#first ||= this.#last;
	}

	/** @throws archive-refused when two things have one name */
	check(): void {
		const names = new Set<BytePath>();
		for (const {target, name} of this.#chains.from(this.#first)) {
			const last = lastName(target);
			if (names.has(last)) {
				throw conflict(name);
			}

			names.add(last);
		}
	}
}

type Builder = {
	readonly add: (node: WantedFile | WantedLink) => void;
	readonly folder: (target: BytePath, name: string, appearance: Appearance | null) => void;
	/** Tells what a folder looks like if there is one, and makes none. */
	readonly dress: (target: BytePath, appearance: Appearance) => void;
	/** After everything was added. @throws archive-refused when two things are in one place */
	readonly check: () => void;
};

/** An empty tree, and what puts things into it. */
export const createTree = (): {
	readonly root: WantedFolder;
	readonly folders: readonly WantedFolder[];
	readonly builder: Builder;
} => {
	const chains = new Chains();
	const root = new TreeFolder(chains, emptyPath, '');
	const folders: TreeFolder[] = [];
	const byTarget = new Map<BytePath, TreeFolder>([[emptyPath, root]]);
	const folderAt = (target: BytePath, name: string): TreeFolder => {
		const known = byTarget.get(target);
		if (known) {
			return known;
		}

		let current = root;
		const names = name.split('/');
		const parts = target.split('/');
		for (const index of parts.keys()) {
			// Joined anew, since a piece of a longer path would keep all of that in memory.
			const path = parts.slice(0, index + 1).join('/') as BytePath;
			let folder = byTarget.get(path);
			if (!folder) {
				folder = new TreeFolder(chains, path, names.slice(0, index + 1).join('/'));
				byTarget.set(path, folder);
				current.append(folder);
				folders.push(folder);
			}

			current = folder;
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
				const folder = byTarget.get(target);
				if (folder) {
					folder.appearance = appearance;
				}
			},
			add(node) {
				const {target, name} = node;
				folderAt(parentPath(target), name.slice(0, Math.max(0, name.lastIndexOf('/')))).append(node);
			},
			check() {
				root.check();
				for (const folder of folders) {
					folder.check();
				}
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

/** A file like another one but for some things. */
export const changedFile = (file: WantedFile, changes: Partial<WantedFile>): WantedFile => {
	const {type, target, name, part, bytes, entry, appearance, sha256, tables, linkTarget, content} = file;
	return {
		type,
		target,
		name,
		part,
		bytes,
		entry,
		appearance,
		sha256,
		tables,
		linkTarget,
		...(content ? {content} : {}),
		...changes,
	};
};

/** The same tree with another file in the place of one. */
export const replaceFileIn = (wanted: Wanted, file: WantedFile, by: WantedFile): Wanted => {
	const replaceIn = (node: WantedFolder, [name, ...rest]: readonly string[]): WantedFolder => {
		const {target, appearance, children} = node;
		const child = children.get(name as BytePath);
		const changed = child?.type === 'folder' ? replaceIn(child, rest) : by;
		return {
			type: 'folder',
			target,
			name: node.name,
			appearance,
			children: new Map([...children, [name as BytePath, changed]]),
		};
	};

	return {
		...wanted,
		root: replaceIn(wanted.root, file.target.split('/')),
		files: wanted.files.map(other => (other === file ? by : other)),
	};
};
