import type {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';

/** What is printed when the program ends because of an error: what failed, what to do, where the log is. */
export const errorText = ({message, hint}: PrintkeepError, logPath: string): string =>
	[`printkeep: ${safeText(message)}`, ...(hint === '' ? [] : [hint]), `Log: ${safeText(logPath)}`, ''].join('\n');
