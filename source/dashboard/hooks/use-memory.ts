import {createContext, useCallback, useContext, useRef, useState} from 'react';
import type {Entry} from '../router.js';

/** The place on the router's stack a screen was opened for. */
export const EntryContext = createContext<Entry>({id: 'none', route: {screen: 'home'}, memory: new Map()});

/**
 * State of a screen that is found again when the person comes back: cursor, filter, marks.
 * @param name unique within the screen.
 */
export const useMemory = <Value>(
	name: string,
	initial: Value,
): readonly [Value, (next: Value | ((previous: Value) => Value)) => void] => {
	const {memory} = useContext(EntryContext);
	// The initial value counts once, whatever is given later.
	const first = useRef(initial);
	const [value, setValue] = useState<Value>(() => (memory.has(name) ? (memory.get(name) as Value) : initial));
	const set = useCallback(
		(next: Value | ((previous: Value) => Value)): void => {
			// The memory is read, not React's state: several keys can arrive before the next render.
			const previous = (memory.has(name) ? memory.get(name) : first.current) as Value;
			const changed = typeof next === 'function' ? (next as (previous: Value) => Value)(previous) : next;
			memory.set(name, changed);
			setValue(() => changed);
		},
		[memory, name],
	);
	return [value, set];
};
