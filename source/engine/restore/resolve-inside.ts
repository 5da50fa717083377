import {type BytePath, parentPath, toBytePath} from './byte-path.js';

/** Where a relative link leads inside the data folder; undefined when it is absolute or leads out of it. */
export const resolveInside = (target: BytePath, linkTarget: string): BytePath | undefined => {
	if (linkTarget === '' || linkTarget.startsWith('/') || linkTarget.includes('\0')) {
		return undefined;
	}

	const names = parentPath(target) === '' ? [] : parentPath(target).split('/');
	for (const name of toBytePath(linkTarget).split('/')) {
		if (name === '..') {
			if (names.pop() === undefined) {
				return undefined;
			}
		} else if (name !== '' && name !== '.') {
			names.push(name);
		}
	}

	return names.join('/') as BytePath;
};
