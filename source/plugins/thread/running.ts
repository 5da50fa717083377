/**
 * Tells the other threads which plugin runs at this very moment, so that one that never gives the thread back can be named. What a plugin has begun keeps
 * its name over everything that comes of it: promises, timers, callbacks.
 */
import {AsyncLocalStorage, createHook} from 'node:async_hooks';

export type Running = {
	/** Runs something in the name of a plugin; its place from 0. */
	readonly as: <Value>(plugin: number, work: () => Value) => Value;
	/** The plugin in whose name this runs; -1 for none. */
	readonly current: () => number;
};

/** @param shared one number: the plugin's place from 1, 0 while none runs. */
export const watchRunning = (shared: SharedArrayBuffer): Running => {
	const mark = new Int32Array(shared);
	const storage = new AsyncLocalStorage<number>();
	const current = (): number => storage.getStore() ?? -1;
	createHook({
		// Without it the other two are not called for promises.
		init() {},
		before() {
			mark[0] = current() + 1;
		},
		after() {
			mark[0] = 0;
		},
	}).enable();
	return {
		current,
		as(plugin, work) {
			const before = mark[0] ?? 0;
			return storage.run(plugin, () => {
				mark[0] = plugin + 1;
				try {
					return work();
				} finally {
					mark[0] = before;
				}
			});
		},
	};
};
