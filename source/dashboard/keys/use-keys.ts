import {useInput, usePaste} from 'ink';
import {useRef} from 'react';
import {useDashboard} from '../dashboard-context.js';
import type {KeyPress} from './key-names.js';
import {readKeys} from './key-names.js';
import {pasteTarget, resolveKey} from './layers.js';

/**
 * The one place that reads the keyboard. Ink tells every handler of every key, so there is a single handler, and the layers say what a key means.
 * @param onRefused is told the reason when a disabled action's key is pressed.
 */
export const useKeys = (onRefused: (reason: string) => void): void => {
	const {layers} = useDashboard();
	const waiting = useRef<KeyPress[]>([]);
	const isDrawing = useRef(false);
	const press = (key: KeyPress): void => {
		const resolved = resolveKey(layers.get(), key);
		switch (resolved.type) {
			case 'text':
				resolved.write(key.text);
				break;
			case 'action':
				if (resolved.handler.disabled === undefined) {
					resolved.handler.run(key);
				} else {
					onRefused(resolved.handler.disabled);
				}

				break;
			case 'nothing':
				break;
		}
	};

	// Keys that arrive together, as over a slow connection, are pressed one after the other, each on a screen that shows what the one before has done:
	// the second may belong to a dialog that the first opens. React draws in the turn of the event loop after the key, hence the two turns.
	const pressNext = (): void => {
		const key = waiting.current.shift();
		if (key) {
			press(key);
			afterDrawing();
		} else {
			isDrawing.current = false;
		}
	};

	const afterDrawing = (): void => {
		isDrawing.current = true;
		setImmediate(() => setImmediate(pressNext));
	};

	useInput((input, key) => {
		waiting.current.push(...readKeys(input, key));
		if (!isDrawing.current) {
			pressNext();
		}
	});

	usePaste(text => {
		const write = pasteTarget(layers.get());
		if (write) {
			write(text);
		} else {
			onRefused('There is no field here to paste into.');
		}
	});
};
