import type {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';

/**
 * An error as it stands on stderr: what failed, what to do, where to read more. Never a stack trace.
 * @param logFile empty when nothing was logged.
 */
export const errorLines = (error: PrintkeepError, logFile: string): string => {
	const lines = [`printkeep: ${safeText(error.message)}`];
	if (error.hint !== '') {
		lines.push(safeText(error.hint));
	}

	if (logFile !== '') {
		lines.push(`Log: ${safeText(logFile)}`);
	}

	return `${lines.join('\n')}\n`;
};
