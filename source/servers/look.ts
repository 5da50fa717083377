import type {Buffer} from 'node:buffer';
import * as fs from 'node:fs';

type Path = string | Buffer;

const missing = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

const attempt = (read: () => fs.Stats | undefined): fs.Stats | undefined => {
	try {
		return read();
	} catch {
		return undefined;
	}
};

/** What is at a path, links followed; undefined when nothing is, or when it may not be looked at. */
export const look = (path: Path): fs.Stats | undefined => attempt(() => fs.statSync(path, {throwIfNoEntry: false}));

/** What is at a path, a link for itself; undefined when nothing is, or when it may not be looked at. */
export const lookAtLink = (path: Path): fs.Stats | undefined =>
	attempt(() => fs.lstatSync(path, {throwIfNoEntry: false}));

/** `hidden`: it may be there, but permissions or a failing disk do not let it be seen. */
export const kindOf = (path: Path): 'folder' | 'file' | 'other' | 'missing' | 'hidden' => {
	try {
		const stats = fs.statSync(path);
		return stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other';
	} catch (error) {
		return error instanceof Error && 'code' in error && missing.has(String(error.code)) ? 'missing' : 'hidden';
	}
};
