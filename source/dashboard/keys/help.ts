import type {KeyGroup} from './bindings.js';
import {bindingList, groupTitles} from './bindings.js';
import type {Layer} from './layers.js';
import {availableActions} from './layers.js';

export type HelpRow =
	| {readonly type: 'title'; readonly text: string}
	| {readonly type: 'key'; readonly keys: string; readonly text: string; readonly disabled: string | undefined};

const groupOrder = [
	'backups',
	'plugins',
	'log',
	'lists',
	'dialogs',
	'fields',
	'everywhere',
] as const satisfies readonly KeyGroup[];

/** The help of what has the focus: every key that does something now, by group, and why one does not. Pure. */
export const helpRows = (layers: readonly Layer[]): readonly HelpRow[] => {
	const available = availableActions(layers);
	return groupOrder.flatMap(group => {
		const rows = bindingList.filter(binding => binding.group === group && available.has(binding.action));
		return rows.length === 0
			? []
			: [
					{type: 'title', text: groupTitles[group]} as const,
					...rows.map(
						({shown, description, action}) =>
							({type: 'key', keys: shown, text: description, disabled: available.get(action)}) as const,
					),
				];
	});
};
