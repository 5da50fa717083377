/** SQLite databases: what one is, whether it is sound, and how to copy it while it is in use. */
export {
	checkDatabase,
	type DatabaseCheck,
	fileStartsLikeSqlite,
	hasSidecars,
	sidecarSuffixes,
	sidecarsOf,
} from './sqlite/check.js';
export {isSqlite} from './sqlite/header.js';
export {snapshotDatabase} from './sqlite/snapshot.js';
