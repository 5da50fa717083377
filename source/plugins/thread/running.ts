/**
 * Tells the other threads which plugin runs at this very moment, so that one that never gives the thread back can be named. What a plugin has begun keeps
 * its name over everything that comes of it: promises, timers, callbacks.
 */
import {AsyncLocalStorage, createHook} from 'node:async_hooks';
import {markPlaces} from '../messages.js';

export type Running = {
	/** Runs something in the name of a plugin; its place from 0. */
	readonly as: <Value>(plugin: number, work: () => Value) => Value;
	/** The plugin in whose name this runs; -1 for none. */
	readonly current: () => number;
};

/** @param shared see `markPlaces`. */
export const watchRunning = (shared: SharedArrayBuffer): Running => {
	const mark = new Int32Array(shared);
	const storage = new AsyncLocalStorage<number>();
	const current = (): number => storage.getStore() ?? -1;
	const begin = (place: number): void => {
		mark[markPlaces.now] = place + 1;
		if (place !== -1) {
			mark[markPlaces.last] = place + 1;
			mark[markPlaces.count] = (mark[markPlaces.count] ?? 0) + 1;
		}
	};

	createHook({
		// Without it the other two are not called for promises.
		init() {},
		before() {
			begin(current());
		},
		after() {
			mark[markPlaces.now] = 0;
		},
	}).enable();
	return {
		current,
		as(plugin, work) {
			const before = mark[markPlaces.now] ?? 0;
			return storage.run(plugin, () => {
				begin(plugin);
				try {
					return work();
				} finally {
					mark[markPlaces.now] = before;
				}
			});
		},
	};
};
