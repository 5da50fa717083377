import type {Instance} from 'ink';
import type {ReactNode} from 'react';
import {eraseScreen} from './escapes.js';

/**
 * Draws everything anew, also what another program has overwritten or a resized terminal has kept. In the next turn, since it may be asked for while
 * something is being drawn.
 */
export const repaint = (ink: Instance, write: (text: string) => void, app: () => ReactNode): void => {
	setImmediate(() => {
		ink.clear();
		write(eraseScreen);
		ink.rerender(app());
	});
};
