import type {BigIntStats} from 'node:fs';
import type {RestoreMode} from '../../client/protocol.js';
import type {Layout, ServerAdapter} from '../../servers/adapter.js';
import {escapeName} from '../scan/names.js';
import {fileStartsLikeSqlite, sidecarSuffixes} from '../sqlite.js';
import {type BytePath, emptyPath, lastName, lookAt, parentPath, pathBelow, toBytePath, toText} from './byte-path.js';
import {nodeAt, type Wanted} from './wanted-tree.js';

export type CoverageOptions = {
	readonly wanted: Wanted;
	readonly adapter: Pick<ServerAdapter, 'partOf' | 'neverRestored' | 'secretFiles'>;
	readonly layout: Pick<Layout, 'leftOut' | 'offLimits' | 'holdsBackups'>;
	readonly mode: RestoreMode;
	/** Parts left out of the backup. */
	readonly excludes: readonly string[];
};

/** The rules of what a restore may touch. */
export type Coverage = {
	/** True for what a restore never writes nor moves, whatever an archive has. */
	readonly isNeverTouched: (live: BytePath, target: BytePath) => boolean;
	/** True for what is there, is not in the backup, and stays all the same: it was not the backup's to take in, or nothing is to be removed. */
	readonly staysUnknown: (
		target: BytePath,
		stats: Pick<BigIntStats, 'isDirectory' | 'isFile' | 'isSymbolicLink'>,
		live?: BytePath,
	) => boolean;
	/** True for a real path in (or at) a folder of backups. */
	readonly isOffLimits: (real: BytePath) => boolean;
	/** True for a link that the backup does not know and that is a foreign folder or the way to a folder of backups. */
	readonly isKeptLink: (target: BytePath, leadsTo: BytePath) => boolean;
};

const archiveName = (target: BytePath): BytePath =>
	toBytePath(
		target
			.split('/')
			.map(name => escapeName(Buffer.from(name, 'latin1')))
			.join('/'),
	);

/**
 * True for the journal that SQLite keeps beside a database that is restored: it belongs to the present database and goes where that goes, in every mode.
 * One that is not of the same moment is replayed over the database, and ruins it.
 */
const isSidecar = ({root}: Wanted, target: BytePath, live: BytePath | undefined): boolean => {
	const suffix = sidecarSuffixes.find(ending => target.endsWith(ending));
	if (suffix === undefined) {
		return false;
	}

	const node = nodeAt(root, target.slice(0, -suffix.length) as BytePath);
	return (
		node?.type === 'file' &&
		(node.tables !== null ||
			/\.(db|db3|sqlite|sqlite3)$/i.test(node.name) ||
			(live !== undefined && fileStartsLikeSqlite(Buffer.from(live.slice(0, -suffix.length), 'latin1'))))
	);
};

/** The rules for one backup and one instance. */
export const createCoverage = ({wanted, adapter, layout, mode, excludes}: CoverageOptions): Coverage => {
	const isExact = mode === 'exact';
	const offLimits = new Set(
		layout.offLimits.filter(({backups}) => backups || !isExact).map(({path}) => toBytePath(path)),
	);
	const isNeverRestored = isExact ? layout.holdsBackups : adapter.neverRestored;
	/** What a backup says of paths has the names that archives have, and of a folder means all that is in it. */
	const isAmong = (paths: ReadonlySet<BytePath>, target: BytePath): boolean => {
		for (let path = paths.size === 0 ? emptyPath : archiveName(target); path !== ''; path = parentPath(path)) {
			if (paths.has(path)) {
				return true;
			}
		}

		return false;
	};

	return {
		isNeverTouched: (live, target) =>
			offLimits.has(live) || lastName(live).startsWith('.printkeep') || isNeverRestored(toText(target)),
		staysUnknown(target, stats, live) {
			const text = toText(target);
			const isFolder = stats.isDirectory();
			// Pipes, sockets and devices are in no backup.
			if (!(isFolder || stats.isFile() || stats.isSymbolicLink())) {
				return true;
			}

			if (mode === 'merge') {
				return !(stats.isFile() && isSidecar(wanted, target, live));
			}

			if (
				isAmong(wanted.uncovered, target) ||
				// Users and passwords do not go because a backup, of another program or of a server that was never set up, has none.
				adapter.secretFiles.some(name => name === text || name.endsWith(`/${text}`))
			) {
				return true;
			}

			return (
				!isExact &&
				((isFolder && !target.includes('/')) ||
					!wanted.parts.has(adapter.partOf(isFolder ? `${text}/` : text)) ||
					isAmong(wanted.leftOut, target) ||
					layout.leftOut(text, excludes) !== undefined)
			);
		},
		isKeptLink: (target, leadsTo) =>
			(!isExact && !target.includes('/') && lookAt(leadsTo)?.isDirectory() === true) ||
			[...offLimits].some(
				folder => pathBelow(folder, leadsTo) !== undefined || pathBelow(leadsTo, folder) !== undefined,
			),
		isOffLimits: real => [...offLimits].some(folder => pathBelow(folder, real) !== undefined),
	};
};
