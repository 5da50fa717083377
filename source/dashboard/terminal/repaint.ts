import type {Instance} from 'ink';
import type {ReactNode} from 'react';
import {eraseScreen} from './escapes.js';

/**
 * Draws everything anew, also what another program has overwritten or a resized terminal has kept. In the next turn, since it may be asked for while
 * something is being drawn. Erasing and drawing reach the terminal in one write, so that nobody sees an empty screen between them.
 */
export const repaint = (ink: Instance, stdout: NodeJS.WriteStream, app: () => ReactNode): void => {
	setImmediate(() => {
		stdout.cork();
		try {
			ink.clear();
			stdout.write(eraseScreen);
			ink.rerender(app());
			// Ink draws a frame that it holds back (for its frame rate) in the turn after this call, before what is queued behind it.
			void ink.waitUntilRenderFlush();
		} finally {
			setImmediate(() => stdout.uncork());
		}
	});
};
