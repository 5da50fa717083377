import type {Output} from '../system.js';
import type {Printer} from './printer.js';

/**
 * JSON that is safe on a terminal too: JSON escapes the C0 controls by itself, this escapes DEL, the C1 controls, the
 * bidirectional and invisible ones and the line separators, which are all the same characters to a JSON reader.
 */
export const toJson = (value: unknown, indent?: number): string =>
	JSON.stringify(value, undefined, indent).replaceAll(
		/[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu,
		character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);

/** One event per line. Nothing is ever taken back, so there is nothing to clear. */
export const createJsonPrinter = (output: Output): Printer => ({
	event(event) {
		// What lies in the store is what `list` is asked for.
		if (event.type !== 'catalog-changed' && event.type !== 'holder-changed') {
			output.write(`${toJson(event)}\n`);
		}
	},
	clear: () => undefined,
});
