import * as path from 'node:path';

/** A name of `[a-z0-9_-]` for any text; empty when nothing of it is left. */
export const slug = (text: string): string =>
	text
		.replaceAll('ß', 'ss')
		.normalize('NFKD')
		.replaceAll(/\p{M}/gu, '')
		.toLowerCase()
		.replaceAll(/[^a-z0-9_-]+/gu, '-')
		.replaceAll(/^[-_]+|[-_]+$/gu, '')
		.slice(0, 40);

/** Name of the instance in a data folder: `octoprint` for `~/.octoprint`, `ender3` for `/home/pi/.ender3`. */
export const nameOfFolder = (dataFolder: string): string => slug(path.basename(dataFolder)) || 'octoprint';

/** A name that is not taken yet, made of the folder's own, then of its parent's, then of a number. */
export const uniqueName = (dataFolder: string, taken: ReadonlySet<string>): string => {
	const name = nameOfFolder(dataFolder);
	if (!taken.has(name)) {
		return name;
	}

	const withParent = `${name}-${slug(path.basename(path.dirname(dataFolder))) || '2'}`;
	let candidate = withParent;
	for (let number = 2; taken.has(candidate); number++) {
		candidate = `${withParent}-${number}`;
	}

	return candidate;
};
