/** Finds the module of a plugin the settings name. Nothing is ever looked for: what is not named is not loaded. */
import {readFileSync, statSync} from 'node:fs';
import {createRequire} from 'node:module';
import {isAbsolute, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {safeText} from '../format/safe-text.js';
import {shellCommand} from '../format/shell-quote.js';
import {builtInPlugins} from './built-in/registry.js';
import {whyUntrusted} from './trusted-path.js';

/** What the source of a plugin that comes with printkeep begins with. */
export const builtInPrefix = 'builtin:';

const builtInNames = Object.keys(builtInPlugins).map(source => source.slice(builtInPrefix.length));

const packageName = /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/u;

const conditions = new Set(['node', 'import', 'module-sync', 'default']);

/** The file a package exports as itself, as ES modules import it; undefined when it says nothing of the kind. Source: Node's rules for `exports`. */
const exportedFile = (exported: unknown): string | undefined => {
	if (typeof exported === 'string') {
		return exported;
	}

	if (Array.isArray(exported)) {
		return exported.map(exportedFile).find(file => file !== undefined);
	}

	if (typeof exported !== 'object' || exported === null) {
		return undefined;
	}

	const choices = Object.entries(exported);
	const own = choices.find(([name]) => name === '.');
	return own
		? exportedFile(own[1])
		: choices
				.filter(([name]) => conditions.has(name))
				.map(([, choice]) => exportedFile(choice))
				.find(file => file !== undefined);
};

/** The module of a package in a folder. @throws when there is none */
const entryOf = (folder: string): string => {
	const file = join(folder, 'package.json');
	const {exports: exported} = JSON.parse(readFileSync(file, 'utf8')) as {readonly exports?: unknown};
	const named = exportedFile(exported);
	return createRequire(file).resolve(named === undefined ? folder : join(folder, named));
};

const isFolder = (path: string): boolean => statSync(path, {throwIfNoEntry: false})?.isDirectory() === true;

/** @throws when there is no such module */
const find = (path: string): {readonly path: string; readonly decidedBy: readonly string[]} =>
	isFolder(path)
		? {path: entryOf(path), decidedBy: [join(path, 'package.json')]}
		: {path: createRequire(path).resolve(path), decidedBy: [path]};

const noModule = (path: string): string =>
	isFolder(path)
		? 'This folder has no package.json that names a module. Name the file itself.'
		: 'There is no module at this path.';

/** A file that is named without its folder is not looked for: it would depend on where a person happens to be which code is run. */
const noPackage = (name: string, packageFolder: string): string =>
	/\.[cm]?[jt]s$/u.test(name)
		? `There is no such package. A file is named by its path: ./${name}`
		: `There is no such package. Install it with: npm install --prefix ${safeText(packageFolder)} ${name}`;

/** What a person can do so that others cannot write there. */
const remedyOf = (problem: string): string => {
	const [, place] = /^(.*) can be written by (?:its group|everybody)$/su.exec(problem) ?? [];
	return place === undefined ? '' : ` Put that right with: ${safeText(shellCommand(['chmod', 'go-w', place]))}`;
};

/**
 * @param source a built-in's name, an absolute path of a module or a package's folder, or the name of a package in the folder's `node_modules`.
 * @returns the module's address, empty for a built-in; or why there is none, in a sentence.
 */
export const resolveSource = (
	source: string,
	packageFolder: string,
):
	| {readonly type: 'module'; readonly url: string; readonly path: string}
	| {readonly type: 'refused'; readonly reason: string} => {
	if (source.startsWith(builtInPrefix)) {
		return Object.hasOwn(builtInPlugins, source)
			? {type: 'module', url: '', path: ''}
			: {type: 'refused', reason: `No such plugin comes with printkeep. These do: ${builtInNames.join(', ')}.`};
	}

	const isFile = isAbsolute(source);
	if (!isFile && !packageName.test(source)) {
		return {type: 'refused', reason: 'It is neither an absolute path nor the name of a package.'};
	}

	try {
		const {path, decidedBy} = find(isFile ? source : join(packageFolder, 'node_modules', source));
		const problem = [path, ...decidedBy].map(one => whyUntrusted(one, process.getuid?.() ?? 0)).find(Boolean);
		return problem === undefined
			? {type: 'module', url: pathToFileURL(path).href, path}
			: {type: 'refused', reason: `Its code is not run: ${safeText(problem)}.${remedyOf(problem)}`};
	} catch {
		return {type: 'refused', reason: isFile ? noModule(source) : noPackage(source, packageFolder)};
	}
};
