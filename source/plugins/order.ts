import type {PluginDescription} from './messages.js';

/** Plugins in the order they are asked for one ability: lower numbers first, those without one at 0, equal ones as the settings list them. */
export const inOrder = <One extends Pick<PluginDescription, 'order'>>(
	plugins: readonly One[],
	ability: string,
): readonly One[] =>
	plugins
		.map((plugin, place) => ({plugin, place, order: plugin.order[ability] ?? plugin.order.all ?? 0}))
		.sort((left, right) => left.order - right.order || left.place - right.place)
		.map(({plugin}) => plugin);
