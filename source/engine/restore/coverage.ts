import type {BigIntStats} from 'node:fs';
import type {Layout, ServerAdapter} from '../../servers/adapter.js';
import {escapeName} from '../scan/names.js';
import {type BytePath, emptyPath, lastName, lookAt, parentPath, pathBelow, toBytePath, toText} from './byte-path.js';
import type {Wanted} from './wanted-tree.js';

export type CoverageOptions = {
	readonly wanted: Wanted;
	readonly adapter: Pick<ServerAdapter, 'partOf' | 'neverRestored' | 'secretFiles'>;
	readonly layout: Pick<Layout, 'leftOut' | 'offLimits'>;
	/** Parts left out of the backup. */
	readonly excludes: readonly string[];
};

/** The rules of what a restore may touch. */
export type Coverage = {
	/** True for what a restore never writes nor moves, whatever an archive has. */
	readonly isNeverTouched: (live: BytePath, target: BytePath) => boolean;
	/** True for what is there, is not in the backup, and was not the backup's to take in. */
	readonly staysUnknown: (target: BytePath, stats: BigIntStats) => boolean;
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

/** The rules for one backup and one instance. */
export const createCoverage = ({wanted, adapter, layout, excludes}: CoverageOptions): Coverage => {
	const offLimits = new Set(layout.offLimits.map(({path}) => toBytePath(path)));
	/** What a backup says it could not take in has the names that archives have; of a folder, nothing in it was taken in. */
	const isUncovered = (target: BytePath): boolean => {
		for (
			let path = wanted.uncovered.size === 0 ? emptyPath : archiveName(target);
			path !== '';
			path = parentPath(path)
		) {
			if (wanted.uncovered.has(path)) {
				return true;
			}
		}

		return false;
	};

	return {
		isNeverTouched: (live, target) =>
			offLimits.has(live) || lastName(live).startsWith('.printkeep') || adapter.neverRestored(toText(target)),
		staysUnknown(target, stats) {
			const text = toText(target);
			const isFolder = stats.isDirectory();
			return (
				// Pipes, sockets and devices are in no backup.
				!(isFolder || stats.isFile() || stats.isSymbolicLink()) ||
				(isFolder && !target.includes('/')) ||
				!wanted.parts.has(adapter.partOf(isFolder ? `${text}/` : text)) ||
				isUncovered(target) ||
				// Users and passwords do not go because a backup, of another program or of a server that was never set up, has none.
				adapter.secretFiles.some(name => name === text || name.endsWith(`/${text}`)) ||
				layout.leftOut(text, excludes) !== undefined
			);
		},
		isKeptLink: (target, leadsTo) =>
			(!target.includes('/') && lookAt(leadsTo)?.isDirectory() === true) ||
			[...offLimits].some(
				folder => pathBelow(folder, leadsTo) !== undefined || pathBelow(leadsTo, folder) !== undefined,
			),
		isOffLimits: real => [...offLimits].some(folder => pathBelow(folder, real) !== undefined),
	};
};
