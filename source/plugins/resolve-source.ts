/** Finds the module of a plugin the settings name. Nothing is ever looked for: what is not named is not loaded. */
import {createRequire} from 'node:module';
import {isAbsolute, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {safeText} from '../format/safe-text.js';
import {whyUntrusted} from './trusted-path.js';

/** What the source of a plugin that comes with printkeep begins with. */
export const builtInPrefix = 'builtin:';

const packageName = /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/u;

/**
 * @param source a built-in's name, an absolute path, or a package of the folder's `node_modules`.
 * @returns the module's address, empty for a built-in; or why there is none, in a sentence.
 */
export const resolveSource = (
	source: string,
	packageFolder: string,
):
	| {readonly type: 'module'; readonly url: string; readonly path: string}
	| {readonly type: 'refused'; readonly reason: string} => {
	if (source.startsWith(builtInPrefix)) {
		return {type: 'module', url: '', path: ''};
	}

	const isFile = isAbsolute(source);
	if (!isFile && !packageName.test(source)) {
		return {type: 'refused', reason: 'It is neither an absolute path nor the name of a package.'};
	}

	let path: string;
	try {
		path = createRequire(join(packageFolder, 'package.json')).resolve(source);
	} catch {
		return {
			type: 'refused',
			reason: isFile
				? 'There is no module at this path.'
				: `There is no such package. Install it with: npm install --prefix ${safeText(packageFolder)} ${source}`,
		};
	}

	const problem = whyUntrusted(path, process.getuid?.() ?? 0);
	return problem === ''
		? {type: 'module', url: pathToFileURL(path).href, path}
		: {type: 'refused', reason: `Its code is not run: ${safeText(problem)}.`};
};
