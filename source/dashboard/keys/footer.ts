import {displayWidth} from '../../format/width.js';
import type {Action} from './bindings.js';
import {bindingList} from './bindings.js';
import type {Layer} from './layers.js';
import {availableActions} from './layers.js';

export type Hint = {readonly keys: string; readonly label: string; readonly isDisabled: boolean};

/** Cancelling and cleaning up are there only while there is something to cancel or clean up, and must be seen then. Next comes what belongs to the focused layer; what always works comes last. */
const order = (action: Action, isFocused: boolean): number =>
	action === 'cancel-job' ? -2 : action === 'recover' ? -1 : isFocused ? 0 : action === 'quit' ? 2 : 1;

/**
 * The hints of the footer, most important first, as many as fit beside `? help`, which is never cut.
 * Pure.
 * @param width cells of the line.
 */
export const footerHints = (
	layers: readonly Layer[],
	width: number,
	ellipsis: string,
): {readonly hints: readonly Hint[]; readonly isCut: boolean; readonly help: boolean} => {
	const available = availableActions(layers);
	const help = available.has('help');
	const focused = new Set<string>(
		layers.filter(({rank}) => rank !== 'global').flatMap(({actions}) => Object.keys(actions)),
	);
	const wanted = bindingList
		.filter(({action, footer}) => footer !== undefined && available.has(action))
		.map((binding, index) => ({binding, rank: order(binding.action, focused.has(binding.action)), index}))
		.sort((a, b) => a.rank - b.rank || a.index - b.index);
	let room = width - (help ? displayWidth('? help') : 0);
	const hints: Hint[] = [];
	for (const [place, {binding}] of wanted.entries()) {
		// Two keys that mean the same are too much for one line: the last one shown is the letter.
		const keys = binding.shown.split(' ').at(-1) ?? binding.shown;
		const size = displayWidth(`${keys} ${binding.footer}`) + 2;
		const isLast = place === wanted.length - 1;
		if (size > room - (isLast ? 0 : displayWidth(ellipsis) + 2)) {
			return {hints, isCut: true, help};
		}

		room -= size;
		hints.push({keys, label: binding.footer ?? '', isDisabled: available.get(binding.action) !== undefined});
	}

	return {hints, isCut: false, help};
};
