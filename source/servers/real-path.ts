import * as fs from 'node:fs';
import * as path from 'node:path';

/** The real path of something that may not exist yet: the links of its nearest existing ancestor are resolved. */
export const realPathOf = (target: string): string => {
	const absolute = path.resolve(target);
	try {
		return fs.realpathSync.native(absolute);
	} catch {
		const parent = path.dirname(absolute);
		return parent === absolute ? absolute : path.join(realPathOf(parent), path.basename(absolute));
	}
};

/** The way from `folder` down to `target` with `/`, or undefined when it is not strictly inside. Both are real paths. */
export const pathInside = (folder: string, target: string): string | undefined => {
	const base = folder.endsWith('/') ? folder : `${folder}/`;
	return target.startsWith(base) && target.length > base.length ? target.slice(base.length) : undefined;
};
