/**
 * A file system as far as a power cut is concerned: folders whose names point to inodes, inodes with bytes and attributes. Paths and names are bytes, one
 * character each. Trees are read from a real folder, changed in memory, and put back into a real folder.
 */
import * as fs from 'node:fs';

export type Attributes = {
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** Seconds since the epoch. */
	readonly modified: number;
};

export type Inode =
	| {readonly type: 'file'; attributes: Attributes; bytes: Buffer}
	| {readonly type: 'directory'; attributes: Attributes; readonly entries: Map<string, number>}
	| {readonly type: 'link'; attributes: Attributes; readonly target: string};

/** Inode 0 is the folder at the top. */
export type FileSystem = Map<number, Inode>;

export const top = 0;

/** Bytes of a path, one character each. */
export const bytesOf = (path: string | Buffer): string => Buffer.from(path).toString('latin1');

const diskPath = (path: string): Buffer => Buffer.from(path, 'latin1');

const attributesOf = (stats: fs.BigIntStats): Attributes => ({
	mode: Number(stats.mode & 0o7777n),
	uid: Number(stats.uid),
	gid: Number(stats.gid),
	modified: Number(stats.mtimeNs) / 1e9,
});

/** What lies at a path, without what is below. */
export const readInode = (path: string): Inode => {
	const stats = fs.lstatSync(diskPath(path), {bigint: true});
	const attributes = attributesOf(stats);
	if (stats.isDirectory()) {
		return {type: 'directory', attributes, entries: new Map()};
	}

	return stats.isSymbolicLink()
		? {type: 'link', attributes, target: fs.readlinkSync(diskPath(path), 'latin1')}
		: {type: 'file', attributes, bytes: fs.readFileSync(diskPath(path))};
};

/** Reads a real folder. Files with several names keep them. */
export const readFileSystem = (root: string): FileSystem => {
	const inodes: FileSystem = new Map();
	const known = new Map<string, number>();
	const visit = (path: string): number => {
		const {dev, ino, nlink} = fs.lstatSync(diskPath(path), {bigint: true});
		const identity = `${dev}:${ino}`;
		const number = known.get(identity);
		const inode = readInode(path);
		if (number !== undefined && inode.type === 'file' && nlink > 1n) {
			return number;
		}

		const own = inodes.size;
		inodes.set(own, inode);
		known.set(identity, own);
		if (inode.type === 'directory') {
			for (const name of fs.readdirSync(diskPath(path), 'latin1').sort()) {
				inode.entries.set(name, visit(`${path}/${name}`));
			}
		}

		return own;
	};

	visit(root);
	return inodes;
};

/** A copy that can be changed; bytes are shared, since they are replaced and never changed. */
export const copyFileSystem = (inodes: FileSystem): FileSystem =>
	new Map(
		[...inodes].map(([number, inode]) => [
			number,
			inode.type === 'directory' ? {...inode, entries: new Map(inode.entries)} : {...inode},
		]),
	);

const dress = (path: string, {type, attributes}: Inode): void => {
	const {mode, uid, gid, modified} = attributes;
	if (process.geteuid?.() === 0) {
		fs.lchownSync(diskPath(path), uid, gid);
	}

	if (type !== 'link') {
		fs.chmodSync(diskPath(path), mode);
	}

	fs.lutimesSync(diskPath(path), modified, modified);
};

/** Removes everything in a folder; what is mounted in it stays, empty. */
export const emptyFolder = (root: string): void => {
	const {dev} = fs.lstatSync(diskPath(root));
	for (const name of fs.readdirSync(diskPath(root), 'latin1')) {
		const path = diskPath(`${root}/${name}`);
		if (fs.lstatSync(path).dev === dev) {
			fs.rmSync(path, {recursive: true, force: true});
		} else {
			emptyFolder(`${root}/${name}`);
		}
	}
};

/** Makes a real folder hold just what the file system says. A folder with two names, which no real system would leave, becomes two. */
export const writeFileSystem = (inodes: FileSystem, root: string): void => {
	emptyFolder(root);
	const written = new Map<number, string>();
	const visit = (number: number, path: string): void => {
		const inode = inodes.get(number);
		if (inode === undefined) {
			throw new Error(`No inode ${number} for ${path}`);
		}

		const elsewhere = written.get(number);
		switch (inode.type) {
			case 'file': {
				if (elsewhere !== undefined) {
					fs.linkSync(diskPath(elsewhere), diskPath(path));
					return;
				}

				fs.writeFileSync(diskPath(path), inode.bytes);
				break;
			}

			case 'link': {
				fs.symlinkSync(diskPath(inode.target), diskPath(path));
				break;
			}

			case 'directory': {
				if (!fs.existsSync(diskPath(path))) {
					fs.mkdirSync(diskPath(path));
				}

				for (const [name, child] of inode.entries) {
					visit(child, `${path}/${name}`);
				}

				break;
			}
		}

		written.set(number, path);
		dress(path, inode);
	};

	visit(top, root);
};

/** Everything that can be reached, by path, as text: two file systems with the same text are the same to whoever looks. */
export const describeFileSystem = (inodes: FileSystem, hashOf: (bytes: Buffer) => string): readonly string[] => {
	const lines: string[] = [];
	const visit = (number: number, path: string): void => {
		const inode = inodes.get(number);
		if (inode === undefined) {
			lines.push(`${path} missing`);
			return;
		}

		const {mode, uid, gid, modified} = inode.attributes;
		const attributes = `${mode.toString(8)} ${uid}:${gid} ${modified.toFixed(3)}`;
		switch (inode.type) {
			case 'file': {
				lines.push(`${path} file ${attributes} ${inode.bytes.length} ${hashOf(inode.bytes)}`);
				return;
			}

			case 'link': {
				lines.push(`${path} -> ${inode.target}`);
				return;
			}

			case 'directory': {
				lines.push(`${path}/ ${attributes}`);
				for (const [name, child] of [...inode.entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
					visit(child, `${path}/${name}`);
				}
			}
		}
	};

	visit(top, '');
	return lines;
};
