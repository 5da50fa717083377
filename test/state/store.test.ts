import {expect, test} from 'vitest';
import {createStore} from '../../source/state/store.js';

test('listeners hear of another value, not of the same one, and not after they left', () => {
	const store = createStore({count: 0});
	const heard: number[] = [];
	const stop = store.subscribe(() => heard.push(store.get().count));
	const next = {count: 1};
	store.set(next);
	store.set(next);
	stop();
	store.set({count: 2});
	expect(heard).toEqual([1]);
});

test('a listener that leaves while it is called does not make another be missed', () => {
	const store = createStore(0);
	let calls = 0;
	const stop = store.subscribe(() => stop());
	store.subscribe(() => {
		calls++;
	});
	store.set(1);
	expect(calls).toBe(1);
});
