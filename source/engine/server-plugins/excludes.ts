import {adapterFor} from '../adapter-for.js';
import type {ExtraExclude, ExtraExcludesSource} from '../jobs/extra-excludes.js';
import {knownPlaces, meantByAnswer} from '../jobs/plugin-answer.js';
import {askServerPlugins} from './ask.js';

/** Beyond that, a plugin says something else than it means, and a backup's list of contents would suffer. */
const mostPaths = 10_000;

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text);

/**
 * What the plugins installed in the server itself want left out, as the server's own backup does it. Where they answer, what is known of them by heart is
 * not needed; it holds for those that failed, and for all of them when they could not be asked.
 */
export const serverPluginExcludes: ExtraExcludesSource = async ({ports, signal}, {target}, layout, options) => {
	const {instance, store} = target;
	const adapter = await adapterFor(ports, instance.kind);
	const none = {excludes: [], notes: [], told: [], layout};
	const answers = await askServerPlugins(ports, instance, {
		told: [...adapter.toldExcludes(options.excludes), ...options.told],
		signal,
		knownOnly: options.knownOnly,
	});
	if (answers === null) {
		return none;
	}

	if (answers !== 'nobody' && answers.type === 'no-answer') {
		return {
			...none,
			notes: [
				`The server's plugins could not be asked what they want left out, since ${answers.reason}: what is known to be of no use in a backup is left out instead.`,
			],
		};
	}

	const excludes: ExtraExclude[] = [];
	const notes: string[] = [];
	const told: string[] = [];
	const silentPlugins: string[] = [];
	const places = knownPlaces(layout, instance);
	for (const {plugin, name, items, error} of answers === 'nobody' ? [] : answers.plugins) {
		const title = cut(name, 100);
		const meant = meantByAnswer(plugin, items, places);
		const problem = error ?? (meant.paths.length + excludes.length > mostPaths ? 'it named too many files' : undefined);
		if (problem !== undefined) {
			silentPlugins.push(plugin);
			notes.push(`The plugin ${title} did not tell what it wants left out: ${cut(problem, 300)}.`);
			continue;
		}

		told.push(...meant.told);
		excludes.push(...meant.paths.map(path => ({path, plugin, reason: `The plugin ${title} leaves it out.`})));
	}

	return {excludes, notes, told, layout: await adapter.layout(instance, store, {silentPlugins})};
};
