import type {Result} from '../client/protocol.js';
import {safeText} from '../format/safe-text.js';
import {proseOutput} from './printers/prose.js';
import type {System} from './system.js';

/** Says on standard error what became of a restore that had been interrupted; the command's own output stays as it is. */
export const tellRecovery =
	({stderr}: Pick<System, 'stderr'>) =>
	({message, hint}: Result<'recover.pending'>): void => {
		const lines = [message, hint].filter(text => text !== '').map(text => `${safeText(text)}\n`);
		proseOutput(stderr).write(lines.join(''));
	};
