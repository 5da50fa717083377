import type {ActionHandlers} from '../keys/layers.js';
import type {Blocks} from './use-blocks.js';
import {useLayer} from './use-layer.js';

/**
 * The keys of a screen that is made of pieces: those that move, the one that asks for its content again, and, where something is chosen, the one that does it.
 * @param options.again asks for the content again.
 * @param options.running name of the command that runs; null when none does.
 * @param options.waits tells whether an action has to wait for that; each does when missing.
 * @param options.further keys of the screen's own.
 */
export const useBlockKeys = <Action>(
	{action, actions}: Blocks<Action>,
	{
		again,
		choose,
		running,
		waits = () => true,
		further,
	}: {
		readonly again: () => void;
		readonly choose: (action: Action) => void;
		readonly running: string | null;
		readonly waits?: (action: Action) => boolean;
		readonly further: ActionHandlers;
	},
): void => {
	useLayer({
		rank: 'screen',
		actions: {
			...actions,
			refresh: again,
			...(action
				? {
						choose: {
							run: () => choose(action),
							disabled: running !== null && waits(action) ? `${running} is running: wait for it.` : undefined,
						},
					}
				: {}),
			...further,
		},
	});
};
