import {EventEmitter} from 'node:events';
import {expect, test} from 'vitest';
import {listenForSignals} from '../../source/commands/signals.js';

const state = async (promise: Promise<unknown>): Promise<unknown> =>
	Promise.race([promise, Promise.resolve('pending')]);

/** Lets everything that is ready to run, run. */
const settle = async (): Promise<void> =>
	new Promise(resolve => {
		setImmediate(resolve);
	});

test.each([
	['SIGINT', 130],
	['SIGTERM', 143],
	['SIGHUP', 129],
])('without a job, %s ends at once with %i', async (signal, code) => {
	const source = new EventEmitter();
	const {ended} = listenForSignals(source);
	source.emit(signal);
	expect(await ended).toBe(code);
});

test('SIGINT cancels the job and waits for its end', async () => {
	const source = new EventEmitter();
	const {ended, track} = listenForSignals(source);
	const {promise: finished, resolve: finish} = Promise.withResolvers<void>();
	let cancelled = 0;
	track({
		cancel() {
			cancelled++;
		},
		finished,
	});
	source.emit('SIGINT');
	await settle();
	expect([cancelled, await state(ended)]).toEqual([1, 'pending']);
	finish();
	expect(await ended).toBe(130);
});

test('a second SIGINT does not wait any more', async () => {
	const source = new EventEmitter();
	const {ended, track} = listenForSignals(source);
	track({cancel: () => undefined, finished: new Promise(() => undefined)});
	source.emit('SIGINT');
	source.emit('SIGINT');
	expect(await ended).toBe(130);
});

test('SIGHUP leaves a command at work alone, with its next job too; without one it ends it', async () => {
	const source = new EventEmitter();
	const {ended, received, isEnding, track} = listenForSignals(source);
	let cancelled = 0;
	for (const _ of ['a plan', 'its restore']) {
		const {promise: finished, resolve: finish} = Promise.withResolvers<void>();
		const untrack = track({
			cancel() {
				cancelled++;
			},
			finished,
		});
		source.emit('SIGHUP');
		finish();
		await settle();
		untrack();
		expect([cancelled, await state(ended), received(), isEnding()]).toEqual([0, 'pending', 129, false]);
	}

	source.emit('SIGHUP');
	expect([await ended, isEnding()]).toEqual([129, true]);
});

test('once released, signals are somebody else’s', async () => {
	const source = new EventEmitter();
	const {ended, release} = listenForSignals(source);
	release();
	source.emit('SIGINT');
	await settle();
	expect([await state(ended), source.listenerCount('SIGINT')]).toEqual(['pending', 0]);
});
