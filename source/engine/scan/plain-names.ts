import {readdirSync} from 'node:fs';
import {isPlain} from './names.js';
import {mayHoldSidecar} from './sidecars.js';

/** Names in a folder in the order of their bytes, if all of them are plain and none may be a database's journal; undefined otherwise, and when it cannot be read. */
export const plainNames = (folder: string): readonly string[] | undefined => {
	try {
		const names = readdirSync(folder);
		// No name holds a slash, so that all of them can be looked at in one go.
		const all = names.join('/');
		return isPlain(all) && !mayHoldSidecar(all) ? names.sort() : undefined;
	} catch {
		return undefined;
	}
};
