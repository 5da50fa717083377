/**
 * Keeps what the language brings as it is: a plugin that changed it would change it for all others and for the thread itself. Only what is there is locked;
 * more can be added, as polyfills do. What derives from it may override nearly everything, by defining it.
 */

/** Often overridden by assignment in what derives from these, which a locked one would forbid. */
const free = new Set<string | symbol>(['constructor', 'toString', 'toLocaleString', 'toJSON', 'valueOf']);

const lockProperties = (target: object): void => {
	for (const key of Reflect.ownKeys(target)) {
		const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
		if (descriptor?.configurable && !free.has(key)) {
			Object.defineProperty(
				target,
				key,
				'value' in descriptor ? {writable: false, configurable: false} : {configurable: false},
			);
		}
	}
};

const iteratorsOf = (...iterables: readonly Iterable<unknown>[]): readonly object[] =>
	iterables.flatMap(iterable => {
		const own: object = Object.getPrototypeOf(iterable[Symbol.iterator]());
		return [own, Object.getPrototypeOf(own)];
	});

/** @param others prototypes and the like that shall stay as they are, too. */
export const lockGlobals = (others: readonly object[] = []): void => {
	const constructors = {Array, Map, Set, WeakMap, Promise, String, Number, RegExp, Symbol, AbortController};
	const single = {JSON, Reflect, Object};
	for (const made of Object.values(constructors)) {
		lockProperties(made);
		lockProperties(made.prototype);
	}

	for (const target of [
		...Object.values(single),
		...iteratorsOf([], new Map(), new Set(), '', 'a'.matchAll(/a/gu)),
		...others,
	]) {
		lockProperties(target);
	}

	for (const name of [...Object.keys(constructors), ...Object.keys(single), 'Error', 'TypeError', 'RangeError']) {
		Object.defineProperty(globalThis, name, {writable: false, configurable: false});
	}
};
