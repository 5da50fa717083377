/** Values that a plugin may bring along beside those there are: sets of symbols and themes, written `PLUGIN/NAME`. */
import {PrintkeepError} from '../errors.js';

export const symbolChoices = ['auto', 'unicode', 'ascii'] as const;
export const themeChoices = ['default'] as const;

const form = /^[a-z][a-z0-9_-]{0,63}\/[^/\p{C}]{1,60}$/u;

/** True for a name as plugins’ things have one. Whether the plugin is there, and has it, is known only when plugins run. */
export const isBrought = (text: string): boolean => form.test(text);

/** The choice of that name, whatever its case, or a plugin’s as it is. Error: `invalid-setting`. */
export const choiceOrBrought = (choices: readonly string[], text: string): string => {
	const found = choices.find(choice => choice === text.toLowerCase()) ?? (isBrought(text) ? text : undefined);
	if (found === undefined) {
		throw new PrintkeepError(
			'invalid-setting',
			`“${text}” is none of: ${choices.join(', ')}, or what a plugin brings, as PLUGIN/NAME.`,
		);
	}

	return found;
};
