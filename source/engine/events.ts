import type {EngineEvent} from '../client/protocol.js';

export type EventBus = {
	readonly emit: (event: EngineEvent) => void;
	/** Returns the function that ends the subscription. */
	readonly subscribe: (listener: (event: EngineEvent) => void) => () => void;
};

/** The engine's one stream of events. A listener that throws does not keep the others from hearing. */
export const createEventBus = (): EventBus => {
	const listeners = new Set<(event: EngineEvent) => void>();
	return {
		emit(event) {
			for (const listener of [...listeners]) {
				try {
					listener(event);
				} catch {
					// Whoever listens answers for itself; the job must go on.
				}
			}
		},
		subscribe(listener) {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
	};
};
