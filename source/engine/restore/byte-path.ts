/**
 * Paths as the file system has them: bytes. A name on Linux need not be UTF-8, and one such name in a folder must not keep the folder from being
 * restored. A BytePath is a string with one character per byte (latin1), so that it can be joined, compared, used as a key and kept as JSON without
 * losing anything.
 */
import {type BigIntStats, lstatSync, readdirSync, realpathSync} from 'node:fs';
import {safeText} from '../../format/safe-text.js';
import type {DiskPath} from '../disk.js';

declare const brand: unique symbol;
export type BytePath = string & {readonly [brand]: true};

/** The empty relative path: the folder itself. */
export const emptyPath = '' as BytePath;

const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/** The bytes of ordinary text. */
export const toBytePath = (text: string): BytePath =>
	(isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')) as BytePath;

/** A path that was kept as one character per byte, in a journal. */
export const fromStored = (text: string): BytePath => text as BytePath;

/** What the file system is given: text when the bytes are UTF-8, which they nearly always are. */
export const toDiskPath = (path: BytePath): DiskPath => {
	if (isAscii(path)) {
		return path;
	}

	const bytes = Buffer.from(path, 'latin1');
	const text = bytes.toString('utf8');
	return Buffer.from(text, 'utf8').equals(bytes) ? text : bytes;
};

/** The path as text for messages; bytes that are no UTF-8 become U+FFFD. Not safe for the terminal yet. */
export const toText = (path: BytePath): string => (isAscii(path) ? path : Buffer.from(path, 'latin1').toString('utf8'));

/** The path as it is shown to people: everything a terminal would obey is escaped. */
export const showPath = (path: BytePath): string => safeText(toText(path));

/** Puts a relative path behind a folder; an empty one means the folder itself. */
export const joinPath = (folder: BytePath, relative: BytePath): BytePath => {
	if (relative === '' || folder === '') {
		return folder === '' ? relative : folder;
	}

	return (folder.endsWith('/') ? `${folder}${relative}` : `${folder}/${relative}`) as BytePath;
};

/** The folder part of a relative path, empty at the top. */
export const parentPath = (path: BytePath): BytePath => path.slice(0, Math.max(0, path.lastIndexOf('/'))) as BytePath;

/** The last name of a path. */
export const lastName = (path: BytePath): BytePath => path.slice(path.lastIndexOf('/') + 1) as BytePath;

/** The way from a folder down to a path; empty for the folder itself, undefined when the path is not in it. */
export const pathBelow = (folder: BytePath, path: BytePath): BytePath | undefined => {
	if (folder === path) {
		return emptyPath;
	}

	const start = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
	return path.startsWith(start) ? (path.slice(start.length) as BytePath) : undefined;
};

/** Names in a folder, ordered by their bytes. */
export const listNames = (folder: BytePath): readonly BytePath[] =>
	(readdirSync(toDiskPath(folder), {encoding: 'latin1'}) as BytePath[]).sort();

/** What is at a path, links not followed; undefined when there is nothing. */
export const lookAt = (path: BytePath): BigIntStats | undefined => {
	try {
		return lstatSync(toDiskPath(path), {bigint: true, throwIfNoEntry: false});
	} catch (error) {
		// A parent that is a file, not a folder: there is nothing at that path.
		if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') {
			return undefined;
		}

		throw error;
	}
};

/** The path with all links resolved; undefined when it leads nowhere. */
export const resolveLinks = (path: BytePath): BytePath | undefined => {
	try {
		return realpathSync(toDiskPath(path), {encoding: 'latin1'}) as BytePath;
	} catch {
		return undefined;
	}
};
