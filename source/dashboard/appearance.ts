/** Themes and symbols that plugins bring, taken in with care: pure. */
import type {PluginInfo} from '../client/protocol.js';
import {safeText} from '../format/safe-text.js';
import {displayWidth} from '../format/width.js';
import {activePlugins} from '../state/plugin-screens.js';
import {asciiSymbols, type Symbols} from './symbols.js';
import {type Tone, type ToneColors, terminalColors, toneNames} from './theme.js';

/** What a plugin brings, and a sentence for everything in it that is not used. */
export type Taken<Value> = {readonly value: Value; readonly ignored: readonly string[]};

type Brought = {readonly name: string};

/** What is called `PLUGIN/NAME` among what the working plugins bring. */
const findBrought = <Kind extends 'themes' | 'symbols'>(list: readonly PluginInfo[], kind: Kind, wanted: string) => {
	for (const description of activePlugins(list)) {
		const found = (description[kind] as readonly Brought[]).find(({name}) => `${description.id}/${name}` === wanted);
		if (found) {
			return found as (typeof description)[Kind][number];
		}
	}

	return undefined;
};

/** All there are, as the settings name them. */
export const broughtNames = (list: readonly PluginInfo[], kind: 'themes' | 'symbols'): readonly string[] =>
	activePlugins(list).flatMap(({id, [kind]: brought}) => brought.map(({name}) => `${id}/${name}`));

/** Colours of a plugin’s theme; none where there is no such theme. */
export const takeTheme = (list: readonly PluginInfo[], wanted: string): Taken<ToneColors> => {
	const tones = Object.entries(findBrought(list, 'themes', wanted)?.tones ?? {});
	const isTone = (name: string): name is Tone => (toneNames as readonly string[]).includes(name);
	const isColor = (color: string): boolean => (terminalColors as readonly string[]).includes(color);
	return {
		value: Object.fromEntries(tones.filter(([tone, color]) => isTone(tone) && isColor(color))),
		ignored: tones
			.filter(([tone, color]) => !(isTone(tone) && isColor(color)))
			.map(([tone, color]) =>
				isTone(tone)
					? `The theme ${safeText(wanted)} wants ${safeText(color)} for ${tone}, which is none of the terminal’s sixteen colours.`
					: `The theme ${safeText(wanted)} has a colour for ${safeText(tone)}, which there is not.`,
			),
	};
};

const isMark = (name: string): name is Exclude<keyof Symbols, 'unicode' | 'border'> =>
	Object.hasOwn(asciiSymbols, name) && name !== 'unicode' && name !== 'border';

/** Why a mark cannot be used; undefined when it can. */
const markProblem = (mark: string, base: Symbols): string | undefined => {
	if (safeText(mark) !== mark) {
		return 'is not a plain character';
	}

	if (displayWidth(mark) !== 1) {
		return 'is not one cell wide';
	}

	// A terminal that was found to show ASCII only is not asked for more.
	return !base.unicode && !/^[\x20-\x7e]$/u.test(mark) ? 'cannot be shown by this terminal' : undefined;
};

/** A plugin’s marks laid over those that suit the terminal. */
export const takeSymbols = (list: readonly PluginInfo[], wanted: string, base: Symbols): Taken<Symbols> => {
	const marks = Object.entries(findBrought(list, 'symbols', wanted)?.symbols ?? {});
	const problemOf = ([name, mark]: readonly [string, string]): string | undefined =>
		isMark(name) ? markProblem(mark, base) : 'belongs to nothing';
	return {
		value: {...base, ...Object.fromEntries(marks.filter(mark => problemOf(mark) === undefined))},
		ignored: marks.flatMap(mark => {
			const problem = problemOf(mark);
			return problem === undefined
				? []
				: [`The mark ${safeText(mark[0])} of the symbols ${safeText(wanted)} ${problem} and is not used.`];
		}),
	};
};
