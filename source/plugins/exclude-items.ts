import {PrintkeepError} from '../errors.js';

/** Something a plugin wants left out of backups. */
export type PluginExclude = {
	/** Id of the plugin. */
	readonly plugin: string;
	/** Path inside the data folder: `data/example/cache`. */
	readonly path: string;
};

const maximumItems = 10_000;

/**
 * What a plugin's answer leaves out. Each item is taken as it stands below the plugin's own folder; `.` is the folder itself. A path that could lead out of
 * it, or that cannot be one, leaves out nothing.
 * @throws plugin-failed when it is no list of texts.
 */
export const excludesOf = (plugin: string, answer: unknown): readonly PluginExclude[] => {
	if (!Array.isArray(answer) || answer.length > maximumItems || answer.some(item => typeof item !== 'string')) {
		throw new PrintkeepError(
			'plugin-failed',
			`The plugin ${plugin} failed: additionalExcludes did not answer with a list of paths.`,
		);
	}

	const items = answer as readonly string[];
	if (items.includes('.')) {
		return [{plugin, path: `data/${plugin}`}];
	}

	return items
		.map(item => item.replace(/\/+$/u, ''))
		.filter(item => item !== '' && item.split('/').every(step => step !== '' && step !== '.' && step !== '..'))
		.map(item => ({plugin, path: `data/${plugin}/${item}`}));
};
