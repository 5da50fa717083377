/** Holds one value, tells listeners when it is another one. */
export type Store<Value> = {
	readonly get: () => Value;
	/** Puts another value in place; the same value tells nobody. */
	readonly set: (value: Value) => void;
	/** Returns the function that ends the subscription. */
	readonly subscribe: (listener: () => void) => () => void;
};

/** Makes a store. */
export const createStore = <Value>(initial: Value): Store<Value> => {
	const listeners = new Set<() => void>();
	let value = initial;
	return {
		get: () => value,
		set(next) {
			if (Object.is(next, value)) {
				return;
			}

			value = next;
			for (const listener of [...listeners]) {
				listener();
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
