import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {type DigestOptions, digestTree, type Tree} from '../../helpers/digest-tree.js';
import {dumpDatabase} from '../../helpers/sqlite.js';

/** What no backup of OctoPrint's holds: made again at every start, or volatile. */
const volatile = (path: string): boolean =>
	/^(?:logs|generated|watched|uploadtemp|timelapse\/tmp|data\/backup)(?:\/|$)/u.test(path);

/** Databases are compared by what they hold: a consistent copy has other header counters and no `-wal` beside it. */
const isDatabase = (path: string): boolean => /\.db(?:-wal|-shm|-journal)?$/u.test(path);

/** A tree as a restore has to give it back, file by file, with databases aside. */
export const comparableTree = (root: string, options: DigestOptions = {}): Tree =>
	digestTree(root, {...options, skip: path => volatile(path) || isDatabase(path) || (options.skip?.(path) ?? false)});

/** Only files, as they are in OctoPrint's own archives: it keeps no folders and its restore loses modes. */
export const filesOnly = (tree: Tree): Tree =>
	Object.fromEntries(
		Object.entries(tree)
			.filter(([, {type}]) => type === 'file')
			.map(([path, item]) => [path, {...item, mode: ''}]),
	);

/** Content of every database below a folder. */
export const databaseDumps = (root: string): Readonly<Record<string, string>> =>
	Object.fromEntries(
		readdirSync(root, {recursive: true, encoding: 'utf8'})
			.filter(path => path.endsWith('.db') && !volatile(path))
			.sort()
			.map(path => [path, dumpDatabase(join(root, path))]),
	);

/** The trees of a data folder and of a folder that is configured elsewhere, as if it were inside. */
export const joinedTree = (dataFolder: string, key: string, elsewhere: string, options: DigestOptions = {}): Tree => {
	const prefixed = existsSync(elsewhere)
		? Object.entries(
				comparableTree(elsewhere, {...options, skip: path => path === 'tmp' || path.startsWith('tmp/')}),
			).map(([path, item]) => [path === '.' ? key : `${key}/${path}`, item] as const)
		: [];
	return {...comparableTree(dataFolder, {...options, skip: path => path === key}), ...Object.fromEntries(prefixed)};
};
