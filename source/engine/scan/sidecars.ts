import {Buffer} from 'node:buffer';
import {fileStartsLikeSqlite, sidecarSuffixes} from '../sqlite.js';

const endings = new RegExp(`(?:${sidecarSuffixes.join('|')})(?:/|$)`);

/** True when one of the names, which are joined by slashes, could be that of a journal beside a database. */
export const mayHoldSidecar = (names: string): boolean => endings.test(names);

/** Names of the journals that SQLite keeps beside a database: a consistent copy of the database needs none of them. */
export const sidecarsIn = (folder: string | Buffer, names: readonly Buffer[]): ReadonlySet<string> => {
	const found = new Set<string>();
	const present = new Set(names.map(name => name.toString('latin1')));
	for (const name of present) {
		const suffix = sidecarSuffixes.find(ending => name.endsWith(ending));
		const database = suffix === undefined ? undefined : name.slice(0, -suffix.length);
		if (database && present.has(database)) {
			const bytes = Buffer.from(database, 'latin1');
			if (fileStartsLikeSqlite(Buffer.concat([Buffer.from(folder), Buffer.from('/'), bytes]))) {
				found.add(name);
			}
		}
	}

	return found;
};
