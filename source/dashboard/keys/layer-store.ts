import type {Layer} from './layers.js';

/** The layers that are on screen. The footer and the help listen; they hear only of changes that they show. */
export type LayerStore = {
	readonly get: () => readonly Layer[];
	/** Adds a layer whose newest form is asked for at every key; returns its removal. */
	readonly add: (current: () => Layer) => () => void;
	/** Tells listeners that what the footer shows has changed. */
	readonly touch: () => void;
	readonly subscribe: (listener: () => void) => () => void;
	/** Grows with every change that listeners hear of. */
	readonly version: () => number;
};

export const createLayerStore = (): LayerStore => {
	const sources: (() => Layer)[] = [];
	const listeners = new Set<() => void>();
	let version = 0;
	const touch = (): void => {
		version++;
		for (const listener of listeners) {
			listener();
		}
	};

	return {
		get: () => sources.map(source => source()),
		add: current => {
			sources.push(current);
			touch();
			return () => {
				sources.splice(sources.indexOf(current), 1);
				touch();
			};
		},
		touch,
		subscribe: listener => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		version: () => version,
	};
};
