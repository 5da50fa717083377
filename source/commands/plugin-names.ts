/** Plugins as a person names them. */
import type {PluginInfo} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {builtInPlugins} from '../plugins/built-in/registry.js';
import type {PluginEntry} from '../plugins/messages.js';
import {builtInPrefix} from '../plugins/resolve-source.js';
import type {CommandContext} from './context.js';
import {suggest} from './suggest.js';

/** Ids of the plugins that come with printkeep. */
export const builtInIds: readonly string[] = Object.keys(builtInPlugins).map(source =>
	source.slice(builtInPrefix.length),
);

/** How a plugin is named in the settings: a path is made absolute, a built-in is meant by its id, anything else is a package. */
export const sourceOf = (text: string, absolute: (path: string) => string): string => {
	if (text.startsWith(builtInPrefix)) {
		return text;
	}

	if (builtInIds.includes(text)) {
		return `${builtInPrefix}${text}`;
	}

	return /^[./~]/u.test(text) ? absolute(text) : text;
};

/** What a person calls a plugin of the settings: its id, once it is known. */
export const titleOf = ({
	source,
	description,
	id,
}: Pick<PluginInfo, 'source' | 'description'> & {readonly id?: string | undefined}): string =>
	safeText(description?.id ?? id ?? (source.startsWith(builtInPrefix) ? source.slice(builtInPrefix.length) : source));

/**
 * The entry of the settings a person means, by its id or by what it was enabled with.
 * @throws no-plugin with the name that was probably meant
 */
export const findEntry = async (context: CommandContext, text: string): Promise<PluginEntry> => {
	const {plugins: entries} = context.settings.read();
	const source = sourceOf(text, context.absolute);
	const named = entries.find(entry => entry.source === source);
	if (named) {
		return named;
	}

	const noted = entries.find(({id}) => id === text);
	if (noted) {
		return noted;
	}

	// Only those that are switched on are run to find out who they are.
	const known = await (await context.client()).request('plugins.list', {});
	const found = known.find(({description}) => description?.id === text);
	const byId = entries.find(entry => entry.source === found?.source);
	if (byId) {
		return {...byId, id: text};
	}

	const meant = suggest(text, [...known.map(titleOf), ...entries.flatMap(({id}) => id ?? [])]);
	throw new PrintkeepError('no-plugin', `There is no plugin called ${safeText(text)} in the settings.`, {
		hint:
			meant === undefined
				? 'See which there are with: printkeep plugins list'
				: `Did you mean ${meant}? See: printkeep plugins list`,
	});
};
