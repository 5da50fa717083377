/** What plugins want to have left out of a backup, beyond the parts a person leaves out and the rules of the server. */
import {lstatSync} from 'node:fs';
import type {Layout, PartDefinition} from '../../servers/adapter.js';
import {serverPluginExcludes} from '../server-plugins/excludes.js';
import type {JobContext} from './context.js';
import type {CreateRequest} from './create-intake.js';
import {knownPlaces, meantByAnswer} from './plugin-answer.js';

export type ExtraExclude = {
	/** Inside the data folder, without a trailing slash: `data/foo/bar`. A folder stands for all below it. */
	readonly path: string;
	/** For a person. */
	readonly reason: string;
	/** Identifier of the plugin that wants it. */
	readonly plugin: string;
};

export type ExtraExcludes = {
	readonly excludes: readonly ExtraExclude[];
	/** What a person should know about how they were found out, in sentences. */
	readonly notes: readonly string[];
	/** What the plugins asked after these are told beside the parts that are left out: `data/<plugin>/<item>`. */
	readonly told: readonly string[];
	/** The layout without the rules that those who were asked have made unnecessary. */
	readonly layout: Layout;
};

/** Somebody who has plugins to ask. */
export type ExtraExcludesSource = (
	context: Pick<JobContext, 'ports' | 'signal' | 'plugins'>,
	request: {readonly target: Pick<CreateRequest['target'], 'instance' | 'store'>},
	layout: Layout,
	options: {
		/** Names of the parts left out. */
		readonly excludes: readonly string[];
		/** What the sources asked before want left out, as plugins are told it. */
		readonly told: readonly string[];
		/** True when nobody waits: only what is known already counts, and what would have to be asked for is as if it were not there. */
		readonly knownOnly: boolean;
	},
) => Promise<ExtraExcludes>;

/** Asks printkeep's own plugins. */
const askOwnPlugins: ExtraExcludesSource = async ({plugins}, {target}, layout, {excludes, told, knownOnly}) => {
	if (!plugins || knownOnly) {
		return {excludes: [], notes: [], told: [], layout};
	}

	const places = knownPlaces(layout, target.instance);
	const answers = await plugins.excludes(
		[...excludes, ...told],
		(plugin, items) => meantByAnswer(plugin, items, places).told,
	);
	const meant = answers.map(({plugin, items}) => ({plugin, ...meantByAnswer(plugin, items, places)}));
	return {
		excludes: meant.flatMap(({plugin, paths}) =>
			paths.map(path => ({path, plugin, reason: `The plugin ${plugin} leaves it out.`})),
		),
		notes: [],
		told: meant.flatMap(one => one.told),
		layout,
	};
};

/** In the order in which they are asked; each is told what those before it answered. */
const sources: readonly ExtraExcludesSource[] = [serverPluginExcludes, askOwnPlugins];

const exists = (path: string): boolean => {
	try {
		return lstatSync(path, {throwIfNoEntry: false}) !== undefined;
	} catch {
		return false;
	}
};

/** The part a path inside the data folder belongs to, and where it lies on the disk; undefined when it belongs to none. Of parts in each other, the innermost. */
const locate = (
	{parts}: Pick<Layout, 'parts'>,
	path: string,
): {readonly part: PartDefinition; readonly source: string} | undefined => {
	let best: {readonly part: PartDefinition; readonly source: string} | undefined;
	let length = -1;
	for (const part of parts) {
		for (const {source, target} of part.roots) {
			if (target.length > length && (path === target || path.startsWith(`${target}/`))) {
				best = {part, source: `${source}${path.slice(target.length)}`};
				length = target.length;
			}
		}
	}

	return best;
};

/** Those that exist, with the part each belongs to; without what is left out anyway, and what no backup can do without. */
export const presentExcludes = (
	layout: Layout,
	extra: readonly ExtraExclude[],
): readonly (ExtraExclude & {readonly part: string})[] => {
	const named = new Set(layout.leftOutPaths.map(({path}) => path));
	return extra.flatMap(exclude => {
		const place = locate(layout, exclude.path);
		const isChoice = place?.part.inclusion === 'included' || place?.part.inclusion === 'excluded';
		if (!place || !isChoice || named.has(exclude.path) || !exists(place.source)) {
			return [];
		}

		named.add(exclude.path);
		return [{...exclude, part: place.part.name}];
	});
};

/**
 * A layout that leaves out some paths more: `leftOut` answers for them and all below, `leftOutPaths` lists those that exist. Nothing of a part that no
 * backup can do without is left out, whoever wants it.
 */
export const withExtraExcludes = (layout: Layout, extra: readonly ExtraExclude[]): Layout => {
	if (extra.length === 0) {
		return layout;
	}

	const reasons = new Map(extra.map(({path, reason}) => [path, reason]));
	const wanted = (target: string): string | undefined => {
		for (let path = target; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
			const reason = reasons.get(path);
			if (reason !== undefined) {
				return reason;
			}
		}

		return undefined;
	};
	const reasonOf = (target: string): string | undefined => {
		const reason = wanted(target);
		return reason !== undefined && locate(layout, target)?.part.inclusion === 'required' ? undefined : reason;
	};

	return {
		...layout,
		parts: layout.parts.map(part => ({
			...part,
			// A walk takes the roots of a part as given, and asks only for what is below.
			roots: part.roots.filter(({target}) => reasonOf(target) === undefined),
		})),
		leftOut: (target, excludes) => layout.leftOut(target, excludes) ?? reasonOf(target),
		leftOutPaths: [
			...layout.leftOutPaths,
			...presentExcludes(layout, extra).map(({part, path, reason}) => ({part, path, reason})),
		],
	};
};

/**
 * Asks everybody who has plugins what they want left out. Who does not answer is named in the notes.
 * @throws plugin-failed where the instance's policy says so; what the signal is aborted with.
 */
export const collectExtraExcludes: ExtraExcludesSource = async (
	context,
	request,
	layout,
	{excludes, told, knownOnly},
) => {
	let all: ExtraExcludes = {excludes: [], notes: [], told, layout};
	for (const ask of sources) {
		const more = await ask(context, request, all.layout, {excludes, told: all.told, knownOnly});
		all = {
			excludes: [...all.excludes, ...more.excludes],
			notes: [...all.notes, ...more.notes],
			told: [...all.told, ...more.told],
			layout: more.layout,
		};
	}

	return all;
};
