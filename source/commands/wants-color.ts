import type {Settings} from '../settings/schema.js';

/** False when the option, the environment (https://no-color.org) or the settings say that there are to be no colours. */
export const wantsColor = (
	environment: Readonly<Record<string, string | undefined>>,
	{color}: Pick<Settings, 'color'>,
	noColorOption: boolean,
): boolean => !noColorOption && !environment.NO_COLOR && environment.FORCE_COLOR !== '0' && color !== 'never';
