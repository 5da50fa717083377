import {PrintkeepError} from '../../errors.js';
import type {Layout, PartDefinition} from '../../servers/adapter.js';

/**
 * The names of the parts that stay out, from what a person said: parts to leave out, and default-excluded parts to take in. Leaving out wins.
 * Parts that are never in may be named and change nothing.
 * @throws PrintkeepError usage for unknown names, for the required part, and for taking in what is never taken in.
 */
export const resolveExcludes = (
	layout: Layout,
	excludes: readonly string[],
	includes: readonly string[],
): readonly string[] => {
	const choices = layout.parts.filter(({inclusion}) => inclusion === 'included' || inclusion === 'excluded');
	const find = (name: string): PartDefinition => {
		const wanted = name.trim().toLowerCase();
		const part = layout.parts.find(candidate => candidate.name.toLowerCase() === wanted);
		if (!part) {
			throw new PrintkeepError('usage', `There is no part called ${JSON.stringify(name)}.`, {
				hint: `Parts that can be left out: ${choices.map(choice => choice.name).join(', ')}.`,
			});
		}

		return part;
	};

	const out = new Set(choices.filter(({inclusion}) => inclusion === 'excluded').map(({name}) => name));
	for (const name of includes) {
		const part = find(name);
		if (part.inclusion === 'never') {
			throw new PrintkeepError('usage', `${part.name} is never backed up: ${part.reason}`);
		}

		out.delete(part.name);
	}

	for (const name of excludes) {
		const part = find(name);
		if (part.inclusion === 'required') {
			throw new PrintkeepError('usage', `${part.name} cannot be left out: a backup without it could not be restored.`, {
				hint: `Parts that can be left out: ${choices.map(choice => choice.name).join(', ')}.`,
			});
		}

		if (part.inclusion !== 'never') {
			out.add(part.name);
		}
	}

	return layout.parts.map(({name}) => name).filter(name => out.has(name));
};
