import {type BytePath, joinPath, listNames, lookAt} from './byte-path.js';

/** Bytes of a file or of everything in a folder, whatever the names; links are not followed, what cannot be read counts nothing. */
export const treeBytes = (path: BytePath): number => {
	try {
		const stats = lookAt(path);
		if (!stats?.isDirectory()) {
			return Number(stats?.size ?? 0);
		}

		return listNames(path).reduce((sum, name) => sum + treeBytes(joinPath(path, name)), 0);
	} catch {
		return 0;
	}
};
